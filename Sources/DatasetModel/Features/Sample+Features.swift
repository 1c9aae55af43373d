extension Media {
  /// The feature of the media's kind.
  public var feature: Feature {
    switch kind {
    case .image: .image
    case .text: .textMedia
    case .audio: .audio
    case .video: .video
    case .table: .table
    case .file: .file
    }
  }
}

extension Sample {
  /// The features of the sample itself, without those of its annotations.
  public var features: FeatureSet {
    var set = FeatureSet()
    set.insert(media.feature)
    if media.width != nil || media.height != nil { set.insert(.imageSize) }
    if media.channels != nil { set.insert(.imageChannels) }
    // Matched and not compared: compared with nil, what is there would be copied.
    if case .some = media.duration { set.insert(.duration) }
    if case .some = media.frame, let frame = media.frame {
      if frame.number != nil { set.insert(.frameNumber) }
      if frame.namesVideo { set.insert(.videoFrame) }
    }
    if case .some = id { set.insert(.sampleID) }
    if split != nil { set.insert(.split) }
    if case .some = hard { set.insert(.hardExample) }
    if case .some = tokens { set.insert(.tokens) }
    if !attributes.isEmpty { set.insert(.sampleAttributes) }
    if !preserved.isEmpty { set.insert(.samplePreserved) }
    return set
  }

  /// Takes the answers of some sample-level features away; the kind of media stays.
  public mutating func remove(_ features: FeatureSet) {
    if features.contains(.imageSize) {
      media.width = nil
      media.height = nil
    }
    if features.contains(.imageChannels) { media.channels = nil }
    if features.contains(.duration) { media.duration = nil }
    if features.contains(.videoFrame), let frame = media.frame {
      media.frame = frame.number.map { FrameOrigin(number: $0) }
    }
    if features.contains(.frameNumber), let frame = media.frame, frame.number != nil {
      media.frame?.number = nil
      if frame.video == nil, frame.time == nil, frame.duration == nil { media.frame = nil }
    }
    if features.contains(.sampleID) { id = nil }
    if features.contains(.split) { split = nil }
    if features.contains(.hardExample) { hard = nil }
    if features.contains(.tokens) { tokens = nil }
    if features.contains(.sampleAttributes) { attributes = Attributes() }
    if features.contains(.samplePreserved) { preserved = Preserved() }
  }
}

extension Label {
  /// The features this label uses.
  public var features: FeatureSet {
    var set = FeatureSet()
    if id != nil { set.insert(.labelID) }
    if parent != nil { set.insert(.labelParent) }
    if style.color != nil { set.insert(.labelColor) }
    if style.shortcut != nil || style.defaultShape != nil { set.insert(.labelStyle) }
    if !attributes.isEmpty { set.insert(.labelAttributes) }
    if relation != nil { set.insert(.labelRelation) }
    if keypointNames != nil || skeleton != nil { set.insert(.labelKeypoints) }
    if !preserved.isEmpty { set.insert(.labelPreserved) }
    return set
  }

  /// Takes the answers of some features away.
  public mutating func remove(_ features: FeatureSet) {
    if features.contains(.labelID) { id = nil }
    if features.contains(.labelParent) { parent = nil }
    if features.contains(.labelColor) { style.color = nil }
    if features.contains(.labelStyle) { style = Style(color: style.color) }
    if features.contains(.labelAttributes) { attributes = [] }
    if features.contains(.labelRelation) { relation = nil }
    if features.contains(.labelKeypoints) {
      keypointNames = nil
      skeleton = nil
    }
    if features.contains(.labelPreserved) { preserved = Preserved() }
  }
}

extension DatasetHeader {
  /// The features of the dataset itself, without those of its labels.
  public var features: FeatureSet {
    var set = FeatureSet()
    if name != nil { set.insert(.datasetName) }
    if !fields.isEmpty { set.insert(.datasetFields) }
    if !preserved.isEmpty { set.insert(.datasetPreserved) }
    return set
  }
}
