import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillNative

@Suite struct NativeHeaderTests {
  @Test(arguments: [
    (#"{"waybill":2}"#, "waybill.header.version"), (#"{"waybill":0}"#, "waybill.header.version"),
    (#"{"waybill":"1"}"#, "waybill.header.type"),
    (#"{"waybill":1,"labels":{}}"#, "waybill.header.type"), (#"{"waybill":1,"nam":"x"}"#, "waybill.header.unknown-field"),
    (#"{"waybill":1,"labels":[{"id":1}]}"#, "waybill.header.type"),
    (#"{"waybill":1,"labels":[{"name":"a","x":1}]}"#, "waybill.header.unknown-field"),
    (#"{"waybill":1,"name":"a","name":"b"}"#, "json.duplicate-key"), (#"{"waybill":1,"name":"a""#, "json.truncated"),
    (#"{"waybill":1,"labels":[{"name":"a","relation":{"from":"b"}}]}"#, "waybill.header.type"),
    (#"{"waybill":1,"labels":[{"name":"a","attributes":[{"name":"b"}]}]}"#, "waybill.header.type"),
    (#"{"waybill":1,"labels":[{"name":"a","skeleton":[1]}]}"#, "waybill.header.type"), (#"{"waybill":1}}"#, "json.syntax"),
    (#"{"waybill":1,"preserved":{"a":1}}"#, "waybill.header.type"),
    (#"{"waybill":1,"fields":{"a":1,"a":1}}"#, "json.duplicate-key"),
  ]) func brokenHeadersAreReported(_ header: String, _ rule: String) throws {
    let read = try read(header + "\n" + line("{}"))
    #expect(read.rules == [rule], "\(read.diagnostics.items)")
    #expect(read.samples.count == 1 && read.diagnostics.hasErrors)
  }

  @Test func joinedFilesJoinTheirHeaders() throws {
    let first =
      #"{"waybill":1,"name":"d","labels":[{"name":"a","id":1},{"name":"a","id":2}],"fields":{"x":1},"preserved":{"coco":{"info":{}}}}"#
    let second =
      #"{"waybill":1,"name":"d","labels":[{"name":"b"},{"name":"a","id":1}],"fields":{"x":1,"y":2},"preserved":{"coco":{"info":{},"licenses":[]},"voc":{"z":1}}}"#
    let read = try read(first + "\n" + line(#"{"label":"a","label_number":2}"#) + second + "\n" + line(#"{"label":"b"}"#))
    #expect(read.rules.isEmpty)
    #expect(read.header.labels.labels.map(\.name) == ["a", "a", "b"])
    #expect(read.header.fields.items.map(\.name) == ["x", "y"])
    #expect(String(decoding: read.header.preserved["coco"], as: UTF8.self) == #""info":{},"licenses":[]"#)
    #expect(!read.header.preserved["voc"].isEmpty)
    #expect(read.samples[0].annotations[0].label == LabelID(index: 1))
    #expect(read.samples[1].annotations[0].label == LabelID(index: 2))
  }

  @Test(arguments: [
    #"{"waybill":1,"name":"e"}"#, #"{"waybill":1,"labels":[{"name":"a","id":9}]}"#, #"{"waybill":1,"labels":[{"name":"a"}]}"#,
    #"{"waybill":1,"fields":{"x":2}}"#, #"{"waybill":1,"preserved":{"coco":{"info":{"year":1}}}}"#,
  ]) func headersThatDisagreeAreReported(_ second: String) throws {
    let first = #"{"waybill":1,"name":"d","labels":[{"name":"a","id":1}],"fields":{"x":1},"preserved":{"coco":{"info":{}}}}"#
    let read = try read(first + "\n" + second + "\n")
    #expect(read.rules == ["waybill.header.conflict"])
    #expect(read.diagnostics.items.first?.range?.offset == first.utf8.count + 1)
    #expect(read.diagnostics.items.first?.related.first?.range.offset == 0)
    #expect(read.header.name == "d" && read.header.labels.labels == [Label(name: "a", id: .integer(1))])
  }

  @Test func openLabelListsStayOpen() throws {
    let table = LabelTable([Label(name: "a"), Label(name: "b", id: .integer(3))])
    let text = try write(DatasetHeader(labels: table), []).text
    #expect(text == #"{"waybill":1,"labels":[{"name":"a"},{"name":"b","id":3}],"labels_complete":false}"# + "\n")
    #expect(try !read(text).header.labelsAreComplete)
    #expect(try write(DatasetHeader(labels: LabelTable([Label(name: "a")])), []).text == "{\"waybill\":1}\n")
  }

  @Test func foldersOfShardsAreOneDataset() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("labels/b.waybill.jsonl", line(#"{"label":"x"}"#).replacingOccurrences(of: "\"a\"", with: "\"2\""))
    _ = try folder.write(
      "labels/a.waybill.jsonl",
      #"{"waybill":1,"name":"s"}"# + "\n" + line("{\"boxx\":1}").replacingOccurrences(of: "\"a\"", with: "\"1\""))
    _ = try folder.write("labels/c.waybill.jsonl", "")
    _ = try folder.write("labels/d.waybill.jsonl", line("7"))
    _ = try folder.write("other.jsonl", "{}")
    let read = try read(path: folder.path)
    #expect(read.samples.map(\.key) == ["1", "2", "a"])
    #expect(read.header.name == "s")
    let places = read.diagnostics.items.compactMap(\.range).map { read.sources.path(of: $0.file) }
    #expect(places == ["\(folder.path)/labels/a.waybill.jsonl", "\(folder.path)/labels/d.waybill.jsonl"])
    let empty = try TemporaryFolder()
    #expect(try NativeTests.read(path: empty.path).rules == ["waybill.file.none"])
  }

  @Test(arguments: [
    ("a.jsonl", #"{"waybill":1}"#, Detection.Confidence.certain as Detection.Confidence?),
    ("a.txt", #"{"key":"a","image":{"path":"a"}}"#, .certain),
    ("a", "\u{FEFF}\n{\"name\":\"d\",\"waybill\":1}", .certain), ("a", #"{"key":"a","id":1,"text":{"text":"cut of"#, .certain),
    ("a.waybill.jsonl", "", .possible), ("a.waybill.jsonl", #"{"annotations":[{}]}"#, .possible), ("a.jsonl", "", nil),
    ("a.jsonl", #"{"source":"s3://a","annotation":[]}"#, nil), ("a.json", #"{"images":[],"annotations":[]}"#, nil),
    ("a.jsonl", #"{"key":"a","text":"b"}"#, nil), ("a.jsonl", #"{"key":1,"image":{}}"#, nil),
    ("a.waybill.jsonl", "<annotation/>", nil),
  ]) func manifestsAreDetected(_ name: String, _ text: String, _ expected: Detection.Confidence?) throws {
    let folder = try TemporaryFolder()
    let found = NativeFormat.detect(try DetectionProbe(try DatasetInput(path: try folder.write(name, text))))
    #expect(found?.confidence == expected)
    #expect(found.map { !$0.reasons.isEmpty } ?? true)
    let inFolder = NativeFormat.detect(try DetectionProbe(try DatasetInput(path: folder.path)))
    #expect((inFolder != nil) == name.hasSuffix(".waybill.jsonl"))
  }

  @Test func descriptorNamesItsRules() throws {
    let descriptor = NativeFormat.descriptor
    #expect(descriptor.reads == .all && descriptor.writes == .all && descriptor.sections == ["*"])
    #expect(Set(descriptor.rules.map(\.id)).count == descriptor.rules.count)
    #expect(descriptor.isFile("x/a.waybill.jsonl") && !descriptor.isFile("x/a"))
    let card = try String(contentsOfFile: "\(PackageFolder.root)/Formats/waybill/README.md", encoding: .utf8)
    for rule in descriptor.rules where !rule.id.hasPrefix("json.") { #expect(card.contains("`\(rule.id)`"), "\(rule.id)") }
    for name in (0...AnnotationMember.preserved.rawValue).compactMap({ AnnotationMember(rawValue: $0)?.name.description }) {
      #expect(card.contains("`\(name)`"), "\(name)")
    }
  }
}
