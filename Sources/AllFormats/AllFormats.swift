import WaybillCOCO
import WaybillFormatSupport
import WaybillGroundTruth
import WaybillMOT
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    COCOFormat.self,
    GroundTruthFormat.self,
    ModelArtsFormat.self,
    MOTFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    YOLOFormat.self,
  ])
}
