// The one import of a program that reads, converts or checks datasets; see Waybill.docc for a tour.

@_exported import WaybillAllFormats
@_exported import WaybillComparison
@_exported import WaybillConversion
@_exported import WaybillDatasetModel
@_exported import WaybillDiagnostics
@_exported import WaybillFormatSupport
@_exported import WaybillSampleFilter
