import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillJSONLText

/// What is wrong with records, and what is not of this format.
@Suite struct JSONLTextFaultTests {
  static let faults: [(String, String, Int)] = [
    (#"{"label":"x"}"#, "jsonl-text.record.no-text", 0), (#"{"text":3}"#, "jsonl-text.record.no-text", 0),
    ("{}", "jsonl-text.record.no-text", 0),
    (#"{"filename":"a.png"}"#, "jsonl-text.record.no-text", 0), ("[1]x", "json.trailing", 3),
    (#""text""#, "jsonl-text.record.object", 0),
    (#"{"text":"a" "label":"x"}"#, "json.syntax", 12), (#"{"text":"a","text":"b"}"#, "json.duplicate-key", 12),
    (#"{"text":"a","x":1,"x":2}"#, "json.duplicate-key", 18), (#"{"text":"a","meta":{"x":1,"x":2}}"#, "json.duplicate-key", 26),
    (#"{"text":"a","cats":{"x":1,"x":0.5}}"#, "json.duplicate-key", 26), (#"{"text":"a"} {"text":"b"}"#, "json.syntax", 13),
    (#"{"text":"a","label":[[0,2,"x"]]}"#, "jsonl-text.span.outside", 21),
    (#"{"text":"a","label":[[1,0,"x"]]}"#, "jsonl-text.span.outside", 21),
    (#"{"text":"a","label":[[-1,1,"x"]]}"#, "jsonl-text.span.outside", 21),
    (#"{"text":"a","label":[[0,1]]}"#, "jsonl-text.span.offsets", 21),
    (#"{"text":"a","label":[[0,1,[]]]}"#, "jsonl-text.span.offsets", 21),
    (#"{"text":"a","label":[[0,"1","x"]]}"#, "jsonl-text.span.offsets", 21),
    (#"{"text":"a","label":[[0,99999999999999999999,"x"]]}"#, "jsonl-text.span.offsets", 21),
    (#"{"text":"a","spans":[{"start":0,"label":"x"}]}"#, "jsonl-text.span.offsets", 21),
    (#"{"text":"a","spans":[{"start":0.5,"end":1}]}"#, "jsonl-text.span.offsets", 21),
    (#"{"text":"a","annotations":[{"from_id":0,"label":"x"}]}"#, "jsonl-text.relation.ends", 27),
    (#"{"text":"a","annotations":[{"user":0}]}"#, "jsonl-text.mark.empty", 27), (#"{"text":"\ud800"}"#, "json.lone-surrogate", 9),
    (#"{"text":"a","label":"#, "json.truncated", 20), (#"{"text":"a","$lead":"x"}"#, "jsonl-text.record.reserved", 12),
    (#"{"text":"a","label":NaN}"#, "json.not-a-number", 20),
  ]

  @Test(arguments: faults) func faultsHaveAPlace(_ record: String, _ rule: String, _ offset: Int) throws {
    let good = #"{"text":"good","label":"x"}"# + "\n"
    // An array is told by its first byte, so it comes first.
    let isFirst = record.hasPrefix("[")
    let data = try read(text: isFirst ? record : good + record + "\n" + good)
    let found = try #require(data.diagnostics.items.first { $0.severity == .error }, "\(record)")
    #expect(found.rule == (rule == "json.trailing" ? "json.syntax" : rule))
    #expect(found.range?.offset == offset + (isFirst ? 0 : good.utf8.count))
    if !isFirst { #expect(data.samples.filter { $0.media.text == "good" }.count == 2) }
    #expect(JSONLTextFormat.descriptor.rules.contains { $0.id == found.rule && $0.severity == .error })
  }

  @Test func othersOfARecordAreRead() throws {
    let data = try read(text: #"{"text":"Ada","label":[[0,9,"x"],[0,1,"y"],[1,1,"z"],[2,3,"w"]]}"#)
    #expect(data.marks() == ["y@0-1", "z@1-1", "w@2-3"])
    #expect(data.rules == ["jsonl-text.span.outside", "jsonl-text.span.empty"])
  }

  @Test func recordsOverLinesAreReadOnce() throws {
    let text = "{\"text\":\"a\"}\n{\n  \"text\": \"b\"\n}\n{\"text\":\n\"c\"}\n"
    let data = try read(text: text)
    #expect(data.samples.map(\.media.text) == ["a", "b", "c"] && data.rules == ["jsonl-text.record.lines"])
    #expect(try rewritten(text) == text)
    // One that never ends is looked for once.
    let cut = try read(text: String(repeating: "{\"text\": [\n", count: 200))
    #expect(cut.samples.isEmpty && cut.diagnostics.count(atLeast: .error) == 200)
    let trailing = try read(text: "{\n\"text\": \"b\"} x\n{\"text\":\"c\"}\n")
    #expect(trailing.samples.map(\.media.text) == ["b", "c"] && trailing.rules.contains("json.syntax"))
  }

  @Test func notUTF8IsAnError() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.jsonl")
    _ = try folder.write("a.jsonl", Array("{\"text\":\"a\"}\n{\"text\":\"".utf8) + [0xFF] + Array("\"}\n{\"text\":\"c\"}\n".utf8))
    let data = try read(path)
    #expect(data.samples.map(\.media.text) == ["a", "c"] && data.diagnostics.items.map { $0.range?.offset } == [22])
    let array = try TemporaryFolder()
    _ = try array.write("a.json", Array("[{\"text\":\"".utf8) + [0xFF] + Array("\"}]".utf8))
    #expect(try read(array.file("a.json")).rules == ["json.invalid-utf8"])
  }

  @Test func nothingIsNoRecord() throws {
    for text in ["", "\n", " \n\r\n", "[]", "[ ]\n"] {
      let data = try read(text: text)
      #expect(data.samples.isEmpty && data.diagnostics.isEmpty)
      if text.hasPrefix("[") { #expect(try rewritten(text, name: "a.json") == text) }
    }
  }

  static let detections: [(String, Detection.Confidence?)] = [
    (#"{"text":"a","label":"x"}"#, .certain), (#"{"text":"a","spans":[]}"#, .certain), (#"{"text":"a"}"#, .possible),
    (#"{"text":"a","meta":{}}"#, .possible), (#"{"data":"a","label":["x"]}"#, .certain), (#"{"data":"a"}"#, nil),
    (#"{"label":"x"}"#, nil),
    (#"{"label":"x","pattern":"y"}"#, nil), (#"[{"text":"a","label":["x"]}]"#, .certain),
    ("\u{FEFF} \n" + #"{"text":"a","answer":"accept"}"#, .certain),
    (#"{"waybill":1}"#, nil), (#"{"key":"1","text":{"text":"a"}}"#, nil), (#"{"file_name":"a.png","text":"a"}"#, nil),
    (#"{"audio_filepath":"a.wav","text":"a","duration":1}"#, nil), (#"{"source":"content://a","text":"a"}"#, nil),
    (#"[{"id":0,"paragraphs":[]}]"#, nil), (#"{"filename":"a.png","label":["x"]}"#, nil), ("text,label\na,x\n", nil), ("", nil),
    ("[", nil),
    (#"{"id":1,"data":{"text":"a"},"annotations":[]}"#, nil), ("{\"label\":[]}\n" + #"{"text":"a","label":[]}"#, .certain),
  ]

  @Test(arguments: detections) func isDetectedByContent(_ text: String, _ confidence: Detection.Confidence?) throws {
    let folder = try TemporaryFolder()
    let probe = try DetectionProbe(DatasetInput(path: try folder.write("a.txt", text)))
    #expect(JSONLTextFormat.detect(probe)?.confidence == confidence)
  }

  @Test func longRecordsAreDetected() throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "word ", count: 2000)
    let path = try folder.write("a.jsonl", "{\"label\":\"x\",\"text\":\"\(long)\"}\n")
    #expect(JSONLTextFormat.detect(try DetectionProbe(DatasetInput(path: path))) != nil)
  }
}
