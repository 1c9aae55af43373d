import WaybillCOCO
import WaybillFormatSupport
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillSRT
import WaybillTextGrid
import WaybillWebVTT
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    COCOFormat.self,
    ModelArtsFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    SRTFormat.self,
    TextGridFormat.self,
    WebVTTFormat.self,
    YOLOFormat.self,
  ])
}
