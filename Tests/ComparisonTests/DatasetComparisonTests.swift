import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillCOCO
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

@testable import WaybillComparison

/// Runs comparisons of files and keeps what they hand on.
struct Compared {
  static let registry = FormatRegistry([NativeFormat.self, COCOFormat.self])

  var report: ComparisonReport
  var changes: [SampleChange] = []
  var events: [String] = []

  init(_ old: String, _ new: String, jobs: Int = 1, _ change: (inout ComparisonOptions) -> Void = { _ in }) throws {
    var request = ComparisonRequest(old: old, new: new)
    request.jobs = jobs
    change(&request.options)
    var changes: [SampleChange] = []
    var events: [String] = []
    report = try DatasetComparison(request, registry: Compared.registry).run { (event) throws(DatasetError) in
      switch event {
      case .begun: events.append("begun")
      case .sample(let change):
        events.append(change.key)
        changes.append(change)
      }
    }
    self.changes = changes
    self.events = events
  }

  /// What happened to samples: `+a`, `-b`, `~c`.
  var words: String {
    changes.map { ["added": "+", "removed": "-", "changed": "~"][$0.kind.rawValue, default: "?"] + $0.key }.joined(separator: " ")
  }

  /// Added, removed, changed, unchanged.
  var counts: [Int] {
    let samples = report.summary.samples
    return [samples.added, samples.removed, samples.changed, samples.unchanged]
  }
}

@Suite struct DatasetComparisonTests {
  /// Lines of samples: a letter is the key, and a number after it the x of its box.
  private static func manifest(_ text: String, header: Bool = true) -> String {
    var lines = header ? "{\"waybill\":1,\"labels\":[{\"name\":\"car\"}]}\n" : ""
    for word in text.split(separator: " ") {
      let (key, x) = (word.prefix(1), word.dropFirst())
      if key == "!" {
        lines += "{\"key\":\"\(x.prefix(1))\",\"image\":\(x.dropFirst())}\n"
        continue
      }
      lines +=
        "{\"key\":\"\(key)\",\"image\":{\"path\":\"\(key)\"},\"annotations\":[{\"label\":\"car\",\"box\":[\(x),0,\(Int(x) ?? 0).5,9]}]}\n"
    }
    return lines
  }

  static let rows: [(old: String, new: String, words: String)] = [
    ("", "", ""), ("a1", "a1", ""), ("", "a1", "+a"), ("a1", "", "-a"), ("a1 b1 c1", "a1 b2 c1", "~b"),
    ("a1 c1 e1", "b1 c1 d1 e2", "-a +b +d ~e"), ("a1 a2 b1", "a1 b1", ""), ("a1 b1", "a1 a2 b1 b2", ""),
  ]

  /// The same for sides in any order, for any number of threads, and whatever way the samples are found.
  @Test(arguments: rows) func samplesAreFoundInOrder(_ row: (old: String, new: String, words: String)) throws {
    let folder = try TemporaryFolder()
    // The first of a key counts, so that samples of one key keep their order.
    func turned(_ text: String) -> String {
      var words = text.split(separator: " ").map(String.init)
      words = words.indices.sorted { (words[$1].prefix(1), $0) < (words[$0].prefix(1), $1) }.map { words[$0] }
      return words.joined(separator: " ")
    }
    for (index, texts) in [
      (row.old, row.new), (turned(row.old), row.new), (row.old, turned(row.new)), (turned(row.old), turned(row.new)),
    ].enumerated() {
      for hasHeader in [true, false] {
        let (old, new) = (
          try folder.write("old.\(index).waybill.jsonl", Self.manifest(texts.0, header: hasHeader)),
          try folder.write("new.\(index).waybill.jsonl", Self.manifest(texts.1, header: hasHeader))
        )
        for jobs in [1, 3] {
          let found = try Compared(old, new, jobs: jobs)
          #expect(found.words == row.words, "\(texts)")
          #expect(found.events == ["begun"] + found.changes.map(\.key))
          #expect(found.report.hasDifferences == !row.words.isEmpty && found.report.dataset.isEmpty)
          let samples = found.report.summary.samples
          #expect(found.report.old.samples == samples.removed + samples.changed + samples.unchanged)
          #expect(found.report.new.samples == samples.added + samples.changed + samples.unchanged)
        }
      }
    }
  }

