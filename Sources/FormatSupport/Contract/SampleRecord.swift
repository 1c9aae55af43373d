import Glibc
import WaybillSyntax

/// The bytes of one sample as they stand in the input, and its key, both found without decoding.
///
/// The bytes say all there is to say about the sample: labels stand in them by name, and nothing outside them changes what they mean.
/// So two records of one format with the same bytes are the same sample. They are valid while the dataset lives.
public struct SampleRecord {
  /// The whole record.
  public let bytes: UnsafeRawBufferPointer
  /// The key's bytes as they stand there.
  public let key: UnsafeRawBufferPointer
  /// Whether the key is written with escapes, so that its bytes are not its text.
  public let hasEscapedKey: Bool

  /// A record with its key.
  public init(bytes: UnsafeRawBufferPointer, key: JSONString) {
    self.bytes = bytes
    self.key = UnsafeRawBufferPointer(key.raw)
    hasEscapedKey = key.hasEscape
  }

  /// Whether both have the same bytes.
  @inlinable public func isSame(as other: SampleRecord) -> Bool { SampleRecord.order(bytes, other.bytes) == 0 }

  /// The order of the texts of two keys, by their UTF-8: negative, zero or positive.
  @inlinable public func keyOrder(to other: SampleRecord) -> Int {
    if hasEscapedKey || other.hasEscapedKey {
      return withKey { mine in other.withKey { SampleRecord.order(mine, $0) } }
    }
    return SampleRecord.order(key, other.key)
  }

  /// Calls a closure with the UTF-8 of the key's text.
  public func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard hasEscapedKey else { return body(key) }
    var text: [UInt8] = []
    JSONUnescape.append(key.assumingMemoryBound(to: UInt8.self), to: &text)
    return text.withUnsafeBytes(body)
  }

  /// The order of two runs of bytes: negative, zero or positive.
  public static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    guard let first = a.baseAddress, let second = b.baseAddress else { return a.count - b.count }
    let order = Int(memcmp(first, second, min(a.count, b.count)))
    return order != 0 ? order : a.count - b.count
  }
}

/// What a line of a manifest is, found by its members alone.
public enum ManifestLine {
  /// A sample, with its key.
  case sample(JSONString)
  /// A header.
  case header
  /// Neither, such as a line that is cut off.
  case other

  /// Looks at the line at a range of a buffer; the key is the first member in canonical lines.
  public init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) {
    var scanner = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    self = .other
    guard var progress = try? scanner.beginObject() else { return }
    while let member = try? scanner.nextKey(&progress) {
      switch member {
      case "key":
        if let key = try? scanner.string() { self = .sample(key) }
        return
      case "waybill":
        self = .header
        return
      default:
        guard (try? scanner.skipValueStructurally()) != nil else { return }
      }
    }
  }
}
