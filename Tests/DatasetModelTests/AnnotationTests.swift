import Foundation
import WaybillLocks
import TestSupport
import Testing

@testable import WaybillDatasetModel

/// Every answer that an annotation can give, each with its feature when it stands alone.
private let answers: [(feature: Feature, give: @Sendable (inout Annotation) -> Void)] = [
  (.classification, { $0.label = LabelID(index: 3) }), (.caption, { $0.text = "a dog" }),
  (.box, { $0.box = Box(1, 2, 3, 4, form: .extent) }),
  (.rotatedBox, { $0.shape = .rotatedBox(RotatedBox(centerX: 1, centerY: 2, width: 3, height: 4, angleDegrees: 5)) }),
  (.polygon, { $0.shape = .polygon(Polygon(coordinates: [0, 0, 1, 0, 1, 1])) }),
  (.polyline, { $0.shape = .polyline(Polyline(coordinates: [0, 0, 1, 1])) }),
  (.circle, { $0.shape = .circle(Circle(centerX: 1, centerY: 1, radius: 1)) }),
  (.ellipse, { $0.shape = .ellipse(Ellipse(centerX: 1, centerY: 1, radiusX: 1, radiusY: 2)) }),
  (.point, { $0.shape = .point(Point(x: 1, y: 2)) }),
  (.mask, { $0.shape = .mask(Mask(width: 2, height: 2, runs: .counts([1, 3]))) }),
  (.keypoints, { $0.keypoints = Keypoints(points: [.init(x: 1, y: 2, visibility: 2)]) }),
  (.span, { $0.span = TextSpan(start: 1, end: 2, unit: .scalars) }), (.frame, { $0.time = .frame(7) }),
  (.instant, { $0.time = .instant(1.5) }),
  (.interval, { $0.time = .interval(start: 1, end: 2) }), (.track, { $0.track = .integer(5) }),
  (.link, { $0.link = Link(source: .integer(1), target: .integer(2)) }), (.reference, { $0.reference = "a.png" }),
  (.id, { $0.id = .string("7") }), (.author, { $0.author = "human/alice" }), (.createdAt, { $0.createdAt = Timestamp(seconds: 5) }),
  (.confidence, { $0.confidence = 0.5 }), (.hard, { $0.hard = HardExample(isHard: true) }),
  (.difficult, { $0.flags.difficult = false }),
  (.truncated, { $0.flags.truncated = true }), (.occluded, { $0.flags.occluded = false }), (.crowd, { $0.flags.crowd = false }),
  (.unconfirmed, { $0.flags.unconfirmed = true }),
  (.group, { $0.group = .integer(1) }), (.part, { $0.partOf = 1 }), (.area, { $0.area = 0 }), (.order, { $0.ordinal = 0 }),
  (.attributes, { $0.attributes = ["color": .string("red")] }), (.preserved, { $0.preserved = Preserved("coco", members: [1]) }),
]

@Suite struct AnnotationTests {
  @Test func eachAnswerAloneIsItsFeature() {
    #expect(Annotation().features.isEmpty)
    for (feature, give) in answers {
      var annotation = Annotation()
      give(&annotation)
      #expect(annotation.features == [feature], "\(feature)")
      annotation.remove([feature])
      #expect(annotation.features.isEmpty, "\(feature)")
      #expect(annotation == Annotation(), "\(feature)")
    }
  }

  /// A box, a span and a time share a place, and none takes another's: whatever was said before, what counts is what was said last of each.
  @Test func boxesSpansAndTimesAreSaidApart() {
    let seed = testSeed(41)
    var dice = SeededNumbers(seed)
    for _ in 0..<4000 {
      var annotation = Annotation(label: LabelID(index: 1))
      var (box, span, time, hard): (Box?, TextSpan?, TimeExtent?, HardExample?)
      for _ in 0..<dice.below(12) {
        switch dice.below(8) {
        case 0: box = Box(Double(dice.below(3)), 2, 3, 4, form: .extent)
        case 1: box = nil
        case 2: span = TextSpan(start: dice.below(3), end: 5, unit: .scalars)
        case 3: span = nil
        case 4: time = .interval(start: 1, end: 2)
        case 5: time = .frame(dice.below(3))
        case 6: time = nil
        default: hard = dice.coin() ? HardExample(isHard: true) : nil
        }
        // Some at once and some one after the other.
        if dice.coin() { annotation.box = box }
        annotation.span = span
        annotation.time = time
        annotation.hard = hard
        annotation.box = box
        #expect(annotation.box == box && annotation.span == span && annotation.time == time, "seed \(seed)")
        #expect(annotation.hard == hard, "seed \(seed)")
      }
      var other = span.map { Annotation(label: LabelID(index: 1), span: $0) } ?? Annotation(label: LabelID(index: 1))
      other.hard = hard
      other.time = time
      other.box = box
      #expect(annotation == other && annotation.features == other.features, "seed \(seed)")
      let times: FeatureSet = [.frame, .instant, .interval]
      #expect(annotation.features.contains(.span) == (span != nil) && annotation.features.contains(.box) == (box != nil))
      #expect(annotation.features.intersection(times).isEmpty == (time == nil), "seed \(seed)")
      let copy = annotation
      other.span = TextSpan(start: 7, end: 9, unit: .utf8)
      other.time = .instant(7)
      #expect(annotation != other && annotation == copy && annotation.span == span && annotation.time == time, "seed \(seed)")
    }
  }

  @Test func everyAnnotationFeatureIsCovered() {
    // These only come with another feature.
    let refined: FeatureSet = [.label, .text, .polygonParts, .polygonHoles, .dashedLine]
    #expect(FeatureSet(answers.map(\.feature)).union(refined) == FeatureSet.level(.annotation))
  }

