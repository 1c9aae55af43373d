// The one import of a program that reads, converts or checks datasets; see Waybill.docc for a tour.

@_exported import WaybillAllFormats
@_exported import WaybillAllStores
@_exported import WaybillComparison
@_exported import WaybillConversion
@_exported import WaybillDatasetModel
@_exported import WaybillDiagnostics
@_exported import WaybillFormatSupport
@_exported import WaybillLabelRepository
@_exported import WaybillObjectStore
@_exported import WaybillSampleFilter
@_exported import WaybillVersioning
