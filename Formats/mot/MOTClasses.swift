import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The classes of a file: numbers and names.
struct MOTClasses: Sendable {
  /// The classes of MOT16 and later, from 1.
  static let names = [
    "pedestrian", "person on vehicle", "car", "bicycle", "motorbike", "non motorized vehicle", "static person", "distractor",
    "occluder", "occluder on the ground", "occluder full", "reflection", "crowd",
  ]

  /// What a class is called where no list says it.
  static func name(_ number: Int) -> String { (1...names.count).contains(number) ? names[number - 1] : "\(number)" }

  /// The number of a class of the benchmark.
  static func number(_ name: String) -> Int? { names.firstIndex(of: name).map { $0 + 1 } }

  /// The names in a `labels.txt`: line 1 is class 1, and an empty line is none.
  static func list(_ text: UnsafeRawBufferPointer) -> [(number: Int, name: String)] {
    var found: [(number: Int, name: String)] = []
    var scanner = LineScanner(text)
    var number = 0
    while let line = scanner.next() {
      number += 1
      var name = text[line]
      if number == 1, name.starts(with: [0xEF, 0xBB, 0xBF]) { name = name.dropFirst(3) }
      while let last = name.last, last <= 0x20 { name.removeLast() }
      while let first = name.first, first <= 0x20 { name.removeFirst() }
      if !name.isEmpty { found.append((number, String(decoding: name, as: UTF8.self))) }
    }
    return found
  }

  /// The text of a `labels.txt`.
  static func text(_ classes: [Int: String]) -> String {
    guard let last = classes.keys.max(), last > 0 else { return "" }
    var text = ""
    for number in 1...last { text += (classes[number] ?? "") + "\n" }
    return text
  }

  /// Whether a name is a line of `labels.txt`.
  static func isLine(_ name: String) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    return first > 0x20 && last > 0x20 && !name.utf8.contains(0x0A) && !name.utf8.starts(with: [0xEF, 0xBB, 0xBF])
  }
}

/// Lines of a number and JSON values, such as `7,"a.jpg"`: what Waybill keeps beside the files of the benchmark.
enum NumberedLines {
  /// A line, or what is wrong with one.
  enum Line {
    case values(number: Int, [AttributeValue])
    /// It begins as such a line does, and cannot be read.
    case broken
    /// It is no such line at all: the file may be another tool's.
    case foreign
  }

  /// The longest line that is read.
  static let longestLine = 64 << 10

  /// Reads the lines, each with its place.
  static func read(_ text: UnsafeRawBufferPointer, _ take: (Line, Range<Int>) -> Void) {
    var scanner = LineScanner(text)
    while let line = scanner.next() {
      if !line.isEmpty { take(read(text, line), line) }
    }
  }

  private static func read(_ text: UnsafeRawBufferPointer, _ line: Range<Int>) -> Line {
    let head = text[line.lowerBound..<min(line.upperBound, line.lowerBound + 20)]
    guard let comma = head.firstIndex(of: UInt8(ascii: ",")) else { return .foreign }
    let number = UnsafeRawBufferPointer(rebasing: text[line.lowerBound..<comma]).withMemoryRebound(to: UInt8.self) {
      NumberParser.integer($0)
    }
    guard let number, let key = Int(exactly: number) else { return .foreign }
    guard line.count <= longestLine else { return .broken }
    let list = [UInt8(ascii: "[")] + Array(text[(comma + 1)..<line.upperBound]) + [UInt8(ascii: "]")]
    let value = list.withUnsafeBytes { bytes -> AttributeValue? in
      guard UTF8Check.firstInvalid(in: bytes) == nil else { return nil }
      var json = JSONScanner(bytes)
      guard let value = try? json.attributeValue(), (try? json.expectEnd()) != nil else { return nil }
      return value
    }
    guard case .list(let values)? = value, !values.isEmpty else { return .broken }
    return .values(number: key, values)
  }

  /// Appends a line with an id.
  static func append(_ number: Int, _ id: RecordID, to out: inout ByteBuffer) {
    switch id {
    case .integer(let value): append(number, [.integer(value)], to: &out)
    case .string(let text): append(number, [.string(text)], to: &out)
    }
  }

  /// Appends a line.
  static func append(_ number: Int, _ values: [AttributeValue], to out: inout ByteBuffer) {
    out.append(decimal: number)
    for value in values {
      out.append(UInt8(ascii: ","))
      out.append(json: value)
    }
    out.append(UInt8(ascii: "\n"))
  }
}
