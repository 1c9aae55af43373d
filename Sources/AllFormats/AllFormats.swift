import WaybillCOCO
import WaybillCoNLL
import WaybillCoNLLU
import WaybillFormatSupport
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    COCOFormat.self,
    CoNLLFormat.self,
    CoNLLUFormat.self,
    ModelArtsFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    YOLOFormat.self,
  ])
}
