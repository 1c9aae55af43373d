import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

@testable import WaybillLabelRepository

@Suite struct RepositorySettingsTests {
  private func read(_ text: String) -> (settings: RepositorySettings?, diagnostics: [Diagnostic]) { read(Array(text.utf8)) }

  private func read(_ bytes: [UInt8]) -> (settings: RepositorySettings?, diagnostics: [Diagnostic]) {
    let context = ReadContext(sources: SourceMap())
    let settings = bytes.withUnsafeBytes { RepositorySettings.read($0, file: context.sources.add("dataset.json"), context) }
    return (settings, context.diagnostics.items)
  }

  private static let plain = """
    {
    "waybill":1,
    "name":"street",
    "type":"object-detection",
    "sources":[],
    "shards":1,
    "labels":[
    {"name":"car"},
    {"name":"bus"}
    ]
    }

    """

  private static let full = """
    {
    "waybill":1,
    "name":"street \\"1\\"",
    "type":"text-triplets",
    "sources":["images","obs://bucket/\u{E9}"],
    "shards":64,
    "labels":[
    {"name":"man","id":3,"color":"#FF0000","shortcut":"m","shape":"bndbox","formerly":["person","human \\"being\\""]},
    {"name":"dog","parent":"animal","attributes":[{"name":"age","type":"select","values":["old","young"],"default":"old"},{"name":"note","type":"text"}]},
    {"name":"owns","relation":{"from":"man","to":"dog"}},
    {"name":"bones","keypoints":["head","tail"],"skeleton":[[1,2]],"preserved":{"coco":{"extra":1}}}
    ],
    "fields":{"licence":"CC0","year":2026},
    "preserved":{"coco":{"info":{"version":"1.0"}}},
    "conflict":[
    {"about":"label \\"man\\": the colour differ","label":"man","theirs":{"name":"man","color":"#00FF00","formerly":["person"]}},
    {"about":"name: \\"a\\" here, \\"b\\" there"}
    ]
    }

    """

  @Test(arguments: [
    plain, full, plain.replacing("[\n{\"name\":\"car\"},\n{\"name\":\"bus\"}\n]", with: "[]"),
    plain.replacing("\"name\":\"street\",\n", with: ""),
  ]) func canonicalBytesAreReadAndWrittenAlike(_ text: String) throws {
    let (settings, diagnostics) = read(text)
    #expect(diagnostics.isEmpty)
    #expect(String(decoding: try #require(settings).bytes, as: UTF8.self) == text)
  }

  @Test func everythingIsRead() throws {
    let settings = try #require(read(Self.full).settings)
    #expect(settings.header.name == #"street "1""# && settings.type == .textTriplets && settings.shardCount == 64)
    #expect(settings.sources == ["images", "obs://bucket/\u{E9}"])
    #expect(settings.labels.map(\.name) == ["man", "dog", "owns", "bones"])
    #expect(settings.labels[0].formerNames == ["person", "human \"being\""])
    #expect(settings.labels[1].attributes.first?.defaultValue == "old")
    #expect(settings.labels[2].relation == .init(source: "man", target: "dog"))
    #expect(settings.conflicts.map(\.label) == ["man", nil])
    #expect(settings.conflicts.first?.theirs?.style.color == "#00FF00")
    #expect(settings.header.fields["year"] == .integer(2026))
    #expect(settings.header.labelsAreComplete)
  }

