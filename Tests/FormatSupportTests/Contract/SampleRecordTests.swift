import Testing
import WaybillFormatSupport
import WaybillSyntax

@Suite struct SampleRecordTests {
  private func look(_ text: String) -> (kind: String, key: String) {
    var text = text
    return text.withUTF8 { bytes in
      let raw = UnsafeRawBufferPointer(bytes)
      switch ManifestLine(raw, 0..<raw.count) {
      case .sample(let key):
        return ("sample", SampleRecord(bytes: raw, key: key).withKey { String(decoding: $0, as: UTF8.self) })
      case .header: return ("header", "")
      case .other: return ("other", "")
      }
    }
  }

  static let lines: [(text: String, kind: String, key: String)] = [
    (#"{"key":"a"}"#, "sample", "a"), (#" { "image" : {"path":"}\""} , "key" : "b/c" , "split":1}"#, "sample", "b/c"),
    (#"{"key":"\u00e9\n\\"}"#, "sample", "é\n\\"), (#"{"k\u0065y":"a"}"#, "sample", "a"), (#"{"key":"a","cut"#, "sample", "a"),
    (#"{"waybill":1}"#, "header", ""), (#"{"name":"x","labels":[{"name":"key"}],"waybill":1}"#, "header", ""), ("{}", "other", ""),
    ("", "other", ""), ("[]", "other", ""), (#"{"key":3}"#, "other", ""), (#"{"key":"a"#, "other", ""), (#"{"name":"#, "other", ""),
    (#"{"name":[1,2"#, "other", ""), (#"{"key":"\ud800"}"#, "other", ""),
  ]

  @Test(arguments: lines) func linesAreToldApart(_ row: (text: String, kind: String, key: String)) {
    let found = look(row.text)
    #expect(found == (row.kind, row.key), "\(row.text)")
  }

  static let orders: [(a: String, b: String, order: Int)] = [
    (#"{"key":"a"}"#, #"{"key":"a"}"#, 0), (#"{"key":"a"}"#, #"{"key":"b"}"#, -1), (#"{"key":"a"}"#, #"{"key":"ab"}"#, -1),
    (#"{"key":""}"#, #"{"key":"a"}"#, -1), (#"{"key":"\u0061"}"#, #"{"key":"a"}"#, 0), (#"{"key":"\u0062"}"#, #"{"key":"a"}"#, 1),
    (#"{"key":"\n"}"#, #"{"key":"!"}"#, -1), (#"{"key":"é"}"#, #"{"key":"z"}"#, 1),
  ]

  @Test(arguments: orders) func keysAreOrderedByTheirText(_ row: (a: String, b: String, order: Int)) {
    func compare(_ a: String, _ b: String) -> (order: Int, isSame: Bool) {
      var (a, b) = (a, b)
      return a.withUTF8 { first in
        b.withUTF8 { second in
          let (one, other) = (UnsafeRawBufferPointer(first), UnsafeRawBufferPointer(second))
          guard case .sample(let key) = ManifestLine(one, 0..<one.count),
            case .sample(let otherKey) = ManifestLine(other, 0..<other.count)
          else { return (99, false) }
          let (record, otherRecord) = (SampleRecord(bytes: one, key: key), SampleRecord(bytes: other, key: otherKey))
          return (record.keyOrder(to: otherRecord).signum(), record.isSame(as: otherRecord))
        }
      }
    }
    #expect(compare(row.a, row.b) == (row.order, row.a == row.b))
    #expect(compare(row.b, row.a) == (-row.order, row.a == row.b))
  }
}
