import WaybillDatasetModel
import WaybillSyntax

/// The kinds of labels a manifest knows, by the word after `modelarts/`.
enum LabelingType: UInt8 {
  case imageClassification, objectDetection, imageSegmentation, textClassification, textEntity, textTriplet, audioClassification,
    audioContent, audioSegmentation
  /// A type that is none of these.
  case unknown
  /// No type given.
  case none

  /// The type as it is written.
  var text: StaticString {
    switch self {
    case .imageClassification: "modelarts/image_classification"
    case .objectDetection: "modelarts/object_detection"
    case .imageSegmentation: "modelarts/image_segmentation"
    case .textClassification: "modelarts/text_classification"
    case .textEntity: "modelarts/text_entity"
    case .textTriplet: "modelarts/text_triplet"
    case .audioClassification: "modelarts/audio_classification"
    case .audioContent: "modelarts/audio_content"
    case .audioSegmentation: "modelarts/audio_segmentation"
    case .unknown, .none: ""
    }
  }

  private static let known: [LabelingType] = [
    .imageClassification, .objectDetection, .imageSegmentation, .textClassification, .textEntity, .textTriplet,
    .audioClassification, .audioContent, .audioSegmentation,
  ]

  /// Finds a type; `isPlain` says whether it would be written the same.
  @inline(__always) static func find(_ value: JSONString) -> (type: LabelingType, isPlain: Bool) {
    if !value.hasEscape, value == LabelingType.imageClassification.text { return (.imageClassification, true) }
    return findSlowly(value)
  }

  @inline(never) private static func findSlowly(_ value: JSONString) -> (type: LabelingType, isPlain: Bool) {
    if !value.hasEscape {
      var raw: UInt8 = 1
      while raw < LabelingType.unknown.rawValue {
        if let type = LabelingType(rawValue: raw), value == type.text { return (type, true) }
        raw &+= 1
      }
    }
    // Other services' prefixes are let through, as the service's own readers do.
    let text = value.makeString()
    let suffix = text.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? text
    if suffix == "sound_classification" { return (.audioClassification, false) }
    for type in known where type.text.description.dropFirst(10) == suffix { return (type, text == type.text.description) }
    return (.unknown, false)
  }

  /// The kind of media a type is about; nil where the type does not say.
  var mediaKind: Media.Kind? {
    switch self {
    case .imageClassification, .objectDetection, .imageSegmentation: .image
    case .textClassification, .textEntity, .textTriplet: .text
    case .audioClassification, .audioContent, .audioSegmentation: .audio
    case .unknown, .none: nil
    }
  }

  /// The type an annotation is written with when nothing else was said.
  @inline(__always) static func natural(_ content: Content, _ kind: Media.Kind) -> LabelingType {
    switch content {
    case .label:
      switch kind {
      case .text: .textClassification
      case .audio: .audioClassification
      case .image, .video, .table, .file: .imageClassification
      }
    case .span: .textEntity
    case .link: .textTriplet
    case .interval: .audioSegmentation
    case .text: .audioContent
    case .reference: .objectDetection
    }
  }

  /// What an annotation mainly says, which decides its type.
  enum Content: UInt8 {
    case label, span, link, interval, text, reference

    /// What an annotation with some features mainly says.
    @inline(__always) init(_ features: FeatureSet, hasLabel: Bool) {
      if features.contains(.reference) {
        self = .reference
      } else if features.contains(.link) {
        self = .link
      } else if features.contains(.span) {
        self = .span
      } else if features.contains(.interval) {
        self = .interval
      } else {
        self = !hasLabel && (features.contains(.text) || features.contains(.caption)) ? .text : .label
      }
    }
  }
}

/// The numbers of `sample-type`.
enum SampleType {
  static func kind(_ number: Int64) -> Media.Kind? {
    switch number {
    case 0: .image
    case 1: .text
    case 2: .audio
    case 4: .table
    case 6: .video
    case 9: .file
    default: nil
    }
  }

  static func number(_ kind: Media.Kind) -> Int {
    switch kind {
    case .image: 0
    case .text: 1
    case .audio: 2
    case .table: 4
    case .video: 6
    case .file: 9
    }
  }

  /// The kind of media a name's extension stands for.
  static func kind(extension text: String) -> Media.Kind? {
    switch text.lowercased() {
    case "jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff", "jfif": .image
    case "wav", "mp3", "flac", "m4a", "aac", "ogg", "opus", "wma": .audio
    case "mp4", "avi", "mov", "mkv", "webm", "m4v", "flv": .video
    case "csv", "tsv", "carbondata", "parquet": .table
    case "txt", "text": .text
    default: nil
    }
  }
}
