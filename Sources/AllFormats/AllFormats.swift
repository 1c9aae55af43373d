import WaybillCOCO
import WaybillCoNLL
import WaybillFormatSupport
import WaybillGroundTruth
import WaybillJSONLText
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillRTTM
import WaybillTextClassification
import WaybillTextGrid
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    COCOFormat.self,
    CoNLLFormat.self,
    GroundTruthFormat.self,
    JSONLTextFormat.self,
    ModelArtsFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    RTTMFormat.self,
    TextClassificationFormat.self,
    TextGridFormat.self,
    YOLOFormat.self,
  ])
}
