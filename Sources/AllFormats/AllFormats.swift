import WaybillCOCO
import WaybillFormatSupport
import WaybillJSONLText
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    COCOFormat.self,
    JSONLTextFormat.self,
    ModelArtsFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    YOLOFormat.self,
  ])
}
