import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillModelArts

/// Lines of every kind, in the service's order of keys; each is written back with the same bytes.
let lines: [(what: String, line: String)] = [
  (
    "labels of a picture",
    #"{"annotation":[{"name":"fox","property":{"@modelarts:color":"blue 3399ff"},"type":"modelarts/image_classification","creation-time":"2024-05-06 07:08:09","annotated-by":"human"},{"name":"mammal","type":"modelarts/image_classification","creation-time":"2024-05-06 07:08:09","annotated-by":"modelarts/active-learning","confidence":0.91}],"usage":"train","source":"s3://demo-bucket/in/fox/0001.jpg","id":"00aa","sample-type":0}"#
  ),
  (
    "a hard example",
    #"{"annotation":[{"name":"fox","property":{"season":"winter"},"type":"modelarts/image_classification","creation-time":"2024-05-06 07:08:09","hard":"true","hard-coefficient":0.75,"hard-reasons":"3-20-21","annotated-by":"human"}],"usage":"eval","source":"s3://demo-bucket/in/fox/0002.jpg","id":"00ab","sample-type":0,"hard":"true","hard-coefficient":0.75}"#
  ),
  (
    "labels of a text",
    #"{"annotation":[{"name":"negative","property":{"@modelarts:color":"red cc3333"},"type":"modelarts/text_classification","creation-time":"2024-05-06 07:08:09","annotated-by":"human"}],"usage":"train","source":"content://The hinge \"broke\" on day two.\n向","id":"30aa.000000001","sample-type":1}"#
  ),
  (
    "entities",
    #"{"annotation":[{"name":"person","property":{"@modelarts:start_index":0,"@modelarts:end_index":12},"type":"modelarts/text_entity","creation-time":"2024-05-06 07:08:09","annotated-by":"human"}],"usage":"train","source":"content://Ada Lovelace worked with Charles Babbage in London.","id":"40aa","sample-type":1}"#
  ),
  (
    "triplets, the relation first",
    #"{"annotation":[{"name":"worked_with","id":"R1","property":{"@modelarts:from":"E1","@modelarts:to":"E2"},"type":"modelarts/text_triplet","creation-time":"2024-05-06 07:08:09","annotated-by":"human"},{"name":"person","id":"E1","property":{"@modelarts:start_index":0,"@modelarts:end_index":3},"type":"modelarts/text_entity"},{"name":"person","id":"E2","property":{"@modelarts:start_index":4,"@modelarts:end_index":6},"type":"modelarts/text_entity"}],"usage":"train","source":"content://Ada met Bo.","id":"50aa","sample-type":1}"#
  ),
  (
    "a sound",
    #"{"annotation":[{"name":"bark","type":"modelarts/audio_classification","creation-time":"2024-05-06 07:08:09","annotated-by":"human"}],"usage":"train","source":"s3://demo-bucket/in/snd/bark01.wav","id":"60aa","sample-type":2}"#
  ),
  (
    "speech",
    #"{"annotation":[{"property":{"@modelarts:content":"Please turn off the lamp."},"type":"modelarts/audio_content","creation-time":"2024-05-06 07:08:09","annotated-by":"human"}],"usage":"train","source":"s3://demo-bucket/in/snd/utt01.wav","id":"70aa","sample-type":2}"#
  ),
  (
    "paragraphs",
    #"{"annotation":[{"property":{"@modelarts:start_time":"00:00:01.250","@modelarts:end_time":"00:00:03.900","@modelarts:source":"agent","@modelarts:content":"Good morning."},"type":"modelarts/audio_segmentation","creation-time":"2024-05-06 07:08:09","annotated-by":"human"}],"usage":"train","source":"s3://demo-bucket/in/snd/call01.wav","id":"80aa","sample-type":2}"#
  ),
  (
    "a frame",
    #"{"usage":"train","property":{"@modelarts:parent_duration":12,"@modelarts:parent_source":"s3://demo-bucket/in/drive01.mp4","@modelarts:time_in_video":2.5},"source":"s3://demo-bucket/in/images/drive01/drive01_t2.500000.jpg","id":"90aa","sample-type":0}"#
  ),
  (
    "a missing label file",
    #"{"annotation":[{"annotation-format":"PASCAL VOC","type":"modelarts/image_segmentation","annotation-loc":"s3://b/V001/annotation/0001.xml","creation-time":"2024-05-06 07:08:09","annotated-by":"human"}],"usage":"train","source":"s3://demo-bucket/in/bikes/0001.jpg","id":"20aa","sample-type":0}"#
  ),
  (
    "a table",
    #"{"source-type":"CarbonData","property":"{\"@modelarts:schema\": {\"id\": \"string\"}}","source":"s3://b/part-0.carbondata"}"#
  ),
  (
    "a table with an object",
    #"{"usage":"TRAIN","property":{"schema":{"name":"string","image1":"BINARY"}},"source":"s3://b/t.carbondata","source-type":"carbondata"}"#
  ),
  ("no labels", #"{"source":"s3://demo-bucket/in/x/0001.jpg"}"#),
  ("a video, free format", #"{"source":"s3://b/x.mp4","sample-type":6}"#),
  ("an unlabeled text", #"{"source":"content://no labels here"}"#),
  (
    "several kinds",
    #"{"annotation":[{"name":"a","type":"modelarts/text_classification"},{"name":"p","property":{"@modelarts:start_index":0,"@modelarts:end_index":1},"type":"modelarts/text_entity"}],"source":"content://xy","id":"1"}"#
  ),
]

/// Lines that say things in unusual ways; each keeps its values.
let oddLines: [(what: String, line: String)] = [
  (
    "an old property as text",
    #"{"annotation":[{"name":"daisy","property":"[{\"type\":0,\"property\":{}}]","type":"modelarts/image_classification"}],"usage":"TRAIN","source":"s3://f/1.jpg"}"#
  ),
  (
    "a property as text that is an object",
    #"{"annotation":[{"name":"daisy","property":"{\"colour\":\"white\"}","type":"modelarts/image_classification"}],"source":"s3://f/1.jpg"}"#
  ),
  (
    "an empty property and an empty list",
    #"{"annotation":[{"name":"a","property":{},"type":"modelarts/image_classification"}],"source":"a.jpg"}"#
  ),
  ("an empty list", #"{"annotation":[],"property":{},"source":"a.jpg"}"#),
  (
    "null everywhere",
    #"{"annotation":null,"usage":null,"property":null,"source":"a.jpg","id":null,"sample-type":null,"hard":null,"inference-loc":null}"#
  ),
  (
    "null in an annotation",
    #"{"annotation":[{"name":null,"id":null,"property":null,"type":"modelarts/image_classification","creation-time":null,"hard":null,"annotated-by":null,"confidence":null}],"source":"a.jpg"}"#
  ),
  (
    "another order",
    #"{"id":"1","source":"a.jpg","annotation":[{"type":"modelarts/image_classification","confidence":0.5,"name":"x"}],"usage":"Train"}"#
  ),
  (
    "underscores",
    #"{"annotation":[{"annotation_format":"PASCAL VOC","type":"modelarts/object_detection","annotation_loc":"s3://b/1.xml","creation_time":"2019-02-20 03:16:58","annotated_by":"human"}],"source":"a.jpg","inference_loc":"s3://x"}"#
  ),
  (
    "marks of this format's own in the file",
    #"{"annotation":[{"name":"a","@keys":["x"],"@label":1,"type":"modelarts/image_classification"}],"@sidecars":3,"@keys":["y"],"source":"a.jpg"}"#
  ),
  (
    "unknown keys",
    #"{"x":{"a":[1,2,{"b":null}]},"annotation":[{"name":"a","y":1.50,"type":"modelarts/image_classification","z":"é"}],"source":"a.jpg","w":true}"#
  ),
  ("an unknown type", #"{"annotation":[{"name":"a","type":"modelarts/depth","k":1}],"source":"a.jpg"}"#),
  (
    "another service's prefix",
    #"{"annotation":[{"name":"a","type":"other/image_classification"},{"name":"b","type":"modelarts/sound_classification"}],"source":"a.jpg"}"#
  ),
  ("no type", #"{"annotation":[{"name":"a"}],"source":"a.jpg"}"#),
  (
    "hard in all spellings",
    #"{"annotation":[{"name":"a","type":"modelarts/image_classification","hard":true},{"name":"a","type":"modelarts/image_classification","hard":"True","hard-coefficient":"0.5"},{"name":"a","type":"modelarts/image_classification","hard":"maybe","hard-reasons":[1,2]}],"hard":false,"source":"a.jpg"}"#
  ),
  (
    "hard in a property",
    #"{"annotation":[{"name":"a","property":{"@modelarts:hard":"1","@modelarts:hard_coefficient":"0.5","@modelarts:hard_reasons":"3-20"},"type":"modelarts/image_classification"}],"source":"a.jpg"}"#
  ),
  (
    "offsets as text",
    #"{"annotation":[{"name":"p","property":{"@modelarts:end_index":"3","note":"n","@modelarts:start_index":"1","@modelarts:x":0},"type":"modelarts/text_entity"}],"source":"content://abcdef"}"#
  ),
  (
    "times in other spellings",
    #"{"annotation":[{"property":{"@modelarts:start_time":"0:00:01","@modelarts:end_time":"00:00:02.12345"},"type":"modelarts/audio_segmentation"}],"source":"a.wav"}"#
  ),
  (
    "a name on a paragraph",
    #"{"annotation":[{"name":"n","property":{"@modelarts:start_time":"00:00:01.000","@modelarts:end_time":"00:00:02.000"},"type":"modelarts/audio_segmentation"},{"name":"n","property":{"@modelarts:source":"s","@modelarts:start_time":"00:00:01.000","@modelarts:end_time":"00:00:02.000"},"type":"modelarts/audio_segmentation"}],"source":"a.wav"}"#
  ),
  (
    "a speaker on a picture",
    #"{"annotation":[{"name":"n","property":{"@modelarts:source":"s"},"type":"modelarts/image_classification"},{"property":{"@modelarts:source":"s"},"type":"modelarts/audio_classification"}],"source":"a.jpg"}"#
  ),
  (
    "a malformed time of creation",
    #"{"annotation":[{"name":"n","type":"modelarts/image_classification","creation-time":"2024-05-06T07:08"}],"source":"a.jpg"}"#
  ),
  (
    "numbers in other spellings",
    #"{"annotation":[{"name":"n","type":"modelarts/image_classification","confidence":1.0,"hard-coefficient":0.0},{"name":"n","type":"modelarts/image_classification","confidence":"0.9"}],"property":{"@modelarts:time_in_video":2.0,"@modelarts:parent_duration":1e1},"source":"a.jpg"}"#
  ),
  ("a size", #"{"property":{"@modelarts:size":[640,480,3],"@modelarts:data_checked":true},"source":"a.jpg"}"#),
  ("a number as id", #"{"source":"a.jpg","id":17}"#),
  ("a sample type that contradicts", #"{"source":"content://t","sample-type":0,"usage":""}"#),
  ("an unknown sample type", #"{"source":"a.jpg","sample-type":77}"#),
  (
    "a label in a type of another kind",
    #"{"annotation":[{"name":"a","type":"modelarts/text_entity"},{"name":"b","type":"modelarts/audio_content"}],"source":"content://x"}"#
  ),
  (
    "a location on a label",
    #"{"annotation":[{"name":"a","type":"modelarts/image_classification","annotation-loc":"x","annotation-format":"manifest"}],"source":"a.jpg"}"#
  ),
]

@Suite struct RoundTripTests {
  @Test(arguments: lines.indices, [false, true]) func sameBytes(index: Int, hasLineFeed: Bool) throws {
    let text = lines[index].line + (hasLineFeed ? "\n" : "")
    let (reading, written) = try roundTrip(text)
    #expect(written == text, "\(lines[index].what)")
    #expect(reading.rules.filter { $0 != "modelarts.sidecar.missing" } == [])
    #expect(reading.samples.count == 1)
  }

  @Test(arguments: oddLines.indices) func sameValues(index: Int) throws {
    let text = oddLines[index].line
    let (reading, written) = try roundTrip(text)
    #expect(!reading.diagnostics.contains { $0.severity == .error }, "\(oddLines[index].what): \(reading.diagnostics)")
    #expect(try values(written) == values(text), "\(oddLines[index].what): \(written)")
    // The keys keep their order, and numbers of unknown keys their spelling.
    #expect(written == text, "\(oddLines[index].what)")
    let again = try roundTrip(written)
    #expect(again.written == written)
    #expect(again.reading.samples == reading.samples)
  }

  @Test func oneFileOfAll() throws {
    // Lines of unlike layouts in one file: deviations from the most frequent layout are kept line by line.
    let text = (lines.map(\.line) + oddLines.map(\.line)).joined(separator: "\n")
    let (_, written) = try roundTrip(text)
    #expect(try values(written) == values(text))
    #expect(written == text)
  }

  @Test(arguments: [1, 2, 3, 1000]) func batchesDoNotMatter(size: Int) throws {
    let scratch = Scratch()
    let text = (lines.map(\.line) + oddLines.map(\.line)).joined(separator: "\n") + "\n"
    let reading = try read(scratch.put("in.manifest", text))
    try write(reading.samples, reading.header, to: scratch("out.manifest"), isFile: true, batch: size)
    #expect(scratch.text("out.manifest") == text)
  }

  @Test func escapedTextStaysEscaped() throws {
    let text =
      #"{"annotation":[{"name":"\u5411\u65e5\u8475 \ud83d\ude00","type":"modelarts/image_classification"}],"source":"a\u00e9.jpg"}"#
      + "\n"
    let (reading, written) = try roundTrip(text)
    #expect(reading.labels == ["向日葵 😀"])
    #expect(reading.samples.first?.key == "aé.jpg")
    #expect(written == text)
  }

  @Test func profiles() throws {
    let line =
      #"{"annotation":[{"name":"a","type":"modelarts/image_classification","creation-time":"2024-05-06 07:08:09","annotated-by":"human","confidence":0.5}],"usage":"train","source":"a.jpg","id":"1"}"#
    let sdk = try roundTrip(line, [], [("profile", "sdk")]).written
    #expect(
      sdk
        == #"{"id":"1","source":"a.jpg","usage":"train","annotation":[{"name":"a","type":"modelarts/image_classification","confidence":0.5,"annotated-by":"human","creation-time":"2024-05-06 07:08:09"}]}"#
        + "\n")
    #expect(try roundTrip(sdk, [], [("profile", "service")]).written == line)
    #expect(try roundTrip(sdk).written == sdk)
  }

  @Test func realFiles() throws {
    guard let corpus = PackageFolder.corpus else { return print("the real files are not here: skipped") }
    let folders = ["\(corpus)/modelarts-manifest/modelarts-dataset-sdk", "\(corpus)/../specs/modelarts-examples"]
    var count = 0
    for folder in folders {
      for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
        guard name.hasSuffix(".manifest"), !name.hasPrefix("groundtruth") else { continue }
        count += 1
        let scratch = Scratch()
        let reading = try read(folder + "/" + name)
        #expect(!reading.diagnostics.contains { $0.severity == .error }, "\(name): \(reading.diagnostics)")
        try write(reading.samples, reading.header, to: scratch("out"))
        let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        let written = try #require(scratch.text("out/V001.manifest"))
        #expect(try values(written) == values(text), "\(name)")
        if !name.hasPrefix("classification-detection") { #expect(written == text, "\(name)") }
      }
    }
    if count == 0 { print("the real files are not here: skipped") }
  }
}
