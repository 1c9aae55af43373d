import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillComparison

@Suite struct SampleComparisonTests {
  private func change(
    _ old: Sample, _ new: Sample, _ rules: ComparisonRules = ComparisonRules(), labels: LabelTable = Writing.labels
  ) -> SampleChange? {
    SampleComparison(rules: rules, old: labels, new: labels).change(from: old, to: new)
  }

  private static func make(_ body: (inout Sample) -> Void) -> Sample {
    var sample = Writing.sample("car @0,0,9,9")
    body(&sample)
    return sample
  }

  /// One answer of the sample itself changed at a time.
  static let changes: [(fields: [String], change: @Sendable (inout Sample) -> Void)] = [
    ([], { _ in }), (["image"], { $0.media.location = "b" }), (["image text"], { $0.media.text = "b" }),
    (["image", "video"], { $0.media.kind = .video }), (["image-size"], { $0.media.width = 5 }),
    (["image-size"], { $0.media.height = nil }),
    (["image-channels"], { $0.media.channels = 3 }), (["duration"], { $0.media.duration = 3 }),
    (["frame-number"], { $0.media.frame = FrameOrigin(number: 4) }),
    (["video-frame"], { $0.media.frame = FrameOrigin(video: "v", time: 1) }), (["sample-id"], { $0.id = .integer(3) }),
    (["split"], { $0.split = "train" }), (["hard-example"], { $0.hard = HardExample(isHard: true, reasons: [1]) }),
    (["tokens"], { $0.tokens = Tokens(columns: ["a"], rows: [["b", "c"]]) }),
    (["sample-attributes a", "sample-attributes b"], { $0.attributes = ["a": .integer(1), "b": .boolean(false)] }),
    (["sample-preserved coco"], { $0.preserved = Preserved("coco", members: Array("\"a\":1".utf8)) }),
    (["split", "image-channels"], { ($0.split, $0.media.channels) = ("test", 1) }),
    ([], { $0.source = .init(file: .init(index: 0), offset: 9) }),
  ]

  @Test(arguments: changes.indices) func namesWhatChanged(_ index: Int) throws {
    let (fields, edit) = Self.changes[index]
    let (old, new) = (Self.make { _ in }, Self.make(edit))
    let expected = Set(fields)
    for (a, b) in [(old, new), (new, old)] {
      let found = change(a, b)
      let names = (found?.fields ?? []).map { field in [field.feature.name, field.name].compactMap { $0 }.joined(separator: " ") }
      #expect(Set(names) == expected, "\(fields)")
      #expect((found == nil) == fields.isEmpty && found?.annotations.isEmpty != false)
      if let found { #expect(found.features == FeatureSet(found.fields.map(\.feature)) && found.old == a && found.new == b) }
    }
  }

  @Test func fieldsGiveOldAndNewAnswers() throws {
    let old = Self.make { ($0.split, $0.media.width, $0.attributes) = ("train", 640, ["a": .string("x"), "b": .null]) }
    let new = Self.make { ($0.split, $0.media.width, $0.attributes) = (nil, 800, ["a": .string("y"), "c": .number(0.5)]) }
    let found = try #require(change(old, new))
    #expect(
      found.fields == [
        FieldChange(.imageSize, old: .list([.integer(640), .integer(1000)]), new: .list([.integer(800), .integer(1000)])),
        FieldChange(.split, old: .string("train"), new: nil),
        FieldChange(.sampleAttributes, name: "a", old: .string("x"), new: .string("y")),
        FieldChange(.sampleAttributes, name: "b", old: .null, new: nil),
        FieldChange(.sampleAttributes, name: "c", old: nil, new: .number(0.5)),
      ])
  }

  /// What happened to annotations, in a word each: `+car`, `-car`, and for others `moved`, `relabeled`, `edited`.
  private func words(_ found: SampleChange?) -> [String] {
    found?.annotations.map { change in
      switch change.kind {
      case .added: "+\(change.newLabel ?? "")"
      case .removed: "-\(change.oldLabel ?? "")"
      case .changed:
        [(change.isMoved, "moved"), (change.isRelabeled, "relabeled"), (change.isEdited, "edited")].filter(\.0).map(\.1)
          .joined(separator: "+")
      }
    } ?? []
  }

