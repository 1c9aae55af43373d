import TestSupport
import WaybillDatasetModel

extension SeededNumbers {
  /// A random choice of features, always with all kinds of media or without one.
  mutating func abilities() -> FeatureSet {
    let odds = pick([1, 2, 2, 3, 10])
    var set = FeatureSet(Feature.allCases.filter { _ in below(odds + 1) > 0 })
    if below(4) > 0 { set = set.union([.image, .textMedia, .audio, .video, .table, .file]) }
    return set
  }

  mutating func preserved() -> Preserved {
    var preserved = Preserved()
    for name in ["coco", "voc", "other"] where below(3) == 0 { preserved[FormatID(name)] = Array("\"k\":1".utf8) }
    return preserved
  }

  mutating func shape() -> Shape {
    let rings = (0..<18).map { _ in Double(below(100)) }
    switch below(9) {
    case 0: return .rotatedBox(RotatedBox(centerX: 5, centerY: 5, width: 2, height: 3, angleDegrees: 30))
    case 1: return .polygon(Polygon(coordinates: rings))
    case 2: return .polygon(Polygon(coordinates: rings, ringEnds: [6, 12], holes: coin() ? [1] : []))
    case 3: return .polyline(Polyline(coordinates: rings, isDashed: coin()))
    case 4: return .circle(Circle(centerX: 5, centerY: 5, radius: 2))
    case 5: return .ellipse(Ellipse(centerX: 5, centerY: 5, radiusX: 2, radiusY: 1))
    case 6: return .point(Point(x: 1, y: 2))
    case 7: return .polygon(Polygon(coordinates: []))
    default: return .mask(Mask(width: 3, height: 3, runs: coin() ? .counts([4, 1, 4]) : .compressed("414")))
    }
  }

  mutating func annotation(_ index: Int, of count: Int) -> Annotation {
    var a = Annotation()
    if below(4) > 0 { a.id = .integer(Int64(index)) }
    if coin() { a.label = LabelID(index: UInt32(below(5))) }
    if below(3) == 0 { a.box = Box(1, 2, 3, 4, form: .extent) }
    if below(3) == 0 { a.shape = shape() }
    if below(4) == 0 { a.text = "text" }
    if below(6) == 0 { a.span = TextSpan(start: 0, end: 3, unit: .scalars) }
    if below(6) == 0 { a.time = pick([.frame(1), .instant(1), .interval(start: 1, end: 2)]) }
    if below(6) == 0 { a.track = .integer(1) }
    if below(3) == 0 { a.link = Link(source: .integer(Int64(below(count))), target: .integer(Int64(below(count)))) }
    if below(6) == 0 { a.keypoints = Keypoints(points: [.init(x: 1, y: 2, visibility: Double(below(3)))]) }
    if below(6) == 0 { a.author = "human/alice" }
    if below(6) == 0 { a.createdAt = Timestamp(seconds: 1) }
    if below(6) == 0 { a.hard = HardExample(isHard: true) }
    if below(6) == 0 { a.group = .integer(1) }
    if below(3) == 0 { a.partOf = pick([1, 2, 3, 0, -1, .max, .min, index]) }
    if below(9) == 0 { a.reference = "a.png" }
    if below(6) == 0 { a.area = 5 }
    if below(6) == 0 { a.confidence = 0.5 }
    if below(6) == 0 { a.ordinal = 5 }
    if below(6) == 0 { a.flags.crowd = coin() }
    if below(6) == 0 { a.flags.difficult = coin() }
    if below(6) == 0 { a.attributes = ["a": .integer(1)] }
    if below(4) == 0 { a.preserved = preserved() }
    return a
  }

  mutating func sample() -> Sample {
    var sample = Sample(key: "key \(below(1000))", media: Media(pick(Media.Kind.allCases)))
    if coin() { sample.media.width = 5 }
    if coin() { sample.id = .integer(1) }
    if coin() { sample.split = "train" }
    if below(4) == 0 { sample.tokens = Tokens() }
    if coin() { sample.attributes = ["a": .null] }
    if coin() { sample.preserved = preserved() }
    let count = 1 + below(8)
    for index in 0..<below(count + 1) { sample.annotations.append(annotation(index, of: count)) }
    return sample
  }
}

/// How often each feature occurs in a sample and its annotations.
func occurrences(in sample: Sample) -> [Feature: Int] {
  var counts: [Feature: Int] = [:]
  sample.features.forEach { counts[$0, default: 0] += 1 }
  for annotation in sample.annotations { annotation.features.forEach { counts[$0, default: 0] += 1 } }
  return counts
}