  @Test func duplicatesAreWarnedOfWithBothPlaces() throws {
    let folder = try TemporaryFolder()
    for (name, text) in [("sorted", "a1 a2 b1"), ("unsorted", "b1 a1 a2")] {
      let old = try folder.write("\(name).waybill.jsonl", Self.manifest(text))
      let found = try Compared(old, old)
      #expect(found.counts == [0, 0, 0, 2], "\(name)")
      for side in [found.report.old, found.report.new] {
        #expect(side.duplicates == 1 && side.samples == 2)
        let problem = try #require(side.diagnostics.items.first)
        #expect(problem.rule == "dataset.duplicate-key" && problem.severity == .warning && side.diagnostics.items.count == 1)
        var places = PlaceFinder(side.sources)
        let lines = try ([problem.range] + problem.related.map(\.range)).map { places.place(of: try #require($0)).line }
        #expect(lines == (name == "sorted" ? [3, 2] : [4, 3]))
      }
    }
    // Of many, those beyond the limit are counted.
    let many = try folder.write("many.waybill.jsonl", Self.manifest(Array(repeating: "a1", count: 50).joined(separator: " ")))
    let found = try Compared(many, many)
    #expect(found.report.old.duplicates == 49 && found.report.old.diagnostics.items.count == 20)
    #expect(found.report.old.diagnostics.count(atLeast: .warning) == 49)
  }

  @Test func recordsThatCannotBeReadAreErrors() throws {
    let folder = try TemporaryFolder()
    for old in ["a1 b1 c1", "c1 b1 a1"] {
      let (first, second) = (
        try folder.write("old.waybill.jsonl", Self.manifest(old)),
        try folder.write("new.waybill.jsonl", Self.manifest("a1 !b{\"size\":1} c2"))
      )
      let found = try Compared(first, second)
      #expect(found.words == "-b ~c" && found.report.hasErrors && found.report.new.unreadable == 1)
      #expect(found.report.new.diagnostics.items.map(\.rule) == ["waybill.sample.unknown-field"])
      #expect(found.report.new.samples == 2 && found.report.old.samples == 3)
      let back = try Compared(second, first)
      #expect(back.words == "+b ~c" && back.report.old.unreadable == 1 && back.report.old.diagnostics.count(atLeast: .error) == 1)
    }
    // A line that is no record at all has no key: the other way of finding samples is taken.
    let broken = try folder.write("broken.waybill.jsonl", Self.manifest("a1 b1") + "{\"name\":\n")
    let whole = try folder.write("whole.waybill.jsonl", Self.manifest("a1 b2"))
    let found = try Compared(broken, whole)
    #expect(found.words == "~b" && found.report.old.unreadable == 1)
    // What is wrong on both sides in the same bytes is the same.
    let same = try folder.write("same.waybill.jsonl", Self.manifest("a1 !b{\"size\":1}"))
    let equal = try Compared(same, same)
    #expect(equal.counts == [0, 0, 0, 2] && !equal.report.hasErrors)
  }

  @Test func keysAreChosenByPattern() throws {
    let folder = try TemporaryFolder()
    let new = try folder.write("new.waybill.jsonl", Self.manifest("a2 b2 d1"))
    for (name, text) in [("old", "a1 b1 c1"), ("turned", "c1 b1 a1")] {
      let old = try folder.write("\(name).waybill.jsonl", Self.manifest(text))
      #expect(try Compared(old, new) { $0.keys = KeyPattern("[ac]") }.words == "~a -c")
      #expect(try Compared(old, new) { $0.keys = KeyPattern("x*") }.counts == [0, 0, 0, 0])
      let found = try Compared(old, new) { $0.keys = KeyPattern("b") }
      #expect(found.words == "~b" && found.report.old.samples == 1 && found.report.new.samples == 1)
    }
  }

  @Test func spellingIsNoDifference() throws {
    let folder = try TemporaryFolder()
    let old = try folder.write("old.waybill.jsonl", "{\"key\":\"a\",\"image\":{\"path\":\"a\"},\"split\":\"train\"}\n")
    let new = try folder.write(
      "new.waybill.jsonl", "{ \"split\": \"train\", \"image\": {\"path\":\"\\u0061\"}, \"key\": \"\\u0061\" }\r\n")
    #expect(try Compared(old, new).counts == [0, 0, 0, 1])
  }

  @Test func whatCannotBeReadAtAllStops() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a.waybill.jsonl", Self.manifest("a1"))
    for (old, new) in [(file, folder.file("none")), (folder.file("none"), file), ("-", "-")] {
      do {
        _ = try Compared(old, new)
        Issue.record("\(old) and \(new) were compared")
      } catch let failure as ComparisonFailure {
        #expect(failure.error.code == (old == "-" ? .usage : .io))
        #expect(failure.report.old.path == old && (old == "-" || failure.error.path?.hasSuffix("none") == true))
      }
    }
    // What the visitor throws ends the comparison.
    let other = try folder.write("b.waybill.jsonl", Self.manifest("a2"))
    do throws(ComparisonFailure) {
      _ = try DatasetComparison(ComparisonRequest(old: file, new: other), registry: Compared.registry).run {
        (event) throws(DatasetError) in
        if case .sample = event { throw DatasetError(.interrupted, "enough") }
      }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.error.code == .interrupted && error.report.new.format?.id == "waybill")
    }
  }