  static let annotations: [(old: String, new: String, words: [String])] = [
    ("car @0,0,9,9", "car @0,0,9,9", []), ("car @0,0,9,9|bus", "bus|car @0,0,9,9", []),
    ("car @0,0,9,9", "car @1,0,10,9", ["moved"]), ("car @0,0,9,9", "bus @0,0,9,9", ["relabeled"]),
    ("car @0,0,9,9", "bus @1,0,10,9", ["moved+relabeled"]),
    ("car @0,0,9,9 =red", "bus @1,0,10,9 =blue", ["moved+relabeled+edited"]),
    ("car @0,0,9,9", "", ["-car"]), ("", "bus", ["+bus"]), ("car t1-2 'a'", "car t1-2 'b'", ["edited"]),
    ("car t1-2 'a'", "car t1-2.5 'a'", ["moved"]), ("car [0-4]", "car [0-5]", ["moved"]),
    ("car f1 @0,0,9,9", "car f2 @0,0,9,9", ["-car", "+car"]),
    // Who and when go along with other changes, and are edits alone.
    ("car @0,0,9,9 !alice", "car @0,0,9,9 !bob", ["edited"]), ("car @0,0,9,9 !alice", "bus @0,0,9,9 !bob", ["relabeled"]),
    ("car @0,0,9,9 !alice", "bus @0,0,9,9 !bob =red", ["relabeled+edited"]),
    ("#1 car @0,0,9,9", "#2 car @0,0,9,9", ["edited"]),
    // Relations whose ends have other ids are the same relation.
    ("#1 car @0,0,9,9|#2 bus @50,0,59,9|tram >1>2", "#5 car @0,0,9,9|#6 bus @50,0,59,9|tram >5>6", ["edited", "edited"]),
    ("#1 car @0,0,9,9|#2 bus @50,0,59,9|#3 tram >1>2", "#1 car @0,0,9,9|#2 bus @50,0,59,9|#3 tram >2>1", ["edited"]),
    ("#3 tram >8>9", "#3 tram >8>7", ["edited"]), ("car", "car >8>9", ["-car", "+car"]),
    // First what was there, then what is new.
    ("car @0,0,9,9|bus @50,0,59,9", "tram @90,0,99,9|bus @51,0,60,9", ["-car", "moved", "+tram"]),
  ]

  @Test(arguments: annotations) func saysWhatHappened(_ row: (old: String, new: String, words: [String])) {
    #expect(words(change(Writing.sample(row.old), Writing.sample(row.new))) == row.words)
  }

  @Test func movesAreMeasured() throws {
    let moved = try #require(change(Writing.sample("car @0,0,10,10"), Writing.sample("car @3,4,13,14"))?.annotations.first)
    #expect(moved.shift == 5 && moved.isShiftInPixels)
    #expect(abs((moved.overlap ?? 0) - 42.0 / 158) < 1e-12)
    #expect(moved.oldIndex == 0 && moved.newIndex == 0 && moved.features == [.box])
    #expect(moved.fields.first?.old == .list([0, 0, 10, 10].map { .number($0) }))
    var (old, new) = (Writing.sample("car"), Writing.sample("car"))
    for (index, x) in [0.1, 0.2].enumerated() {
      let box = Box(x, 0.1, 0.5, 0.5, form: .extent, unit: .unit)
      if index == 0 { old.annotations[0].box = box } else { new.annotations[0].box = box }
    }
    // In pixels where the size is known, in thousandths of the image where it is not.
    for (isKnown, shift) in [(true, 100.0), (false, 100.0)] {
      for width in [isKnown ? 1000 : nil] { (old.media.width, new.media.width) = (width, width) }
      let found = try #require(change(old, new)?.annotations.first)
      #expect(abs((found.shift ?? 0) - shift) < 1e-9 && found.isShiftInPixels == isKnown)
    }
  }

  @Test func partsFollowTheirObjects() {
    func parts(_ text: String, _ part: Int, of distance: Int) -> Sample {
      var sample = Writing.sample(text)
      sample.annotations[part].partOf = distance
      return sample
    }
    let old = parts("car @0,0,9,9|bus @50,0,59,9", 1, of: 1)
    // One more annotation between them changes the distance, and not the object.
    #expect(words(change(old, parts("car @0,0,9,9|tram @90,0,99,9|bus @50,0,59,9", 2, of: 2))) == ["+tram"])
    #expect(words(change(old, parts("car @0,0,9,9|tram @90,0,99,9|bus @50,0,59,9", 2, of: 1))) == ["edited", "+tram"])
    #expect(words(change(old, Writing.sample("car @0,0,9,9|bus @50,0,59,9"))) == ["edited"])
    for odd in [0, -1, 5, .max, .min] {
      #expect(words(change(parts("car|bus", 1, of: odd), parts("car|bus", 1, of: odd))).isEmpty)
      #expect(words(change(parts("car|bus", 1, of: odd), parts("car|bus", 1, of: 1))) == ["edited"])
    }
  }

