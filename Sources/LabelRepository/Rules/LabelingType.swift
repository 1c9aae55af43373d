import WaybillDatasetModel

/// What is labeled in a repository; each type has its media, its places, and rules of its own.
///
/// The types and their rules are those of ModelArts' labeling jobs.
public enum LabelingType: String, Sendable, CaseIterable {
  case imageClassification = "image-classification"
  case objectDetection = "object-detection"
  case imageSegmentation = "image-segmentation"
  case textClassification = "text-classification"
  case namedEntities = "named-entities"
  case textTriplets = "text-triplets"
  case soundClassification = "sound-classification"
  case speech
  case speechParagraphs = "speech-paragraphs"
  case video, table, free

  /// The name, as `dataset.json` has it.
  public var name: String { rawValue }

  /// The kinds of media samples have; nil when any will do.
  var media: Set<Media.Kind>? {
    switch self {
    case .imageClassification, .objectDetection, .imageSegmentation: [.image]
    case .textClassification, .namedEntities, .textTriplets: [.text]
    case .soundClassification, .speech, .speechParagraphs: [.audio]
    case .video: [.video, .image]
    case .table: [.table]
    case .free: nil
    }
  }

  /// The kind of media a new file is taken for.
  public var newMedia: Media.Kind {
    switch self {
    case .imageClassification, .objectDetection, .imageSegmentation: .image
    case .textClassification, .namedEntities, .textTriplets: .text
    case .soundClassification, .speech, .speechParagraphs: .audio
    case .video: .video
    case .table: .table
    case .free: .file
    }
  }

  /// The places an annotation may name; nil when any will do.
  var places: FeatureSet? {
    switch self {
    case .imageClassification, .textClassification, .soundClassification, .speech, .table: []
    case .objectDetection: LabelingType.drawn
    // The box around a polygon may stand beside it, as COCO has it.
    case .imageSegmentation: [.box, .polygon, .polygonParts, .polygonHoles]
    case .namedEntities: [.span]
    case .textTriplets: [.span, .link]
    case .speechParagraphs: [.interval]
    case .video: LabelingType.drawn.union([.frame, .instant, .interval, .track])
    case .free: nil
    }
  }

  /// Shapes that can be drawn around things: rectangle, polygon, circle, straight and dashed line, point.
  private static let drawn: FeatureSet = [.box, .rotatedBox, .polygon, .circle, .polyline, .dashedLine, .point]

  /// Whether every annotation needs a place.
  var needsPlace: Bool {
    switch self {
    case .objectDetection, .imageSegmentation, .namedEntities, .textTriplets, .speechParagraphs, .video: true
    default: false
    }
  }

  /// Whether every annotation needs a label.
  var needsLabel: Bool {
    switch self {
    case .speech, .table, .free: false
    default: true
    }
  }

  /// Whether its labels can have attributes.
  var hasLabelAttributes: Bool { self == .objectDetection || self == .video || self == .free }

  /// Whether its labels can be relations.
  var hasRelations: Bool { self == .textTriplets || self == .free }
}