  @Test func refinements() {
    func features(_ shape: Shape) -> FeatureSet { Annotation(shape: shape).features }
    let rings = [Double](repeating: 0, count: 18)
    #expect(features(.polygon(Polygon(coordinates: rings, ringEnds: [6, 12]))) == [.polygon, .polygonParts])
    #expect(features(.polygon(Polygon(coordinates: rings, ringEnds: [6], holes: [1]))) == [.polygon, .polygonHoles])
    #expect(
      features(.polygon(Polygon(coordinates: rings, ringEnds: [6, 12], holes: [1]))) == [.polygon, .polygonParts, .polygonHoles])
    #expect(features(.polyline(Polyline(coordinates: [0, 0, 1, 1], isDashed: true))) == [.polyline, .dashedLine])
    var labeled = Annotation(label: LabelID(index: 0), box: Box(0, 0, 1, 1, form: .corners))
    #expect(labeled.features == [.label, .box])
    labeled.text = "STOP"
    #expect(labeled.features == [.label, .box, .text])
    labeled.box = nil
    #expect(labeled.features == [.classification, .text])
    labeled.label = nil
    #expect(labeled.features == [.caption])
  }

  @Test func whatIsRemovedIsGone() {
    let seed = testSeed(35)
    var dice = SeededNumbers(seed)
    for _ in 0..<20_000 {
      var annotation = Annotation()
      for _ in 0..<dice.below(12) { dice.pick(answers).give(&annotation) }
      let before = annotation.features
      let removed = FeatureSet(before.features.filter { _ in dice.coin() })
      annotation.remove(removed)
      #expect(annotation.features.intersection(removed).isEmpty, "seed \(seed)")
      // Nothing appears but the other name of a label or a text that has lost its place.
      #expect(annotation.features.subtracting(before).isSubset(of: [.classification, .caption]), "seed \(seed)")
      annotation.remove(.all)
      #expect(annotation == Annotation(), "seed \(seed)")
    }
  }

  @Test func sampleLevelFeaturesAreLeftAlone() {
    var annotation = Annotation(id: .integer(1), label: LabelID(index: 1))
    annotation.remove(FeatureSet.level(.sample).union(.level(.label)).union(.level(.dataset)))
    #expect(annotation.features == [.id, .classification])
  }

  @Test func aCopyNeverChangesItsOriginal() {
    for (feature, give) in answers {
      var original = Annotation()
      original.author = "human/alice"
      let before = original
      var copy = original
      give(&copy)
      #expect(original == before && original.author == "human/alice", "\(feature)")
      copy.author = "changed"
      copy.remove(.all)
      #expect(original == before && original.author == "human/alice", "\(feature)")
    }
  }

  @Test func copiesAreIndependentOverThreads() {
    var original = Annotation(id: .integer(1))
    original.text = "original"
    original.attributes = ["a": .integer(1)]
    let shared = original
    let wrong = Lock(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for round in 0..<2000 {
        var copy = shared
        copy.text = "\(worker)"
        copy.attributes["a"] = .integer(Int64(round))
        copy.partOf = round
        let again = copy
        copy.text = nil
        if again.text != "\(worker)" || again.attributes["a"] != .integer(Int64(round)) || shared.text != "original"
          || copy.text != nil
        {
          wrong.withLock { $0 += 1 }
        }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
    #expect(shared.text == "original" && shared.attributes == ["a": .integer(1)] && shared.partOf == nil)
  }

  @Test func rareAnswersAreChangedInPlaceWhileOneHoldsThem() throws {
    var annotation = Annotation()
    annotation.text = "first"
    let box = try #require(annotation.details.map { ObjectIdentifier($0) })
    for round in 0..<10 {
      annotation.author = "human/\(round)"
      annotation.partOf = round
      annotation.attributes["n"] = .integer(Int64(round))
    }
    #expect(annotation.details.map { ObjectIdentifier($0) } == box)
    let copy = annotation
    annotation.author = "other"
    #expect(copy.details.map { ObjectIdentifier($0) } == box && annotation.details.map { ObjectIdentifier($0) } != box)
  }

  @Test func plainAnnotationsHaveNoBoxBehindThem() {
    var annotation = Annotation(id: .integer(1), label: LabelID(index: 0), box: Box(0, 0, 1, 1, form: .extent))
    annotation.text = nil
    annotation.attributes = Attributes()
    annotation.preserved = Preserved()
    annotation.partOf = nil
    #expect(!annotation.hasRareAnswers)
    annotation.text = "x"
    annotation.text = nil
    #expect(annotation.hasRareAnswers)
    #expect(annotation == Annotation(id: .integer(1), label: LabelID(index: 0), box: Box(0, 0, 1, 1, form: .extent)))
  }

  @Test func flagsAreTrueFalseOrAbsent() {
    let marks: [WritableKeyPath<Flags, Bool?> & Sendable] = [\.difficult, \.truncated, \.occluded, \.crowd, \.unconfirmed]
    for mark in marks {
      var flags = Flags()
      #expect(flags.isEmpty && flags[keyPath: mark] == nil)
      for value in [true, false, nil, false, true, nil] as [Bool?] {
        flags[keyPath: mark] = value
        #expect(flags[keyPath: mark] == value)
        #expect(flags.isEmpty == (value == nil))
        for other in marks where other != mark { #expect(flags[keyPath: other] == nil) }
      }
      #expect(flags == Flags())
    }
    var no = Flags()
    no.crowd = false
    #expect(no != Flags())
  }
}
