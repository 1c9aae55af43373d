import WaybillAudacity
import WaybillCOCO
import WaybillCoNLL
import WaybillCoNLLU
import WaybillFormatSupport
import WaybillGroundTruth
import WaybillJSONLText
import WaybillMOT
import WaybillModelArts
import WaybillNative
import WaybillPascalVOC
import WaybillRTTM
import WaybillSRT
import WaybillSegments
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
    ModelArtsFormat.self,
    MOTFormat.self,
    NativeFormat.self,
    PascalVOCFormat.self,
    RTTMFormat.self,
    SegmentsFormat.self,
    SRTFormat.self,
    TextGridFormat.self,
    WebVTTFormat.self,
    YOLOFormat.self,
  ])
}
