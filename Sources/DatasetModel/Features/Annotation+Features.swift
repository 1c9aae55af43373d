extension Annotation {
  /// The features this annotation uses.
  @inlinable public var features: FeatureSet { withUnsafePointer(to: self) { $0.features } }

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
    case .unconfirmed: flags.unconfirmed = nil
    case .group: group = nil
    case .part: partOf = nil
    case .area: area = nil
    case .order: ordinal = nil
    case .attributes: attributes = Attributes()
    case .preserved: preserved = Preserved()
    case .image, .textMedia, .audio, .video, .table, .file, .imageSize, .imageChannels, .duration, .videoFrame, .frameNumber,
      .sampleID, .split,
      .hardExample,
      .tokens, .sampleAttributes, .samplePreserved, .labelID, .labelParent, .labelColor, .labelStyle, .labelAttributes,
      .labelRelation,
      .labelKeypoints, .labelPreserved, .datasetName, .datasetFields, .datasetPreserved:
      break
    }
  }
}

/// Questions asked of an annotation where it lies: asked of a value, it would be copied for each.
extension UnsafePointer where Pointee == Annotation {
  /// The features this annotation uses.
  @inlinable public var features: FeatureSet {
    var set = FeatureSet(low: pointee.rareFeatures | pointee.shapeFeatures, high: 0)
    if pointee.box != nil { set.insert(.box) }
    let hasPlace = set.low & FeatureSet.placeBits != 0
    if pointee.label != nil { set.insert(hasPlace ? .label : .classification) }
    if set.contains(.text), !hasPlace, pointee.label == nil {
      set.remove(.text)
      set.insert(.caption)
    }
    if pointee.id != nil { set.insert(.id) }
    if pointee.area != nil { set.insert(.area) }
    if pointee.confidence != nil { set.insert(.confidence) }
    if pointee.ordinal != nil { set.insert(.order) }
    let flags = pointee.flags
    if !flags.isEmpty {
      if flags.difficult != nil { set.insert(.difficult) }
      if flags.truncated != nil { set.insert(.truncated) }
      if flags.occluded != nil { set.insert(.occluded) }
      if flags.crowd != nil { set.insert(.crowd) }
      if flags.unconfirmed != nil { set.insert(.unconfirmed) }
    }
    return set
  }

  /// When it was made.
  @inlinable public var createdAt: Timestamp? { pointee.details?.rare.createdAt }

  /// Whether all preserved fields belong to these formats.
  @inlinable public func preservesOnly(_ formats: [FormatID]) -> Bool {
    guard let details = pointee.details else { return true }
    for section in details.rare.preserved.sections where !formats.contains(section.format) { return false }
    return true
  }

  /// A number made of where the author and the preserved fields lie in memory.
  ///
  /// The same for annotations that share them, so it serves look-ups whose hits are confirmed by ``hasSameProvenance(as:)``.
  @inlinable public var provenanceBits: UInt64 {
    guard let details = pointee.details else { return 0 }
    return withUnsafeBytes(of: &details.rare.author) { author in
      withUnsafeBytes(of: &details.rare.preserved) { preserved in
        author.loadUnaligned(as: UInt64.self) ^ (author.loadUnaligned(fromByteOffset: 8, as: UInt64.self) &<< 1)
          ^ (preserved.loadUnaligned(as: UInt64.self) &<< 3)
      }
    }
  }

  /// Whether author and preserved fields are the very same in memory as those of another annotation.
  ///
  /// False does not mean that they differ.
  @inlinable public func hasSameProvenance(as other: UnsafePointer<Annotation>) -> Bool {
    guard let mine = pointee.details, let others = other.pointee.details else {
      return pointee.details == nil && other.pointee.details == nil
    }
    if mine === others { return true }
    return withUnsafeBytes(of: &mine.rare.author) { a in
      withUnsafeBytes(of: &others.rare.author) { b in
        a.loadUnaligned(as: UInt64.self) == b.loadUnaligned(as: UInt64.self)
          && a.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == b.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      }
    }
      && withUnsafeBytes(of: &mine.rare.preserved) { a in
        withUnsafeBytes(of: &others.rare.preserved) { b in a.loadUnaligned(as: UInt64.self) == b.loadUnaligned(as: UInt64.self) }
      }
  }
}

extension Shape {
  /// The features this shape uses, all of them in the low word of the set.
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
