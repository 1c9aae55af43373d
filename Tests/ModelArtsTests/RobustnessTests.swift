import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillModelArts

@Suite struct RobustnessTests {
  @Test func truncation() throws {
    let text = Array((lines.map(\.line) + oddLines.map(\.line)).joined(separator: "\n").utf8)
    let scratch = Scratch()
    for line in lines.prefix(8) {
      let bytes = Array(line.line.utf8)
      for end in 0..<bytes.count {
        let reading = try read(scratch.put("cut.manifest", Array(bytes[..<end])))
        if end > 0 { #expect(!reading.diagnostics.isEmpty) }
      }
    }
    for end in stride(from: 0, to: text.count, by: 97) {
      _ = try read(scratch.put("cut.manifest", Array(text[..<end])))
    }
  }

  @Test func mutation() throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    print("seed \(seed)")
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: state >> 33) % bound
    }
    let scratch = Scratch()
    let all = lines.map(\.line) + oddLines.map(\.line)
    let pieces = [
      "\"", "{", "}", "[", "]", ",", ":", "-1", "1e999", "null", "\\u", "9223372036854775808", "\n", "\0", "é", "\"@keys\":[]",
      "true",
    ]
    for round in 0..<2000 {
      var bytes = Array(all[next(all.count)].utf8)
      for _ in 0...next(3) {
        let at = next(bytes.count)
        switch next(4) {
        case 0: bytes[at] = UInt8(next(256))
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: Array(pieces[next(pieces.count)].utf8), at: at)
        default: bytes.swapAt(at, next(bytes.count))
        }
        if bytes.isEmpty { bytes = [0x7B] }
      }
      let reading = try read(scratch.put("m.manifest", bytes))
      guard reading.diagnostics.allSatisfy({ $0.severity != .error }) else { continue }
      let target = "o\(round).manifest"
      try write(reading.samples, reading.header, to: scratch(target), isFile: true)
      let again = try read(scratch(target))
      #expect(
        again.samples.map(\.annotations.count) == reading.samples.map(\.annotations.count),
        "\(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test func mutatedPreservedMembers() throws {
    // What a native manifest carries may have been edited: the writer must not trip over it.
    let members = [
      #""@keys":5"#, #""@keys":["a""#, #""@sidecars":[{"entry":{},"count":-9,"before":99}]"#, #""property":{"#, #""property":[]"#,
      #"x"#, #""usage":{}"#, #""@property-keys":{}"#,
    ]
    for text in members {
      var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg"))
      sample.preserved = Preserved("modelarts", members: Array(text.utf8))
      var annotation = Annotation(label: LabelID(index: 3))
      annotation.preserved = Preserved("modelarts", members: Array(text.utf8))
      sample.annotations = [annotation]
      let scratch = Scratch()
      var header = DatasetHeader()
      header.preserved = Preserved("modelarts", members: Array("\"layout\":{\"line\":[1,\"source\"],\"annotation\":7}".utf8))
      try write([sample], header, to: scratch("out"))
      #expect(scratch.text("out/V001.manifest")?.contains("a.jpg") == true)
    }
  }

  @Test(arguments: [
    ("00:00:01.250", 1.25), ("1:02:03", 3723.0), ("02:03.5", 123.5), ("7", 7), ("-00:00:01.5", -1.5), ("100:00:00.000", 360000),
  ]) func clockTimes(text: String, seconds: Double) {
    var text = text
    #expect(text.withUTF8 { ClockTime.time($0)?.seconds } == seconds)
  }

  @Test(arguments: ["", ":", "1:2:3:4", "1:", "x", "1.", "1e5", "9999999999999999:00:00", "1.0000000000000000001", "1.2.3", "--1"])
  func noClockTimes(
    text: String
  ) {
    var text = text
    #expect(text.withUTF8 { ClockTime.time($0) } == nil)
  }

  @Test func clockTimesAreExact() throws {
    var state: UInt64 = 42
    for _ in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      for (units, digits) in [(state >> 40, 3), (state >> 20, 9), (state >> 30, Int(state >> 59))] {
        let time = try #require(MediaTime(units: Int64(units), fractionDigits: digits))
        var out = ByteBuffer()
        ClockTime.append(time, to: &out)
        let read = try #require(ClockTime.time(out.bytes.assumingMemoryBound(to: UInt8.self)))
        #expect(read == time && read.form == .hours, "\(time.text) \(out.string())")
        // Three digits at least; beyond them the digits that were given.
        #expect(Int(read.fractionDigits) == max(digits, 3))
      }
    }
  }

  @Test(arguments: [
    (lines[0].line, Detection.Confidence.certain), (#"{"source":"s3://b/a.jpg","usage":"train"}"#, .likely),
    (#"{"source":"s3://b/a.jpg"}"#, .likely), (#"{"source":"a"}"#, .possible),
  ]) func detected(text: String, confidence: Detection.Confidence) throws {
    let scratch = Scratch()
    let probe = try DetectionProbe(DatasetInput(path: scratch.put("f/x.manifest", text + "\n{}")))
    #expect(ModelArtsFormat.detect(probe)?.confidence == confidence)
    let folder = try DetectionProbe(DatasetInput(path: scratch("f")))
    #expect(ModelArtsFormat.detect(folder)?.confidence == confidence)
  }

  @Test(arguments: [
    #"{"source-ref":"s3://b/a.jpg","kind":0}"#, #"{"source":"x","source-ref":"y"}"#, #"{"key":"a","source":"b"}"#,
    #"{"waybill":1}"#,
    #"{"images":[],"annotations":[]}"#, "<annotation/>", "", "{}", "[1]",
  ]) func notDetected(text: String) throws {
    let scratch = Scratch()
    #expect(ModelArtsFormat.detect(try DetectionProbe(DatasetInput(path: scratch.put("x.json", text)))) == nil)
  }
}
