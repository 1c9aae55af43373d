import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillNative

/// Records, found without decoding.
@Suite struct NativeRecordTests {
  /// Of each position: the bytes of the record, its key, and the key that decoding finds.
  private func records(_ path: String) throws -> [(bytes: String?, key: String?, decoded: String?)] {
    let reader = NativeReader(input: try DatasetInput(path: path))
    let context = ReadContext(sources: SourceMap())
    let index = try reader.survey(Demand(), context)
    return try (0..<index.count).map { position in
      let record = index.record(position)
      return (
        record.map { String(decoding: $0.bytes, as: UTF8.self) },
        record.map { $0.withKey { String(decoding: $0, as: UTF8.self) } },
        try reader.decode(position, in: index, context)?.key
      )
    }
  }

  private static func line(_ key: String) -> String { "{\"key\":\"\(key)\",\"image\":{}}" }

  static let manifests: [(text: String, keys: [String])] = [
    ("", []), (line("a"), ["a"]), (line("a") + "\n" + line("b") + "\n", ["a", "b"]),
    ("{\"waybill\":1}\n" + line("a") + "\n{\"waybill\":1}\n" + line("b"), ["a", "b"]),
    ("\u{FEFF}" + line("a") + "\r\n\r\n \n" + line("b\\u0021") + "\r\n", ["a", "b!"]),
    ("{\"image\":{},\"key\":\"x\"}\n" + line("é/🚗"), ["x", "é/🚗"]),
  ]

  @Test(arguments: manifests) func areWholeLines(_ row: (text: String, keys: [String])) throws {
    let folder = try TemporaryFolder()
    let found = try records(try folder.write("a.waybill.jsonl", row.text))
    #expect(found.map(\.key) == row.keys)
    #expect(found.map(\.decoded) == row.keys)
    for record in found {
      #expect(record.bytes.map { row.text.contains($0) && $0.hasPrefix("{") && $0.hasSuffix("}") } == true)
    }
  }

  @Test func shardsGoOnWhereOthersEnd() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("d/1.waybill.jsonl", Self.line("b") + "\n" + Self.line("a"))
    _ = try folder.write("d/2.waybill.jsonl", Self.line("c") + "\n")
    let found = try records(folder.file("d"))
    #expect(found.map(\.bytes) == ["b", "a", "c"].map(Self.line))
  }

  @Test func whatHasNoKeyHasNoRecord() throws {
    let folder = try TemporaryFolder()
    let found = try records(try folder.write("a.waybill.jsonl", Self.line("a") + "\n{\"image\":{}}\n{\"key\":1}\n{\"image\":\n"))
    #expect(found.map(\.key) == ["a", nil, nil, nil] && found.map(\.decoded) == ["a", nil, nil, nil])
  }

  /// Records are there far behind the pages that were let go.
  @Test func longManifestsAreReadFromAnywhere() throws {
    let folder = try TemporaryFolder()
    let filler = String(repeating: "x", count: 20_000)
    let lines = (0..<2000).map { "{\"key\":\"\($0)\",\"image\":{\"path\":\"\(filler)\"}}\n" }.joined()
    let reader = NativeReader(input: try DatasetInput(path: try folder.write("a.waybill.jsonl", lines)))
    let index = try reader.survey(Demand(), ReadContext(sources: SourceMap()))
    for position in Array(0..<index.count) + [0, 1999, 7] {
      let record = try #require(index.record(position))
      #expect(record.withKey { String(decoding: $0, as: UTF8.self) } == "\(position)" && record.bytes.count > 20_000)
    }
    for position in [-1, 2000] { #expect(index.record(position)?.bytes.count == nil) }
  }
}
