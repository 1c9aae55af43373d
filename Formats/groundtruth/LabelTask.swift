import WaybillDatasetModel

/// What a label attribute says about the data: the built-in tasks of the service, several of which have the same form.
enum LabelTask: UInt8, Sendable {
  /// Boxes in a picture.
  case boxes
  /// Entities in a text.
  case entities
  /// A picture of classes.
  case mask
  /// Any number of classes.
  case classes
  /// One class.
  case single
  /// A file of frames with objects.
  case frames

  /// What stands before the name of a task.
  static let prefix = "groundtruth/"

  /// The task of a `type` in metadata; nil for custom ones.
  init?(type: String) {
    guard type.hasPrefix(LabelTask.prefix) else { return nil }
    switch type.dropFirst(LabelTask.prefix.count) {
    case "object-detection": self = .boxes
    case "text-span": self = .entities
    case "semantic-segmentation": self = .mask
    case "image-classification-multilabel", "text-classification-multilabel": self = .classes
    case "image-classification", "text-classification", "video-classification", "label-verification": self = .single
    case "video-object-detection", "video-object-tracking": self = .frames
    default: return nil
    }
  }

  /// The media that labels of a type are about; nil when the type leaves it open.
  static func media(ofType type: String) -> Media.Kind? {
    switch type {
    case "groundtruth/text-classification", "groundtruth/text-classification-multilabel", "groundtruth/text-span": .text
    case "groundtruth/video-classification": .video
    case "groundtruth/label-verification": nil
    default: .image
    }
  }

  /// The task an annotation of a line belongs to when nothing else tells; nil when the format has none for it.
  init?(_ features: FeatureSet) {
    if features.contains(.span) {
      self = .entities
    } else if features.contains(.mask) || features.contains(.reference) {
      self = .mask
    } else if features.contains(.box) {
      self = .boxes
    } else if features.contains(.classification) || features.contains(.label) {
      self = .single
    } else {
      return nil
    }
  }
}

/// The media a place leads to, by its ending; nil when it does not tell.
func mediaKind(of location: String) -> Media.Kind? {
  guard let dot = location.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
  switch location[location.utf8.index(after: dot)...].lowercased() {
  case "txt": return .text
  case "mp4", "ogg", "webm", "mov", "avi", "mkv": return .video
  default: return nil
  }
}
