import TestSupport
import WaybillBytes

@testable import WaybillSyntax

/// What reading a text gives: the value or the fault.
enum Outcome<Value: Equatable & Sendable>: Equatable, Sendable {
  case value(Value)
  case fault(JSONFault)
}

/// Reads from a text with a scanner of its own.
func scan<T: Equatable & Sendable>(_ text: String, _ body: (inout JSONScanner) throws(JSONFault) -> T) -> Outcome<T> {
  scan(Array(text.utf8), body)
}

/// Reads from bytes with a scanner of its own.
///
/// The bytes are copied to memory of exactly their size, so that a checker of memory sees any read beyond them.
func scan<T: Equatable & Sendable>(_ bytes: [UInt8], _ body: (inout JSONScanner) throws(JSONFault) -> T) -> Outcome<T> {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  defer { memory.deallocate() }
  memory.copyBytes(from: bytes)
  var scanner = JSONScanner(UnsafeRawBufferPointer(memory))
  do throws(JSONFault) { return .value(try body(&scanner)) } catch { return .fault(error) }
}

/// The fault of a whole document when it is skipped strictly, or nil.
func strictFault(_ text: String) -> JSONFault? { strictFault(Array(text.utf8)) }

func strictFault(_ bytes: [UInt8]) -> JSONFault? {
  let outcome = scan(bytes) { scanner throws(JSONFault) -> Bool in
    try scanner.skipValue()
    try scanner.expectEnd()
    return true
  }
  if case .fault(let fault) = outcome { return fault }
  return nil
}

/// The fault of a whole document when it is skipped by its structure, or nil.
func structuralFault(_ bytes: [UInt8]) -> JSONFault? {
  let outcome = scan(bytes) { scanner throws(JSONFault) -> Bool in
    try scanner.skipValueStructurally()
    try scanner.expectEnd()
    return true
  }
  if case .fault(let fault) = outcome { return fault }
  return nil
}

/// Random JSON texts: valid, of every kind of value, with white space anywhere it may stand.
struct DocumentDice {
  var dice: SeededNumbers

  init(_ seed: UInt64) { dice = SeededNumbers(seed) }

  mutating func space() -> String { dice.below(4) == 0 ? dice.pick([" ", "\n", "\r\n", "\t", "  \n\t "]) : "" }

  mutating func string() -> String {
    var text = "\""
    for _ in 0..<dice.pick([0, 1, 3, 7, 8, 9, 20]) {
      text += dice.pick([
        "a", "b", " ", "é", "日", "😀", "{", "}", "[", "]", ",", ":", "\\\"", "\\\\", "\\/", "\\n", "\\u00e9", "\\ud83d\\ude00",
        "\\u007b", "\u{7F}",
      ])
    }
    return text + "\""
  }

  mutating func number() -> String {
    dice.pick([
      "0", "-0", "7", "-12", "0.5", "473.07", "1e5", "-1.25E-3", "12345678901234567890", "9007199254740993", "1.0", "2e+0",
    ])
  }

  mutating func value(depth: Int = 0) -> String {
    switch dice.below(depth > 5 ? 6 : 10) {
    case 0: return "null"
    case 1: return dice.coin() ? "true" : "false"
    case 2, 3: return number()
    case 4, 5: return string()
    case 6, 7:
      let items = (0..<dice.below(5)).map { _ in space() + value(depth: depth + 1) + space() }
      return "[" + (items.isEmpty ? space() : items.joined(separator: ",")) + "]"
    default:
      var members: [String] = []
      for index in 0..<dice.below(5) {
        let key = "\"\(index)" + string().dropFirst()
        let before = space()
        let middle = space()
        members.append(before + key + middle + ":" + space() + value(depth: depth + 1) + space())
      }
      return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
    }
  }
}

/// A document with every kind of token, for cutting and damaging.
let richDocument = """
  {"a":[1,-2.5e+3,0.125,true,false,null],"text é \\u00e9\\ud83d\\ude00\\n":"plain \\"quoted\\" \\\\ back",
  \t"nested":{"deep":[[[{"x":[]},{}]]],"long string without any escape in it":"0123456789abcdef0123456789abcdef"} , "last" : -0 }
  """
