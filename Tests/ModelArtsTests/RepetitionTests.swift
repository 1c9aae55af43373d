import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillModelArts

/// What is recognised as a repetition is read, and written, as if nothing had come before it.
@Suite struct RepetitionTests {
  /// Annotations of all kinds, of which many forms differ in a byte or two.
  static let annotations = [
    ##"{"name":"red deer","property":{"@modelarts:color":"#cc3333"},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14","annotated-by":"human"}"##,
    ##"{"name":"red deer","property":{"@modelarts:color":"#cc3333"},"type":"modelarts/image_classification","creation-time":"2020-02-29 00:00:00","annotated-by":"human"}"##,
    ##"{"name":"red deer","property":{"@modelarts:color":"#cc3334"},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14","annotated-by":"human"}"##,
    ##"{"name":"red deer","property":{"@modelarts:color":"#cc3333"},"type":"modelarts/image_classification","creation-time":"2019-02-29 20:23:14","annotated-by":"human"}"##,
    ##"{"name":"red deer","property":{"@modelarts:color":"#cc3333"},"type":"modelarts/image_classification","creation-time":"2019-08-03T20:23:14","annotated-by":"human"}"##,
    ##"{"name":"red deer","property":{},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14","annotated-by":"auto","confidence":0.5}"##,
    ##"{"name":"red deer","property":{},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:15","annotated-by":"auto","confidence":0.873}"##,
    ##"{"name":"red deer","property":{},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14","annotated-by":"auto","confidence":0.50}"##,
    ##"{"name":"red deer","property":{},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14","annotated-by":"auto","confidence":1}"##,
    ##"{"name":"red deer","property":{},"type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14","annotated-by":"auto","confidence":1e-3}"##,
    ##"{"confidence":0.25,"name":"red deer","type":"modelarts/image_classification","creation-time":"2019-08-03 20:23:14"}"##,
    ##"{"confidence":0.75,"name":"red deer","type":"modelarts/image_classification","creation-time":"2021-08-03 20:23:14"}"##,
    ##"{"name":"a","type":"modelarts/image_classification"}"##,
    ##"{"name":"b","type":"modelarts/image_classification"}"##,
    ##"{"name":"a","type":"modelarts/sound_classification"}"##,
    ##"{"name":"a"}"##,
    ##"{"name":"a","type":"modelarts/image_classification","hard":"true"}"##,
    ##"{"name":"a","type":"modelarts/image_classification","id":"7"}"##,
    ##"{"name":"a","type":"modelarts/image_classification","x":[1, 2]}"##,
    ##"{"name":"a","type":"modelarts/image_classification","x":[1, 3]}"##,
    ##"{"type":"modelarts/audio_content","property":{"@modelarts:content":"Hello"},"annotated-by":"human"}"##,
  ]

  /// A manifest of many lines with one to three of the annotations each; the seed is in the failure.
  private func manifest(_ annotations: [String], lines: Int, seed: UInt64) -> String {
    var numbers = SeededNumbers(seed: seed)
    var text = ""
    for line in 0..<lines {
      let some = (0...numbers.below(3)).map { _ in numbers.pick(annotations) }
      text += #"{"source":"s3://bucket/\#(line).jpg","annotation":[\#(some.joined(separator: ","))],"usage":"TRAIN"}"# + "\n"
    }
    return text
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func linesAreReadAsIfTheyWereTheFirst(seed: UInt64) throws {
    let scratch = Scratch()
    try check(scratch.put("in.manifest", manifest(Self.annotations, lines: 400, seed: seed)), "seed \(seed)")
  }

  /// Every byte of an annotation whose form is known is changed in turn.
  @Test(arguments: [0, 5, 10]) func aByteThatDiffersIsSeen(index: Int) throws {
    let known = Array(Self.annotations[index].utf8)
    var lines = [known, known]
    for at in known.indices {
      for byte in [UInt8(ascii: "0"), UInt8(ascii: "9"), UInt8(ascii: "x"), UInt8(ascii: " "), UInt8(ascii: "\"")] {
        var other = known
        other[at] = byte
        lines.append(other)
      }
      lines.append(Array(known[..<at]))
      lines.append(Array(known[..<at] + known[at...].dropFirst()))
    }
    let text = lines.enumerated().map { line, annotation in
      #"{"source":"\#(line).jpg","annotation":["# + String(decoding: annotation, as: UTF8.self) + "]}\n"
    }
    let scratch = Scratch()
    try check(scratch.put("in.manifest", text.joined()), "annotation \(index)")
  }

  /// Reads each line alone and after all the others, and writes it so as well.
  private func check(_ path: String, _ what: Comment) throws {
    let reader = try ModelArtsFormat.makeReader(DatasetInput(path: path), options([], ModelArtsFormat.descriptor.readOptions))
    try check(reader, what)
  }

  private func check<R: FormatReader>(_ reader: R, _ what: Comment) throws {
    let sources = SourceMap()
    let index = try reader.survey(Demand(), ReadContext(sources: sources))
    let shared = ReadContext(sources: sources)
    var together: [Sample] = []
    for position in 0..<index.count {
      shared.diagnostics = DiagnosticList()
      let after = try reader.decode(position, in: index, shared)
      let alone = ReadContext(sources: sources)
      let first = try reader.decode(position, in: index, alone)
      #expect(after == first, what)
      #expect(shared.diagnostics.items == alone.diagnostics.items, what)
      if let after { together.append(after) }
    }
    // Once more, when all forms have been met.
    var kept = 0
    for position in 0..<index.count {
      guard let again = try reader.decode(position, in: index, shared) else { continue }
      #expect(again == together[kept], what)
      kept += 1
    }
    #expect(kept == together.count, what)
    let scratch = Scratch()
    try write(together, index.header, to: scratch("all.manifest"), isFile: true)
    var alone = ""
    for sample in together {
      try write([sample], index.header, to: scratch("one-\(alone.utf8.count).manifest"), isFile: true)
      alone += try #require(scratch.text("one-\(alone.utf8.count).manifest"))
      if !alone.hasSuffix("\n") { alone += "\n" }
    }
    var all = try #require(scratch.text("all.manifest"))
    if !all.hasSuffix("\n") { all += "\n" }
    #expect(all == alone, what)
  }
}
