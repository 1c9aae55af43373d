import WaybillDatasetModel
import WaybillFormatSupport

extension FilterEvaluator {
  /// Whether a value of the sample itself fits.
  func sampleHolds(_ test: FieldTest, _ sample: borrowing Sample) -> Bool {
    switch test.field {
    case .key: test.fits(sample.key, matchers)
    case .path: test.fits(sample.media.location, matchers)
    case .split: test.fits(sample.split, matchers)
    case .state: holds(test, state: sample.labelingState)
    case .media: test.fits(FeatureSet(sample.media.feature))
    case .mediaWidth: test.fits((sample.media.width ?? size?.width).map(Double.init))
    case .mediaHeight: test.fits((sample.media.height ?? size?.height).map(Double.init))
    case .labels: test.fits(Double(FilterEvaluator.labelCount(of: sample)))
    case .annotations: test.fits(Double(sample.annotations.count))
    case .id: test.fits(sample.id, matchers)
    case .text: test.fits(sample.media.text, matchers)
    case .hard: test.fits(sample.hard?.isHard)
    case .duration: test.fits(sample.media.duration)
    case .frame: test.fits((sample.media.frame?.number).map(Double.init))
    case .attribute(let name): test.fits(sample.attributes.isEmpty ? nil : sample.attributes[name], matchers)
    case .label, .by, .confidence, .kind, .area, .aspect, .width, .height, .start, .end, .track, .created, .difficult, .truncated,
      .occluded, .crowd, .unconfirmed:
      false
    }
  }

  /// Whether a value of an annotation fits.
  func holds(_ test: FieldTest, _ annotation: UnsafePointer<Annotation>) -> Bool {
    switch test.field {
    case .label: return labelFits(test, annotation.pointee.label)
    case .by: return test.fits(annotation.pointee.author, matchers)
    case .confidence: return test.fits(annotation.pointee.confidence)
    case .kind: return test.fits(annotation.features.intersection(FilterField.kinds))
    case .area: return test.fits(annotation.area(in: size))
    case .width: return test.fits(annotation.sides(in: size)?.width)
    case .height: return test.fits(annotation.sides(in: size)?.height)
    case .aspect:
      guard let sides = annotation.sides(in: size), sides.height != 0 else { return false }
      return test.fits(sides.width / sides.height)
    case .start: return test.fits(annotation.pointee.time?.first)
    case .end: return test.fits(annotation.pointee.time?.last)
    case .duration: return test.fits(annotation.pointee.time?.length)
    case .frame:
      guard case .frame(let number) = annotation.pointee.time else { return false }
      return test.fits(Double(number))
    case .track: return test.fits(annotation.pointee.track, matchers)
    case .id: return test.fits(annotation.pointee.id, matchers)
    case .created: return test.fits(annotation.pointee.createdAt)
    case .text: return test.fits(annotation.pointee.text, matchers)
    case .hard: return test.fits(annotation.pointee.hard?.isHard)
    case .difficult: return test.fits(annotation.pointee.flags.difficult)
    case .truncated: return test.fits(annotation.pointee.flags.truncated)
    case .occluded: return test.fits(annotation.pointee.flags.occluded)
    case .crowd: return test.fits(annotation.pointee.flags.crowd)
    case .unconfirmed: return test.fits(annotation.pointee.flags.unconfirmed)
    case .attribute(let name):
      let attributes = annotation.pointee.attributes
      return test.fits(attributes.isEmpty ? nil : attributes[name], matchers)
    case .key, .path, .split, .state, .media, .mediaWidth, .mediaHeight, .labels, .annotations: return false
    }
  }

  private func holds(_ test: FieldTest, state: LabelingState) -> Bool {
    if case .states(let states) = test.test { return states.contains(state) }
    return test.isGiven
  }

  /// How many different labels a sample has.
  static func labelCount(of sample: borrowing Sample) -> Int {
    // Nearly all samples have a few labels of small numbers.
    var low: UInt64 = 0
    var high: Set<UInt32> = []
    for index in sample.annotations.indices {
      guard let label = sample.annotations[index].label else { continue }
      if label.index < 64 { low |= 1 << UInt64(label.index) } else { high.insert(label.index) }
    }
    return low.nonzeroBitCount + high.count
  }
}

extension TimeExtent {
  /// The moment it begins.
  fileprivate var first: MediaTime? {
    switch self {
    case .frame: nil
    case .instant(let moment): moment
    case .interval(let start, _): start
    }
  }

  /// The moment it ends.
  fileprivate var last: MediaTime? {
    switch self {
    case .frame: nil
    case .instant(let moment): moment
    case .interval(_, let end): end
    }
  }

  /// How long an interval is; where its digits are too many, as near as a number comes.
  fileprivate var length: MediaTime? {
    guard case .interval(let start, let end) = self else { return nil }
    return start.distance(to: end) ?? MediaTime(seconds: end.seconds - start.seconds)
  }
}
