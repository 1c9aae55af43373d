import WaybillBytes
import WaybillDatasetModel

/// One row in place: ten fields, of which the last is missing in older files.
struct RTTMRow {
  typealias Field = UnsafeBufferPointer<UInt8>

  static var nothing: Field { Field(start: nil, count: 0) }

  var type = nothing
  var recording = nothing
  var channel = nothing
  var start = nothing
  var duration = nothing
  var ortho = nothing
  var subtype = nothing
  var name = nothing
  var confidence = nothing
  var lookahead = nothing
  /// How many fields there are; those beyond the tenth are only counted.
  var count = 0
  /// Whether one byte stands between fields, the same everywhere, and none around them.
  var isPlain = true
  /// The byte between the first two fields.
  var separator = UInt8(ascii: " ")

  /// Finds the fields of a line.
  init(_ line: Field) {
    guard let base = line.baseAddress, !readPlain(line) else { return }
    var at = 0
    let end = line.count
    while at < end {
      let gap = at
      while at < end, base[at] == 0x20 || base[at] == 0x09 || base[at] == 0x0D { at &+= 1 }
      if at == end {
        if at > gap { isPlain = false }
        break
      }
      if count == 0 {
        if at > gap { isPlain = false }
      } else {
        if count == 1 { separator = base[gap] }
        if at &- gap != 1 || base[gap] != separator { isPlain = false }
      }
      let first = at
      while true {
        at = ControlBytes.first(in: base, from: at, to: end)
        if at == end || base[at] == 0x20 || base[at] == 0x09 || base[at] == 0x0D { break }
        // Other control characters part no fields.
        at &+= 1
      }
      set(Field(start: base + first, count: at &- first))
    }
  }

  /// A row without fields.
  private init() {}

  /// Finds the fields of a line as nearly all are: at most ten, with one and the same byte between them; nothing is changed, and the
  /// answer is false, for any other.
  private mutating func readPlain(_ line: Field) -> Bool {
    guard let base = line.baseAddress, line.count >= 8 else { return false }
    var row = RTTMRow()
    var first = 0
    var at = 0
    while at < line.count {
      // The last word ends with the line: what was seen of it before is not looked at again.
      let from = min(at, line.count &- 8)
      let word = UInt64(littleEndian: UnsafeRawPointer(base + from).loadUnaligned(as: UInt64.self))
      var marks = ControlBytes.marks(in: word) & (UInt64.max &<< UInt64(truncatingIfNeeded: (at &- from) &* 8))
      while marks != 0 {
        let place = from &+ marks.trailingZeroBitCount &>> 3
        if row.count == 0 { row.separator = base[place] }
        guard base[place] == row.separator, place > first, row.count < 9 else { return false }
        row.set(Field(start: base + first, count: place &- first))
        first = place &+ 1
        marks &= marks &- 1
      }
      at = from &+ 8
    }
    guard first < line.count, row.separator == 0x20 || row.separator == 0x09 else { return false }
    row.set(Field(start: base + first, count: line.count &- first))
    self = row
    return true
  }

  @inline(__always) private mutating func set(_ field: Field) {
    switch count {
    case 0: type = field
    case 1: recording = field
    case 2: channel = field
    case 3: start = field
    case 4: duration = field
    case 5: ortho = field
    case 6: subtype = field
    case 7: name = field
    case 8: confidence = field
    case 9: lookahead = field
    default: break
    }
    count &+= 1
  }

  /// Whether a field says that there is nothing.
  @inline(__always) static func isAbsent(_ field: Field) -> Bool {
    if field.count == 4 { return field[0] == UInt8(ascii: "<") && RTTMRow.holds(field, "<NA>") }
    return field.isEmpty
  }

  /// Whether a field is a word.
  @inline(__always) static func holds(_ field: Field, _ word: StaticString) -> Bool {
    field.holdsSameBytes(as: Field(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  /// Whether a line holds no record: it is blank, or a comment.
  @inline(__always) static func isRemark(_ line: Field) -> Bool {
    for byte in line where byte != 0x20 && byte != 0x09 && byte != 0x0D { return byte == UInt8(ascii: ";") }
    return true
  }

  /// The first two fields of a line alone: what it is and what it is about.
  static func head(_ line: Field) -> (type: Field, recording: Field) {
    guard let base = line.baseAddress else { return (nothing, nothing) }
    var at = 0
    func next() -> Field {
      while at < line.count, base[at] == 0x20 || base[at] == 0x09 || base[at] == 0x0D { at &+= 1 }
      let first = at
      while true {
        at = ControlBytes.first(in: base, from: at, to: line.count)
        if at == line.count || base[at] == 0x20 || base[at] == 0x09 || base[at] == 0x0D { break }
        at &+= 1
      }
      return Field(start: base + first, count: at &- first)
    }
    let type = next()
    return (type, next())
  }
}

/// The types of records, as NIST's definition of RTTM lists them.
enum RTTMType {
  static let names = [
    "SPEAKER", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "SU", "IP", "CB", "A/P", "SEGMENT", "NOSCORE", "NO_RT_METADATA",
    "SPKR-INFO",
  ]

  /// The type a word names, whatever its letters; nil when it names none.
  static func name(_ word: RTTMRow.Field) -> String? {
    if RTTMRow.holds(word, "SPEAKER") { return "SPEAKER" }
    guard word.count <= 16 else { return nil }
    let text = String(decoding: word, as: UTF8.self).uppercased()
    return names.first { $0 == text }
  }
}