  @Test func progressEndsWhereItShould() throws {
    let folder = try TemporaryFolder()
    var text = ""
    for index in 0..<9000 { text += "{\"key\":\"\(10_000 + index)\",\"image\":{\"path\":\"x\"}}\n" }
    let old = try folder.write("old.waybill.jsonl", text)
    let new = try folder.write("new.waybill.jsonl", text.split(separator: "\n").reversed().joined(separator: "\n"))
    for other in [old, new] {
      var shown: [(Int, Int)] = []
      var comparison = DatasetComparison(ComparisonRequest(old: old, new: other), registry: Compared.registry)
      comparison.progress = { shown.append(($0, $1)) }
      _ = try comparison.run()
      #expect(shown.count >= 4 && shown.allSatisfy { $0.0 > 0 && $0.0 <= $0.1 && $0.1 >= 18_000 })
      #expect(zip(shown, shown.dropFirst()).allSatisfy { $0.0 <= $1.0 })
    }
  }

  // MARK: Edits

  /// One thing that was done to a dataset.
  private enum Edit: Int, CaseIterable {
    case addSample, removeSample, split, add, remove, move, relabel, confidence, text, none
  }

  /// Random edits are found, each as what it is, and nothing else.
  @Test(arguments: 0..<16) func editsAreFound(_ step: Int) throws {
    let seed = testSeed(4_700) + UInt64(step)
    var numbers = SeededNumbers(seed)
    let folder = try TemporaryFolder()
    let labels = LabelTable((0..<5).map { Label(name: "label \($0)") })
    var old: [Sample] = []
    var new: [Sample] = []
    var expected: [String: String] = [:]
    for position in 0..<200 {
      let key = "dir/\(numbers.below(1_000_000)) \(position).jpg"
      var sample = Sample(key: key, media: Media(.image, location: key, width: 640, height: 480))
      sample.split = "train"
      let withIDs = numbers.coin()
      for index in 0..<1 + numbers.below(6) {
        // Boxes that do not touch, so that each is itself.
        var annotation = Annotation(
          label: LabelID(index: UInt32(numbers.below(5))), box: Box(Double(index) * 100, 20, 40, 50, form: .extent))
        if withIDs { annotation.id = .integer(Int64(index)) }
        annotation.confidence = 0.5
        annotation.author = "human/alice"
        sample.annotations.append(annotation)
      }
      var edited = sample
      let edit = numbers.pick(Edit.allCases)
      let at = numbers.below(sample.annotations.count)
      switch edit {
      case .addSample: expected[key] = "+"
      case .removeSample: expected[key] = "-"
      case .none: break
      case .split:
        edited.split = "test"
        expected[key] = "~split"
      case .add:
        edited.annotations.insert(Annotation(label: LabelID(index: 0), box: Box(0, 300, 9, 9, form: .extent)), at: at)
        expected[key] = "~added"
      case .remove:
        edited.annotations.remove(at: at)
        expected[key] = "~removed"
      case .move:
        edited.annotations[at].box?.first += 3
        expected[key] = "~moved"
      case .relabel:
        let label = edited.annotations[at].label?.index ?? 0
        edited.annotations[at].label = LabelID(index: (label + 1) % 5)
        edited.annotations[at].author = "human/bob"
        expected[key] = "~relabeled"
      case .confidence:
        edited.annotations[at].confidence = 0.75
        expected[key] = "~edited"
      case .text:
        edited.annotations[at].text = "new"
        expected[key] = "~edited"
      }
      if edit != .addSample { old.append(sample) }
      if edit != .removeSample { new.append(edited) }
    }
    old.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    if numbers.coin() { new.shuffle(using: &numbers) } else { new.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
    let header = DatasetHeader(labels: labels, labelsAreComplete: true)
    let (first, second) = (
      try write(old, header, folder.file("old.waybill.jsonl")), try write(new, header, folder.file("new.waybill.jsonl"))
    )
    let found = try Compared(first, second, jobs: 1 + step % 3)
    var words: [String: String] = [:]
    for change in found.changes {
      var word = change.kind == .added ? "+" : change.kind == .removed ? "-" : "~"
      word += change.fields.map(\.feature.name).joined()
      for annotation in change.annotations {
        if annotation.kind != .changed { word += annotation.kind.rawValue }
        if annotation.isMoved { word += "moved" }
        if annotation.isRelabeled { word += "relabeled" }
        if annotation.isEdited { word += "edited" }
      }
      words[change.key] = word
    }
    #expect(words == expected, "seed \(seed)")
    #expect(found.changes.map(\.key) == expected.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, "seed \(seed)")
    // The sums add up, and mirror those of the other direction.
    let summary = found.report.summary
    let (before, after) = (old.reduce(0) { $0 + $1.annotations.count }, new.reduce(0) { $0 + $1.annotations.count })
    #expect(after == before + summary.annotations.added - summary.annotations.removed, "seed \(seed)")
    #expect(summary.labels.reduce(0) { $0 + $1.added } == summary.annotations.added)
    #expect(summary.authors.first { $0.author == "human/bob" }?.annotations.relabeled ?? 0 == summary.annotations.relabeled)
    let back = try Compared(second, first).report.summary
    #expect(back.samples.added == summary.samples.removed && back.samples.removed == summary.samples.added)
    #expect(back.samples.changed == summary.samples.changed && back.samples.unchanged == summary.samples.unchanged)
    #expect(back.annotations.added == summary.annotations.removed && back.annotations.removed == summary.annotations.added)
    #expect(back.annotations.moved == summary.annotations.moved && back.annotations.relabeled == summary.annotations.relabeled)
    #expect(back.annotations.edited == summary.annotations.edited && back.fields == summary.fields, "seed \(seed)")
  }

  private func write(_ samples: [Sample], _ header: DatasetHeader, _ path: String) throws -> String {
    let staged = try StagedOutput(target: path, kind: .file, overwrite: false)
    let writer = try NativeFormat.makeWriter(FormatOptions([], declared: [], format: "waybill"))
    let encoder = try writer.begin(
      header, WriteContext(output: staged, fileName: FileName.basename(of: path), outputName: "x", sourceFormat: "waybill"))
    let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: staged)
    var batch = EncodedBatch()
    for (position, sample) in samples.enumerated() { try encoder.encode(sample, at: position, into: &batch, context) }
    try writer.write(batch)
    try writer.finish()
    try staged.commit()
    return path
  }

