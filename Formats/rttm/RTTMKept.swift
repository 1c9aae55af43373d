import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What is kept of a recording beside its annotations: lines in their places, the rows of its UEM files, and the file it is in.
struct RTTMKept {
  /// A line that is no annotation.
  struct Line {
    /// How many annotations of the recording stand before it.
    var place: Int
    var text: [UInt8]
    /// Its position among all lines, where recordings are scattered.
    var ordinal: UInt32?
  }

  /// A row of a UEM file.
  struct Region {
    var file: String
    var text: [UInt8]
    var ordinal: UInt32?
  }

  var file: String?
  /// The id in the file, where the key is another.
  var recording: String?
  var lines: [Line] = []
  var regions: [Region] = []

  /// Nothing kept.
  init() {}

  /// What an earlier reading kept.
  init(_ preserved: Preserved) {
    PreservedReader(preserved, RTTMFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let value = try? scanner.attributeValue() else { return }
      switch (key.makeString(), value) {
      case ("file", .string(let name)): file = name
      case ("recording", .string(let id)): recording = id
      case ("lines", .list(let items)):
        for case .object(let members) in items {
          guard case .string(let text)? = members["text"], !text.utf8.contains(0x0A) else { continue }
          lines.append(Line(place: RTTMKept.number(members["at"]) ?? 0, text: Array(text.utf8), ordinal: RTTMKept.ordinal(members)))
        }
      case ("uem", .list(let items)):
        for case .object(let members) in items {
          guard case .string(let text)? = members["text"], case .string(let file)? = members["file"], !text.utf8.contains(0x0A)
          else { continue }
          regions.append(Region(file: file, text: Array(text.utf8), ordinal: RTTMKept.ordinal(members)))
        }
      default: break
      }
    }
    // A line that somebody moved by hand still comes out.
    let isSorted = zip(lines, lines.dropFirst()).allSatisfy { $0.place <= $1.place }
    if !isSorted { lines.sort { $0.place < $1.place } }
  }

  private static func number(_ value: AttributeValue?) -> Int? {
    guard case .integer(let number)? = value else { return nil }
    return Int(exactly: max(0, number))
  }

  private static func ordinal(_ members: Attributes) -> UInt32? { number(members["line"]).flatMap { UInt32(exactly: $0) } }

  /// As preserved fields of a sample.
  var preserved: Preserved {
    var out = ByteBuffer(capacity: 128)
    func key(_ name: StaticString, _ out: inout ByteBuffer) {
      if !out.isEmpty { out.append(UInt8(ascii: ",")) }
      out.append("\"")
      out.append(name)
      out.append("\":")
    }
    func ordinal(_ number: UInt32?, _ out: inout ByteBuffer) {
      guard let number else { return }
      out.append(",\"line\":")
      out.append(decimal: Int(number))
    }
    func text(_ bytes: [UInt8], _ out: inout ByteBuffer) {
      out.append(",\"text\":")
      bytes.withUnsafeBufferPointer { out.appendJSON(utf8: $0) }
    }
    if let file {
      key("file", &out)
      out.appendJSON(file)
    }
    if let recording {
      key("recording", &out)
      out.appendJSON(recording)
    }
    if !lines.isEmpty {
      key("lines", &out)
      for (number, line) in lines.enumerated() {
        out.append(number == 0 ? "[{\"at\":" : ",{\"at\":")
        out.append(decimal: line.place)
        ordinal(line.ordinal, &out)
        text(line.text, &out)
        out.append("}")
      }
      out.append("]")
    }
    if !regions.isEmpty {
      key("uem", &out)
      for (number, region) in regions.enumerated() {
        out.append(number == 0 ? "[{\"file\":" : ",{\"file\":")
        out.appendJSON(region.file)
        ordinal(region.ordinal, &out)
        text(region.text, &out)
        out.append("}")
      }
      out.append("]")
    }
    return Preserved(RTTMFormat.id, members: out.array())
  }
}
