import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillDigests

@testable import WaybillVersioning

@Suite struct VersionRecordTests {
  static func digest(_ text: String) -> SHA256Digest { SHA256Digest(of: Array(text.utf8)) }

  /// A record in which everything is said.
  static func full() throws -> VersionRecord {
    var statistics = VersionStatistics()
    statistics.samples = 3
    statistics.labeled = 2
    statistics.annotations = 7
    statistics.unsplit = 1
    statistics.labels = [.init(name: "cat", annotations: 5, samples: 2), .init(name: "say \"é\"\n", annotations: 2, samples: 1)]
    statistics.splits = [.init(name: "train", samples: 2, annotations: 7)]
    statistics.media = [("image", 3)]
    var record = VersionRecord(
      dataset: try #require(DatasetName("animals")), version: try versionName("V002"),
      created: Timestamp(seconds: 1_000_000_000, zoneOffsetMinutes: 0), publisher: "alice", message: "night\nscenes",
      tool: "waybill 1",
      parent: .init(version: try versionName("V001"), digest: digest("p")), content: digest("c"), statistics: statistics,
      changes: VersionRecord.Changes(), splitting: .init(trainRatio: 0.8, seed: 7, isStratified: true, dropsExisting: true),
      dropsHardMarks: true, media: .init(mode: .pack, files: 3, bytes: 12345, missing: 1))
    record.changes?.added = 1
    record.changes?.changed = 2
    record.changes?.removed = 3
    record.changes?.unchanged = 4
    record.renderings = [.init(format: "modelarts:name=V002", folder: "V002")]
    record.objects = [
      .init(key: "V002/labels.zip", role: .labels, size: 999, digest: digest("l")),
      .init(key: "media/\(digest("m")).zip", role: .media, size: 12_000, digest: digest("m"), files: 3),
    ]
    return record
  }

  static func plain() throws -> VersionRecord {
    var record = VersionRecord(
      dataset: try #require(DatasetName("a")), version: try versionName("V001"),
      created: Timestamp(seconds: 0, zoneOffsetMinutes: 0),
      tool: "t", content: digest(""), statistics: VersionStatistics(), media: .init(mode: .none))
    record.objects = [.init(key: "V001/labels.zip", role: .labels, size: 1, digest: digest("x"))]
    return record
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    for record in [try Self.full(), try Self.plain()] {
      let (bytes, digest) = record.encoded()
      let read = try VersionRecord.read(bytes, path: "version.json")
      #expect(read.record == record)
      #expect(read.digest == digest)
      #expect(read.record.encoded().bytes == bytes)
    }
  }

  @Test func theDigestIsThatOfTheBytesWithoutIt() throws {
    let (bytes, digest) = try Self.full().encoded()
    let text = String(decoding: bytes, as: UTF8.self)
    let without = text.replacingOccurrences(of: ",\n\"sha256\":\"\(digest)\"}\n", with: "}\n")
    #expect(without.utf8.count < bytes.count)
    #expect(SHA256Digest(of: Array(without.utf8)) == digest)
  }

  /// Any JSON reader must be able to read a record.
  @Test func otherReadersReadIt() throws {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(try Self.full().encoded().bytes)) as? [String: Any])
    #expect(object["waybill_version"] as? Int == 1)
    #expect((object["statistics"] as? [String: Any])?["samples"] as? Int == 3)
    #expect((object["objects"] as? [[String: Any]])?.count == 2)
    #expect(object["created"] as? String == "2001-09-09T01:46:40Z")
  }

  @Test func everyChangedByteIsFound() throws {
    let (bytes, _) = try Self.full().encoded()
    for index in bytes.indices {
      for bit in [UInt8(1), 0x20, 0x80] {
        var changed = bytes
        changed[index] ^= bit
        #expect(throws: DatasetError.self, "byte \(index) bit \(bit)") { try VersionRecord.read(changed, path: "version.json") }
      }
    }
  }

  @Test func everyCutIsFound() throws {
    let (bytes, _) = try Self.full().encoded()
    for count in bytes.indices {
      do {
        _ = try VersionRecord.read(Array(bytes.prefix(count)), path: "v.json")
        Issue.record("\(count) bytes were taken for a record")
      } catch {
        #expect(error.code == .corrupt && error.path?.hasPrefix("v.json") == true)
      }
    }
  }

  @Test(arguments: [
    ("\"tool\"", "\"tool\":\"x\",\n\"tool\"", "stands twice"), ("\"tool\"", "\"tol\"", "no member \"tol\""),
    ("\"waybill_version\":1", "\"waybill_version\":2", "schema version 2"), ("\"V002\"", "\"../x\"", "name of a version"),
    ("\"size\":999", "\"size\":-1", "not negative"), ("\"mode\":\"pack\"", "\"mode\":\"other\"", "pack, reference or none"),
    ("2001-09-09T01:46:40Z", "yesterday", "A time is"), ("\"role\":\"labels\"", "\"role\":\"media\"", "no object with labels"),
  ])
  func problemsHaveAPlace(_ from: String, _ to: String, _ words: String) throws {
    let text = String(decoding: try Self.full().encoded().bytes, as: UTF8.self)
    let range = try #require(text.range(of: from))
    let changed = text.replacingCharacters(in: range, with: to)
    do {
      _ = try VersionRecord.read(Array(changed.utf8), path: "s/a/V002/version.json")
      Issue.record("it was taken")
    } catch {
      #expect(error.code == .corrupt)
      #expect(error.message.contains(words), "\(error.message)")
      #expect(error.path?.hasPrefix("s/a/V002/version.json:") == true, "\(error.path ?? "")")
    }
  }
}