  // MARK: Formats

  private static func coco(_ images: String, _ annotations: String) -> String {
    "{\"images\":[\(images)],\"annotations\":[\(annotations)],\"categories\":[{\"id\":1,\"name\":\"car\"},{\"id\":2,\"name\":\"bus\"}]}"
  }

  @Test func cocoIsComparedByKeysAndIDs() throws {
    let folder = try TemporaryFolder()
    func image(_ id: Int, _ name: String) -> String { "{\"id\":\(id),\"file_name\":\"\(name)\",\"width\":64,\"height\":48}" }
    func box(_ id: Int, _ image: Int, _ category: Int, _ x: Int) -> String {
      "{\"id\":\(id),\"image_id\":\(image),\"category_id\":\(category),\"bbox\":[\(x),2,9,9],\"area\":81,\"iscrowd\":0}"
    }
    let old = try folder.write(
      "old.json",
      Self.coco(
        image(1, "b.jpg") + "," + image(2, "a.jpg"), [box(1, 1, 1, 0), box(2, 2, 1, 0), box(3, 2, 2, 20)].joined(separator: ",")))
    let new = try folder.write(
      "new.json",
      Self.coco(
        image(2, "a.jpg") + "," + image(9, "c.jpg"), [box(3, 2, 2, 22), box(2, 2, 2, 0), box(4, 9, 1, 0)].joined(separator: ",")))
    for jobs in [1, 3] {
      let found = try Compared(old, new, jobs: jobs)
      #expect(found.words == "~a.jpg -b.jpg +c.jpg" && found.report.leftOut.isEmpty && found.report.dataset.isEmpty)
      #expect(found.changes[0].annotations.map(\.isMoved) == [false, true])
      #expect(found.changes[0].annotations.map(\.isRelabeled) == [true, false])
      #expect(try Compared(old, old, jobs: jobs).counts == [0, 0, 0, 2])
    }
    // With the native manifest, what COCO has no place for is left out and named.
    let native = try folder.write(
      "native.waybill.jsonl",
      """
      {"key":"a.jpg","image":{"path":"a.jpg","width":64,"height":48},"annotations":[{"id":2,"label":"car","box":[0,2,9,11],"by":"x"},\
      {"id":3,"label":"bus","box_xywh":[20,2,9,9]},{"label":"car","circle":[1,2,3]}]}
      {"key":"b.jpg","image":{"path":"b.jpg","width":64,"height":48},"split":"train","annotations":[{"id":1,"label":"car","box":[0,2,9,11]}]}
      {"key":"t","text":{"text":"x"}}
      """)
    let across = try Compared(old, native)
    #expect(across.counts == [0, 0, 0, 2], "\(across.changes)")
    #expect(across.report.leftOutSamples == 1 && across.report.leftOutAnnotations == 1)
    func isLeftOut(_ feature: Feature, _ old: Int, _ new: Int) -> Bool {
      across.report.leftOut.contains(.init(feature: feature, old: old, new: new))
    }
    #expect(isLeftOut(.author, 0, 1) && isLeftOut(.split, 0, 1) && isLeftOut(.area, 3, 0) && isLeftOut(.sampleID, 2, 0))
    #expect(isLeftOut(.circle, 0, 1) && !across.report.leftOut.contains { $0.feature == .box || $0.feature == .order })
    #expect(!across.report.comparesLabels && across.report.old.listsLabels && !across.report.new.listsLabels)
    let everything = try Compared(old, native) { $0.comparesAll = true }
    #expect(everything.words == "~a.jpg ~b.jpg +t" && everything.report.leftOut.isEmpty)
  }
}
