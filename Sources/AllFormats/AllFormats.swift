import WaybillAudacity
import WaybillCOCO
import WaybillFormatSupport
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillRTTM
import WaybillSegments
import WaybillTextGrid
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    AudacityFormat.self,
    COCOFormat.self,
    ModelArtsFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    RTTMFormat.self,
    SegmentsFormat.self,
    TextGridFormat.self,
    YOLOFormat.self,
  ])
}
