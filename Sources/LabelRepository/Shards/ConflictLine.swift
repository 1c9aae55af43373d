import WaybillBytes
import WaybillSyntax

/// A sample that two branches changed in ways that do not go together, as one line of a shard.
///
/// `{"key":"a.jpg","conflict":{"about":[".."],"base":{..},"ours":{..},"theirs":{..}}}`: both sides hold everything that could be merged, and
/// differ only where they do not go together. A side is null where the sample was removed; base is left out where there was none.
struct ConflictLine {
  /// What the conflict is about, in words.
  var about: [String] = []
  /// The line before both changes; nil when there was none.
  var base: UnsafeRawBufferPointer?
  /// The line as this branch would have it; nil when it has none.
  var ours: UnsafeRawBufferPointer?
  /// The line as the other branch would have it; nil when it has none.
  var theirs: UnsafeRawBufferPointer?

  /// What begins a conflict's line behind its key.
  static let member: StaticString = "conflict"

  /// The conflict at a line; nil when it is none.
  ///
  /// The sides point into the line.
  init?(_ line: UnsafeRawBufferPointer) {
    guard ConflictLine.isConflict(line) else { return nil }
    do throws(JSONFault) { try read(line) } catch { return nil }
  }

  init(about: [String], base: UnsafeRawBufferPointer?, ours: UnsafeRawBufferPointer?, theirs: UnsafeRawBufferPointer?) {
    self.about = about
    self.base = base
    self.ours = ours
    self.theirs = theirs
  }

  /// Whether a line is a conflict's.
  static func isConflict(_ line: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(line)
    guard var progress = try? scanner.beginObject(), (try? scanner.nextKey(&progress)) != nil, (try? scanner.string()) != nil,
      let second = try? scanner.nextKey(&progress)
    else { return false }
    return second == member
  }

  private mutating func read(_ line: UnsafeRawBufferPointer) throws(JSONFault) {
    var scanner = JSONScanner(line)
    var outer = try scanner.beginObject()
    _ = try scanner.nextKey(&outer)
    _ = try scanner.string()
    _ = try scanner.nextKey(&outer)
    var progress = try scanner.beginObject()
    while let name = try scanner.nextKey(&progress) {
      if name == "about" {
        var elements = try scanner.beginArray()
        while try scanner.nextElement(&elements) { about.append(try scanner.string().makeString()) }
        continue
      }
      let isNull = try scanner.peekKind() == .null
      let range = try scanner.skipValue()
      let value = isNull ? nil : UnsafeRawBufferPointer(rebasing: line[range])
      switch name {
      case "base": base = value
      case "ours": ours = value
      case "theirs": theirs = value
      default: break
      }
    }
  }

  /// Appends the line, with its line feed.
  func append(key: String, to out: inout ByteBuffer) {
    out.append("{\"key\":")
    out.appendJSON(key)
    out.append(",\"conflict\":{\"about\":[")
    for (index, text) in about.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.appendJSON(text)
    }
    out.append(UInt8(ascii: "]"))
    if let base {
      out.append(",\"base\":")
      out.append(base)
    }
    out.append(",\"ours\":")
    if let ours { out.append(ours) } else { out.append("null") }
    out.append(",\"theirs\":")
    if let theirs { out.append(theirs) } else { out.append("null") }
    out.append("}}\n")
  }
}