  @Test func othersMayLayTheFileOut() throws {
    let text = #"""
      { "type" : "free",
        "labels" : [ { "name" : "a" } ], "labels_complete" : true,
        "waybill" : 1 }
      """#
    let (settings, diagnostics) = read(text)
    #expect(diagnostics.isEmpty)
    #expect(
      String(decoding: try #require(settings).bytes, as: UTF8.self)
        == "{\n\"waybill\":1,\n\"type\":\"free\",\n\"sources\":[],\n\"shards\":1,\n\"labels\":[\n{\"name\":\"a\"}\n]\n}\n")
  }

  @Test func namesMetInSamplesAreNotInTheSet() throws {
    var settings = try #require(read(Self.plain).settings)
    let before = settings.bytes
    _ = settings.header.labels.intern("met")
    #expect(settings.labels.map(\.name) == ["car", "bus"] && settings.bytes == before)
    settings.header.name = "other"
    #expect(settings.labels.count == 2)
    settings.labels = settings.labels + [Label(name: "van")]
    #expect(settings.labels.map(\.name) == ["car", "bus", "van"])
  }

  /// A file, the rule of its error, and the text at which it is.
  static let broken: [(String, String, String)] = [
    ("", "json.truncated", ""), ("[]", "waybill.header.type", "[]"), ("{\"waybill\":1,", "json.truncated", ""),
    ("{\"waybill\":1,\"type\":\"free\"} x", "json.syntax", "x"), (#"{"waybill":9,"type":"free"}"#, "waybill.header.version", "9"),
    (#"{"waybill":1}"#, "repository.settings.type", "{"), (#"{"waybill":1,"type":7}"#, "repository.settings.type", "{"),
    (#"{"waybill":1,"type":"object-detektion"}"#, "repository.settings.type", "{"),
    (#"{"waybill":1,"type":"Free"}"#, "repository.settings.type", "{"),
    (#"{"waybill":1,"type":"free","shards":0}"#, "repository.settings.shards", "{"),
    (#"{"waybill":1,"type":"free","shards":-1}"#, "repository.settings.shards", "{"),
    (#"{"waybill":1,"type":"free","shards":4097}"#, "repository.settings.shards", "{"),
    (#"{"waybill":1,"type":"free","shards":9223372036854775807}"#, "repository.settings.shards", "{"),
    (#"{"waybill":1,"type":"free","shards":9223372036854775808}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","shards":1.5}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","shards":"1"}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","sources":"images"}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","sources":[1]}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","conflict":{}}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","conflict":[{"about":1}]}"#, "repository.settings.member", "{"),
    (#"{"waybill":1,"type":"free","labels":{}}"#, "waybill.header.type", "{}"),
    (##"{"waybill":1,"type":"free","labels":[{"color":"#FFFFFF"}]}"##, "waybill.header.type", #"{"color""#),
    (#"{"waybill":1,"type":"free","labels":[{"name":"a","formerly":"b"}]}"#, "waybill.header.type", "\"b\""),
    (#"{"waybill":1,"type":"free","colour":1}"#, "waybill.header.unknown-field", "1"),
    (#"{"waybill":1,"type":"free","type":"free"}"#, "json.duplicate-key", ""),
    // What this format would keep for itself, and nobody writes.
    (#"{"waybill":1,"preserved":{"waybill":{"type":"free","mine":1}}}"#, "repository.settings.member", "{"),
  ]

  @Test(arguments: broken) func whatCannotBeUsedIsLocated(_ text: String, _ rule: String, _ place: String) throws {
    let (settings, diagnostics) = read(text)
    #expect(settings == nil || diagnostics.contains { $0.severity == .error })
    let found = try #require(diagnostics.first { $0.rule == rule }, "\(diagnostics.map(\.rule))")
    let offset = try #require(found.range).offset
    #expect(String(decoding: Array(text.utf8)[min(offset, text.utf8.count)...], as: UTF8.self).hasPrefix(place), "\(offset)")
  }

  @Test func bytesThatAreNoTextAreLocated() throws {
    let bytes = Array(#"{"waybill":1,"type":"free","name":"?"}"#.utf8).map { $0 == UInt8(ascii: "?") ? 0xFF : $0 }
    let (settings, diagnostics) = read(bytes)
    #expect(settings == nil && diagnostics.map(\.rule) == ["json.invalid-utf8"])
    #expect(diagnostics.first?.range?.offset == bytes.firstIndex(of: 0xFF))
  }

  @Test func aTypeThatIsNearlyOneIsGuessedAt() {
    #expect(
      read(#"{"waybill":1,"type":"object-detektion"}"#).diagnostics.first?.message.contains("did you mean object-detection?")
        == true)
    #expect(read(#"{"waybill":1,"type":"zzzzzzzzzzzz"}"#).diagnostics.first?.message.contains("did you mean") == false)
    #expect(read("{\"waybill\":1,\"type\":\"\\u001b\"}").diagnostics.first?.message.contains("\u{1B}") == false)
  }
}
