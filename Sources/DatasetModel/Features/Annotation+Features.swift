extension Annotation {
  /// The features this annotation uses.
  @inlinable public var features: FeatureSet {
    var set = FeatureSet(low: rareFeatures, high: 0)
    if box != nil { set.insert(.box) }
    if let shape { set = set.union(shape.features) }
    let hasPlace = !set.intersection(.places).isEmpty
    if label != nil { set.insert(hasPlace ? .label : .classification) }
    if set.contains(.text), !hasPlace, label == nil {
      set.remove(.text)
      set.insert(.caption)
    }
    if id != nil { set.insert(.id) }
    if area != nil { set.insert(.area) }
    if confidence != nil { set.insert(.confidence) }
    if ordinal != nil { set.insert(.order) }
    if !flags.isEmpty {
      if flags.difficult != nil { set.insert(.difficult) }
      if flags.truncated != nil { set.insert(.truncated) }
      if flags.occluded != nil { set.insert(.occluded) }
      if flags.crowd != nil { set.insert(.crowd) }
    }
    return set
  }

  /// Takes the answers of some features away.
  public mutating func remove(_ features: FeatureSet) {
    features.forEach { remove($0) }
  }

  private mutating func remove(_ feature: Feature) {
    switch feature {
    case .classification, .label: label = nil
    case .caption, .text: text = nil
    case .box: box = nil
    case .rotatedBox, .polygon, .polygonParts, .polygonHoles, .polyline, .dashedLine, .circle, .ellipse, .point, .mask: shape = nil
    case .keypoints: keypoints = nil
    case .span: span = nil
    case .frame, .instant, .interval: time = nil
    case .track: track = nil
    case .link: link = nil
    case .reference: reference = nil
    case .id: id = nil
    case .author: author = nil
    case .createdAt: createdAt = nil
    case .confidence: confidence = nil
    case .hard: hard = nil
    case .difficult: flags.difficult = nil
    case .truncated: flags.truncated = nil
    case .occluded: flags.occluded = nil
    case .crowd: flags.crowd = nil
    case .group: group = nil
    case .part: partOf = nil
    case .area: area = nil
    case .order: ordinal = nil
    case .attributes: attributes = Attributes()
    case .preserved: preserved = Preserved()
    case .image, .textMedia, .audio, .video, .table, .file, .imageSize, .imageChannels, .duration, .videoFrame, .sampleID, .split,
      .hardExample,
      .tokens, .sampleAttributes, .samplePreserved, .labelID, .labelParent, .labelColor, .labelStyle, .labelAttributes,
      .labelRelation,
      .labelKeypoints, .labelPreserved, .datasetName, .datasetFields, .datasetPreserved:
      break
    }
  }
}

extension Shape {
  /// The features this shape uses.
  @inlinable public var features: FeatureSet {
    switch self {
    case .rotatedBox: return FeatureSet(.rotatedBox)
    case .polygon(let polygon):
      var set = FeatureSet(.polygon)
      if polygon.holes.count < polygon.ringEnds.count { set.insert(.polygonParts) }
      if !polygon.holes.isEmpty { set.insert(.polygonHoles) }
      return set
    case .polyline(let line):
      var set = FeatureSet(.polyline)
      if line.isDashed { set.insert(.dashedLine) }
      return set
    case .circle: return FeatureSet(.circle)
    case .ellipse: return FeatureSet(.ellipse)
    case .point: return FeatureSet(.point)
    case .mask: return FeatureSet(.mask)
    }
  }
}