  @Test func orderIsComparedWhenEverythingIs() throws {
    let (old, new) = (Writing.sample("car|bus"), Writing.sample("bus|car"))
    #expect(change(old, new) == nil)
    #expect(change(old, new, .everything)?.features == [.order])
    #expect(change(old, Writing.sample("car|tram|bus"), .everything)?.features == [])
  }

  @Test func samplesAreAddedAndRemovedWithTheirLabels() {
    let comparison = SampleComparison(old: Writing.labels, new: Writing.labels)
    let sample = Writing.sample("car|bus|car|'text'")
    let counts = [("car", 2), ("bus", 1), (nil, 1)].map { SampleChange.LabelCount(label: $0.0, count: $0.1) }
    #expect(comparison.addition(of: sample).labelCounts == counts && comparison.addition(of: sample).kind == .added)
    #expect(comparison.removal(of: sample).labelCounts == counts && comparison.removal(of: sample).old == sample)
  }

  /// Labels are the same by their names, the n-th of a name with the n-th, in tables of any order.
  @Test func labelsAreTheSameByName() {
    let (old, new) = (Writing.table("car bus"), LabelTable(["bus", "car", "car"].map { Label(name: $0) }))
    func sample(_ label: UInt32) -> Sample {
      var sample = Writing.sample("")
      sample.annotations = [Annotation(label: LabelID(index: label))]
      return sample
    }
    func isSame(_ a: UInt32, _ b: UInt32) -> Bool {
      SampleComparison(old: old, new: new).change(from: sample(a), to: sample(b)) == nil
    }
    #expect(isSame(0, 1) && isSame(1, 0) && !isSame(0, 0) && !isSame(0, 2) && !isSame(1, 2))
    // A table may grow while samples are decoded; a number that is in no table is the label of nobody.
    let comparison = SampleComparison(old: old, new: old)
    #expect(comparison.change(from: sample(0), to: sample(9))?.annotations.first?.isRelabeled == true)
    _ = old.intern("late")
    #expect(comparison.change(from: sample(2), to: sample(2)) == nil)
    #expect(comparison.change(from: sample(0), to: sample(2))?.annotations.first?.newLabel == "late")
  }

  /// A sample never differs from itself, nor from itself with its annotations in another order.
  @Test(arguments: 0..<80) func nothingDiffersFromItself(_ step: Int) {
    let seed = testSeed(4_400) + UInt64(step)
    var generator = SampleGenerator(seed: seed, isWild: step.isMultiple(of: 2))
    let header = generator.header(.all)
    for position in 0..<20 {
      let sample = generator.sample(position, .all, in: header)
      #expect(change(sample, sample, .everything, labels: header.labels) == nil, "seed \(seed), \(position)")
      var turned = sample
      // Parts count places, so that they are left out here; ids that stand twice lead relations elsewhere.
      for index in turned.annotations.indices { turned.annotations[index].partOf = nil }
      var plain = turned
      plain.annotations.reverse()
      let found = change(turned, plain, labels: header.labels)
      #expect(found == nil, "seed \(seed), \(position): \(words(found)) \(found?.annotations.first?.features.features ?? [])")
    }
  }

  /// Turning the samples round turns the changes round.
  @Test(arguments: 0..<40) func changesAreMirrored(_ step: Int) {
    let seed = testSeed(4_500) + UInt64(step)
    var generator = SampleGenerator(seed: seed, isWild: false)
    let header = generator.header(.all)
    for position in 0..<20 {
      let old = generator.sample(position, .all, in: header)
      var new = generator.sample(position, .all, in: header)
      new.annotations += old.annotations.dropFirst(2)
      let (there, back) = (change(old, new, labels: header.labels), change(new, old, labels: header.labels))
      let (one, other) = (there?.annotations ?? [], back?.annotations ?? [])
      #expect(one.count { $0.kind == .added } == other.count { $0.kind == .removed }, "seed \(seed), \(position)")
      #expect(one.count { $0.kind == .removed } == other.count { $0.kind == .added }, "seed \(seed), \(position)")
      #expect(there?.features == back?.features, "seed \(seed), \(position)")
    }
  }
}
