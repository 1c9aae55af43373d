import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillNative

@Suite struct NativeReaderTests {
  /// Cases: an annotation, the rule it breaks, and the text at which the rule is reported.
  @Test(arguments: [
    (#"{"box":[1,2,3]}"#, "waybill.annotation.number-count", "[1,2,3]"), (#"{"box":"no"}"#, "waybill.annotation.type", "\"no\""),
    (#"{"box":[1,2,"x",4]}"#, "waybill.annotation.type", "\"x\""),
    (#"{"boxx":[1]}"#, "waybill.annotation.unknown-field", "\"boxx\""),
    (#"{"confidence":null}"#, "waybill.annotation.type", "null"), (#"{"id":true}"#, "waybill.annotation.type", "true"),
    (#"{"id":1.5}"#, "waybill.annotation.type", "1.5"), (#"{"id":1,"id":2}"#, "json.duplicate-key", ",\"id\":2"),
    (#"{"box":[1,2,3,4],"box_xywh":[1,2,3,4]}"#, "waybill.annotation.two-places", "{\"box\""),
    (#"{"circle":[1,2,3],"point":[1,2]}"#, "waybill.annotation.two-places", "{\"circle\""),
    (#"{"frame":1,"instant":2}"#, "waybill.annotation.two-places", "{\"frame\""),
    (#"{"polygon":[[1,2,3]]}"#, "waybill.annotation.number-count", "[1,2,3]"),
    (#"{"polygon":[]}"#, "waybill.annotation.number-count", "[]}"),
    (#"{"polygon":[1,2]}"#, "waybill.annotation.type", "1,2"), (#"{"polyline":[1]}"#, "waybill.annotation.number-count", "[1]"),
    (#"{"holes":[0]}"#, "waybill.annotation.holes", "[0]"),
    (#"{"polygon":[[1,2]],"holes":[1]}"#, "waybill.annotation.holes", "[1]"),
    (#"{"dashed":true}"#, "waybill.annotation.dashed", "true"), (#"{"unit":"unit"}"#, "waybill.annotation.unit", "\"unit\"}"),
    (#"{"unit":"mm","box":[1,2,3,4]}"#, "waybill.annotation.type", "\"mm\""),
    (#"{"unit":{"polygon":"unit"},"box":[1,2,3,4]}"#, "waybill.annotation.unit", "{\"polygon\""),
    (#"{"unit":{"label":"unit"},"box":[1,2,3,4]}"#, "waybill.annotation.unit", "\"label\""),
    (#"{"unit":{"box_xywh":"unit"},"box":[1,2,3,4]}"#, "waybill.annotation.unit", "{\"box_xywh\""),
    (#"{"circle":[1,2]}"#, "waybill.annotation.number-count", "[1,2]"),
    (#"{"ellipse":[1,2,3,4]}"#, "waybill.annotation.number-count", "[1,2"),
    (#"{"rotated_box":[1,2,3,4]}"#, "waybill.annotation.number-count", "[1,2"),
    (#"{"point":[1]}"#, "waybill.annotation.number-count", "[1]"),
    (#"{"interval":[1]}"#, "waybill.annotation.number-count", "[1]"),
    (#"{"interval":[1,"x"]}"#, "waybill.annotation.type", "\"x\""),
    (#"{"interval":["1:02:3",4]}"#, "waybill.annotation.type", "\"1:02:3\""),
    (#"{"instant":1234567890123456789}"#, "waybill.annotation.type", "1234567890123456789"),
    (#"{"instant":null}"#, "waybill.annotation.type", "null"),
    (#"{"keypoints":[[1]]}"#, "waybill.annotation.number-count", "[1]"),
    (#"{"mask":{"width":1,"height":1}}"#, "waybill.annotation.type", "{\"width\""),
    (#"{"mask":{"width":1,"height":1,"runs":[1.5]}}"#, "waybill.annotation.type", "[1.5]"),
    (#"{"mask":{"width":1,"height":1,"runs":[-1]}}"#, "waybill.annotation.type", "[-1]"),
    (#"{"mask":{"width":1,"height":1,"size":[]}}"#, "waybill.annotation.unknown-field", "\"size\""),
    (#"{"at":"yesterday"}"#, "waybill.annotation.time", "\"yesterday\""),
    (#"{"at":"2021-02-29T00:00:00"}"#, "waybill.annotation.time", "\"2021"),
    (#"{"label_number":1}"#, "waybill.annotation.label-number", "1}"),
    (#"{"label":"new","label_number":2}"#, "waybill.annotation.label-number", "2}"),
    (#"{"part_of":9}"#, "waybill.annotation.part-of", "{\"part_of\""), (#"{"order":-1}"#, "waybill.annotation.type", "-1"),
    (#"{"order":4294967296}"#, "waybill.annotation.type", "4294967296"),
    (#"{"link":{"from":1}}"#, "waybill.annotation.type", "{\"from\""),
    (#"{"link":{"from":1,"to":2,"x":3}}"#, "waybill.annotation.unknown-field", "\"x\""),
    (#"{"span":{"start":1,"end":2}}"#, "waybill.annotation.type", "{\"start\""),
    (#"{"span":{"start":1,"end":2,"unit":"words"}}"#, "waybill.annotation.type", "\"words\""),
    (#"{"hard":true}"#, "waybill.annotation.type", "true"), (#"{"hard":{"why":1}}"#, "waybill.annotation.unknown-field", "\"why\""),
    (#"{"attributes":{"a":1,"a":2}}"#, "json.duplicate-key", "\"a\":2"),
    (#"{"preserved":{"coco":1}}"#, "waybill.annotation.type", "1}"),
    (#"{"preserved":{"coco":{"a":1,"a":2}}}"#, "json.duplicate-key", "2}"), (#"{"area":1e999}"#, "json.number", "1e999"),
    (#"7"#, "waybill.annotation.type", "7"), (#"null"#, "waybill.annotation.type", "null"),
  ]) func brokenAnnotationsAreLeftOut(_ annotation: String, _ rule: String, _ place: String) throws {
    let text = line(#"{"id":"before"},"# + annotation + #",{"id":"after"}"#)
    let read = try read(text)
    #expect(read.rules == [rule], "\(read.diagnostics.items)")
    let ids = read.samples.first?.annotations.compactMap(\.id)
    #expect(ids == [.string("before"), .string("after")])
    let range = try #require(read.diagnostics.items.first?.range)
    let rest = String(decoding: Array(text.utf8)[range.offset...], as: UTF8.self)
    #expect(rest.hasPrefix(place), "\(rest)")
  }

  /// Cases: a line, the rule it breaks, and the column.
  @Test(arguments: [
    (#"{"image":{}}"#, "waybill.sample.missing-key", 1), (#"{"key":"a"}"#, "waybill.sample.media", 1),
    (#"{"key":"a","image":{},"text":{}}"#, "waybill.sample.media", 1), (#"{"key":7,"image":{}}"#, "waybill.sample.type", 8),
    (#"{"key":"a","image":{},"size":1}"#, "waybill.sample.unknown-field", 23),
    (#"{"key":"a","key":"b","image":{}}"#, "json.duplicate-key", 12),
    (#"{"key":"a","image":{"w":1}}"#, "waybill.sample.unknown-field", 21), (#"{"key":"a","image":[]}"#, "waybill.sample.type", 20),
    (#"{"key":"a","image":{"width":1.5}}"#, "waybill.sample.type", 29),
    (#"{"key":"a","image":{"width":1,"width":2}}"#, "json.duplicate-key", 31),
    (#"{"key":"a","image":{}"#, "json.truncated", 22), (#"{"key":"a","image":{}}}"#, "json.syntax", 23),
    (#"{"key":"a","image":{},"annotations":[{"box":[1,2,3,}]}"#, "json.syntax", 52), (#"["key"]"#, "waybill.sample.type", 1),
    (#"nonsense"#, "json.syntax", 1), (#"{"key":"\ud800","image":{}}"#, "json.lone-surrogate", 9),
    (#"{"key":"a","image":{"duration":NaN}}"#, "json.not-a-number", 32),
    (#"{"key":"a","text":{},"tokens":{}}"#, "waybill.sample.type", 31),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[[]]}}"#, "waybill.sample.type", 54),
    (#"{"key":"a","text":{},"tokens":{"rows":[],"columns":[]}}"#, "waybill.sample.type", 32),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[["a"]],"places":[]}}"#, "waybill.sample.type", 31),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[["a"]],"places":[[0,1]]}}"#, "waybill.sample.type", 31),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[["a"]],"places":[[2,1]],"unit":"utf8"}}"#, "waybill.sample.type", 70),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[["a"]],"places":"apart"}}"#, "waybill.sample.type", 69),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[["a"]],"places":"joined","unit":"utf8"}}"#, "waybill.sample.type", 31),
    (#"{"key":"a","text":{},"tokens":{"columns":[],"rows":[["a"]],"places":[[0,1]],"unit":"bytes"}}"#, "waybill.sample.type", 84),
    (#"{"key":"a","audio":{"duration":"12.5"}}"#, "waybill.sample.type", 32),
    (#"{"key":"a","audio":{"duration":"1:2"}}"#, "waybill.sample.type", 32),
    (#"{"key":"a","audio":{"duration":1e300}}"#, "waybill.sample.type", 32),
    (#"{"key":"a","image":{},"annotations":null}"#, "waybill.sample.type", 37),
    (#"{"key":"a","image":{},"annotations":[{"box":NaN}]}"#, "json.not-a-number", 45),
    (#"{"key":"a","image":{"frame":{"x":1}}}"#, "waybill.sample.unknown-field", 30),
  ]) func brokenLinesAreReported(_ broken: String, _ rule: String, _ column: Int) throws {
    let good = #"{"key":"good","image":{}}"# + "\n"
    let read = try read(good + broken + "\n" + good.replacingOccurrences(of: "good", with: "next"))
    #expect(read.rules == [rule], "\(read.diagnostics.items)")
    #expect(read.samples.map(\.key) == ["good", "next"])
    #expect(read.diagnostics.items.first?.range?.offset == good.utf8.count + column - 1)
    #expect(read.diagnostics.hasErrors)
  }

  @Test func unusualLinesAreReadWithWarnings() throws {
    let read = try read(
      "\u{FEFF}{\"key\":\"a\",\"image\":{}}\r\n\r\n \n{\"key\":\"b\",\"image\":{}}\r\n\u{FEFF}{\"key\":\"c\",\"image\":{}}")
    #expect(read.samples.map(\.key) == ["a", "b", "c"])
    #expect(Set(read.rules) == ["waybill.file.bom", "waybill.file.crlf", "waybill.line.blank"])
    #expect(read.diagnostics.counts.first { $0.rule == "waybill.line.blank" }?.count == 2)
    #expect(read.diagnostics.counts.first { $0.rule == "waybill.file.crlf" }?.count == 1)
    #expect(!read.diagnostics.hasErrors)
  }

  @Test func bytesThatAreNoTextCostTheirLine() throws {
    let lines = ["{\"key\":\"a\",\"image\":{}}\n", "{\"key\":\"b\u{1}\",\"image\":{}}\n", "{\"key\":\"c\",\"image\":{}}\n"]
    let bytes = Array(lines.joined().utf8).map { $0 == 1 ? 0xFF : $0 }
    let read = try read(bytes)
    #expect(read.rules == ["json.invalid-utf8"])
    #expect(read.diagnostics.items.first?.range?.offset == bytes.firstIndex(of: 0xFF))
    #expect(read.samples.map(\.key) == ["a", "c"])
  }

  @Test func longFilesAreWalkedInWindows() throws {
    var text = #"{"waybill":1,"name":"long"}"# + "\n"
    for index in 0..<60_000 {
      text += #"{"key":"street/\#(index).jpg","image":{"path":"street/\#(index).jpg"},"split":"\#(index % 3)"}"# + "\n"
    }
    text += "\n"
    let folder = try TemporaryFolder()
    let read = try read(path: try folder.write("long.jsonl", text), Demand(splits: true))
    #expect(read.samples.count == 60_000)
    #expect(read.samples.last?.key == "street/59999.jpg" && read.samples.last?.media.location == "street/59999.jpg")
    #expect(read.splits == ["0", "1", "2"])
    #expect(read.rules == ["waybill.line.blank"])
  }

  @Test func partsAreCountedAnewWhenOthersAreLeftOut() throws {
    let read = try read(
      line(
        #"{"id":1},{"boxx":1},{"id":3,"part_of":2},{"id":4,"part_of":1},{"id":5,"part_of":3},{"id":6,"part_of":9},{"id":7,"part_of":1}"#
      ))
    #expect(
      read.rules == [
        "waybill.annotation.unknown-field", "waybill.annotation.part-of", "waybill.annotation.part-of",
        "waybill.annotation.part-of",
      ])
    #expect(read.samples.first?.annotations.map(\.partOf) == [nil, 1, 1])
  }

  @Test func linksAndIDsAreLookedAt() throws {
    let read = try read(line(#"{"id":1},{"id":"1"},{"id":1},{"link":{"from":1,"to":"2"}},{"link":{"from":1,"to":"1"}}"#))
    #expect(read.rules == ["waybill.annotation.duplicate-id", "waybill.annotation.unknown-link"])
    #expect(read.diagnostics.items.first?.related.count == 1)
    #expect(read.samples.first?.annotations.count == 5)
    let many = (0..<40).map { #"{"id":\#($0 == 39 ? 0 : $0)}"# }.joined(separator: ",")
    #expect(try self.many(many).rules == ["waybill.annotation.duplicate-id"])
  }

  private func many(_ annotations: String) throws -> Reading { try read(line(annotations)) }

  @Test(arguments: [
    #"{"box_xywh":[1,2,-3,4]}"#, #"{"box":[5,2,3,4]}"#, #"{"circle":[1,2,-1]}"#, #"{"mask":{"width":-1,"height":1,"runs":[]}}"#,
    #"{"ellipse":[1,2,-1,1,0]}"#, #"{"rotated_box":[1,1,1,-1,0]}"#,
  ]) func negativeSizesAreKeptWithAWarning(_ annotation: String) throws {
    let read = try read(line(annotation))
    #expect(read.rules == ["waybill.annotation.negative-size"])
    #expect(try write(read.header, read.samples).lines == [line(annotation).dropLast()])
  }

  @Test func labelsAreDemandedOrDiscovered() throws {
    let text =
      line(#"{"label":"b"},{"attributes":{"label":"no"},"label":"\u0061"}"#) + #"{"waybill":1,"labels":[{"name":"z"}]}"# + "\n"
    let lazy = try read(text)
    #expect(lazy.header.labels.labels.map(\.name) == ["z", "b", "a"])
    #expect(lazy.labels(of: 0) == ["b", "a"])
    let demanded = try read(text, Demand(labels: true))
    #expect(demanded.header.labels.labels.map(\.name) == ["z", "b", "a"] && demanded.header.labelsAreComplete)
    let bare = try read(line(#"{"label":"b"}"#))
    #expect(!bare.header.labelsAreComplete)
    #expect(try write(DatasetHeader(), []).text == "{\"waybill\":1}\n")
  }

  @Test func mutationsNeverTrap() throws {
    let seed = testSeed(4)
    var generator = SampleGenerator(seed: seed)
    let header = generator.header(.all, labels: 2)
    let good = try write(header, generator.samples(6, .all, in: header)).bytes
    let folder = try TemporaryFolder()
    let path = folder.file("m.waybill.jsonl")
    let odd: [UInt8] = Array("{}[]\",:0-1e.\\ntfu \n\r".utf8) + [0, 0xFF, 0xEF, 0x80]
    for _ in 0..<2000 {
      var bytes = good
      for _ in 0..<generator.integer(1...3) {
        let at = generator.integer(0...(bytes.count - 1))
        switch generator.integer(0...2) {
        case 0: bytes[at] = odd[generator.integer(0...(odd.count - 1))]
        case 1: bytes.remove(at: at)
        default: bytes.insert(odd[generator.integer(0...(odd.count - 1))], at: at)
        }
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let read = try read(path: path)
      #expect(
        read.diagnostics.items.allSatisfy { ($0.range?.offset ?? -1) >= 0 && ($0.range?.offset ?? 0) <= bytes.count },
        "seed \(seed)")
    }
  }

  @Test func everyCutIsReported() throws {
    let text =
      #"{"waybill":1,"labels":[{"name":"a"}]}"# + "\n"
      + line(
        #"{"id":1,"label":"a","box":[1,2.5,3,4],"polygon":[[1,2,3,4]],"at":"2020-01-01T00:00:00Z","preserved":{"coco":{"x":[1]}}}"#)
    let bytes = Array(text.utf8)
    let folder = try TemporaryFolder()
    for length in 0..<bytes.count {
      let read = try read(path: try folder.write("cut.jsonl", Array(bytes[..<length])))
      let isWhole =
        length == 0 || length == bytes.count - 1 || text.utf8.prefix(length).last == 0x0A || (length < 60 && bytes[length] == 0x0A)
      #expect(read.diagnostics.hasErrors == !isWhole, "cut at \(length)")
    }
  }
}
