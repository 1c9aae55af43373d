import WaybillAudacity
import WaybillCOCO
import WaybillCoNLL
import WaybillCoNLLU
import WaybillFormatSupport
import WaybillGroundTruth
import WaybillJSONLText
import WaybillMediaFolder
import WaybillModelArts
import WaybillMOT
import WaybillNative
import WaybillPascalVOC
import WaybillRTTM
import WaybillSegments
import WaybillSRT
import WaybillTextClassification
import WaybillTextGrid
import WaybillWebVTT
import WaybillYOLO

extension FormatRegistry {
  /// Every format of this package.
  public static let all = FormatRegistry([
    AudacityFormat.self,
    COCOFormat.self,
    CoNLLFormat.self,
    CoNLLUFormat.self,
    GroundTruthFormat.self,
    JSONLTextFormat.self,
    MediaFolderFormat.self,
    ModelArtsFormat.self,
    MOTFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    RTTMFormat.self,
    SegmentsFormat.self,
    SRTFormat.self,
    TextClassificationFormat.self,
    TextGridFormat.self,
    WebVTTFormat.self,
    YOLOFormat.self,
  ])
}
