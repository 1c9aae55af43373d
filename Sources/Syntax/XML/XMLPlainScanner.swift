import Glibc
import WaybillBytes

/// Reads the plain documents that nearly all annotation files are, several times as fast as libxml2.
///
/// Plain means: UTF-8 without a byte order mark, an XML declaration of the usual form or none, elements with ASCII names and a
/// few attributes on one line, text without references. Anything else, and anything wrong, is left to libxml2, which alone
/// decides what a fault is; so the tree is the same whoever made it, and there is one set of messages.
enum XMLPlainScanner {
  /// Longer documents are libxml2's, which has limits of its own for them.
  private static let byteLimit = 4 << 20
  /// Well below the depth at which a document is refused.
  private static let depthLimit = 128
  private static let nameLimit = 1024
  /// Few enough to compare each with all before it.
  private static let attributeLimit = 8

  /// Fills the tree and returns true, or returns false when the document is not plain; the tree is then of no use.
  static func scan(_ source: UnsafeRawBufferPointer, into tree: inout XMLTree, recordLimit: Int) -> Bool {
    guard let base = source.baseAddress, source.count >= 4, source.count <= byteLimit, source[0] == 0x3C else { return false }
    tree.reset()
    // A zero at the end stops every loop below, so that none has to count.
    let start = tree.append(zeroTerminated: base.assumingMemoryBound(to: UInt8.self), source.count)
    return kinds.withUnsafeBufferPointer { kinds in
      guard let kinds = kinds.baseAddress else { return false }
      var cursor = Cursor(at: UnsafePointer(tree.bytes) + start, source.count, kinds)
      guard cursor.skipDeclaration(), cursor.readElements(into: &tree, recordLimit), cursor.skipBlank(),
        cursor.place - UnsafePointer(tree.bytes) == source.count
      else { return false }
      return !cursor.hasMultibyte || isText(source)
    }
  }

  /// What each byte may stand in without more ado: ``inName``, ``inText``.
  private static let kinds: [UInt8] = (0...UInt8.max).map { byte in
    let isLetterOrDigit = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
    let name = isLetterOrDigit || byte == 0x5F || byte == 0x2D || byte == 0x2E ? inName : 0
    let marks: [UInt8] = [0x3C, 0x26, 0x5D]
    return name | (byte == 0x09 || byte &- 0x20 < 0x60 && !marks.contains(byte) ? inText : 0)
  }
  private static let inName: UInt8 = 1
  /// Text but for line feeds, `<`, `&`, `]` and what is not ASCII.
  private static let inText: UInt8 = 2

  /// Whether bytes are UTF-8 and hold no U+FFFE and U+FFFF, which XML does not allow.
  private static func isText(_ source: UnsafeRawBufferPointer) -> Bool {
    guard UTF8Check.firstInvalid(in: source) == nil, let base = source.baseAddress else { return false }
    var start = 0
    while let found = memchr(base + start, 0xEF, source.count &- start) {
      let at = UnsafeRawPointer(found) - base
      if at &+ 2 < source.count, source[at &+ 1] == 0xBF, source[at &+ 2] >= 0xBE { return false }
      start = at &+ 1
    }
    return true
  }

  /// A place in the text and what was met on the way.
  private struct Cursor {
    private(set) var place: UnsafePointer<UInt8>
    private let base: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let kinds: UnsafePointer<UInt8>
    private var line: UInt32 = 1
    private(set) var hasMultibyte = false

    init(at place: UnsafePointer<UInt8>, _ count: Int, _ kinds: UnsafePointer<UInt8>) {
      self.place = place
      self.kinds = kinds
      base = place
      end = place + count
    }

    @inline(__always) private var offset: UInt32 { UInt32(truncatingIfNeeded: place - base) }

    /// Skips white space; always true.
    mutating func skipBlank() -> Bool {
      while place.pointee == 0x20 || place.pointee == 0x0A || place.pointee == 0x09 {
        if place.pointee == 0x0A { line &+= 1 }
        place += 1
      }
      return true
    }

    /// Skips a word that must stand here.
    private mutating func skip(_ word: StaticString) -> Bool {
      var index = 0
      while index < word.utf8CodeUnitCount {
        if place[index] != word.utf8Start[index] { return false }
        index &+= 1
      }
      place += index
      return true
    }

    /// Skips ` name="value"` with one of some values; false, and no move, when it is anything else.
    private mutating func skip(_ name: StaticString, _ values: (StaticString, StaticString)) -> Bool {
      let start = place
      guard place.pointee == 0x20 else { return false }
      place += 1
      if skip(name), skip("=") {
        let quote = place.pointee
        if quote == 0x22 || quote == 0x27 {
          place += 1
          if skip(values.0) || skip(values.1), place.pointee == quote {
            place += 1
            return true
          }
        }
      }
      place = start
      return false
    }

    /// Skips the declaration and the white space after it; false when it is an unusual one.
    mutating func skipDeclaration() -> Bool {
      guard place[1] == 0x3F else { return true }
      guard skip("<?xml"), skip("version", ("1.0", "1.0")) else { return false }
      _ = skip("encoding", ("UTF-8", "utf-8"))
      _ = skip("standalone", ("no", "yes"))
      if place.pointee == 0x20 { place += 1 }
      return skip("?>") && skipBlank() && place.pointee == 0x3C
    }

    /// Skips a name and returns its length; 0 when there is none of ASCII letters, digits and `_-.`.
    @inline(__always) private mutating func skipName() -> Int {
      let start = place
      guard place.pointee == 0x5F || (place.pointee | 0x20) &- 0x61 < 26 else { return 0 }
      while kinds[Int(place.pointee)] & XMLPlainScanner.inName != 0 { place += 1 }
      return place - start <= XMLPlainScanner.nameLimit ? place - start : 0
    }

    /// Skips text up to the next `<`; false at what only libxml2 shall read or refuse.
    @inline(__always) private mutating func skipText() -> Bool {
      while true {
        while kinds[Int(place.pointee)] & XMLPlainScanner.inText != 0 { place += 1 }
        let byte = place.pointee
        if byte == 0x3C { return true }
        if byte == 0x0A {
          line &+= 1
        } else if byte >= 0x80 {
          hasMultibyte = true
        } else if byte != 0x5D || place[1] == 0x5D {
          return false
        }
        place += 1
      }
    }

    /// Reads the root and all inside it.
    mutating func readElements(into tree: inout XMLTree, _ recordLimit: Int) -> Bool {
      var open: Int32 = -1
      var last: Int32 = -1
      var tailing = false
      var depth = 0
      while true {
        // At a `<`.
        let tag = offset
        if last >= 0 {
          let element = tree.elements + Int(last)
          if tailing {
            element.pointee.tailLength = tag &- element.pointee.tailStart
          } else {
            element.pointee.textLength = tag &- element.pointee.textStart
          }
        }
        if place[1] == 0x2F {
          guard open >= 0 else { return false }
          let element = tree.elements + Int(open)
          guard skipEndTag(element.pointee) else { return false }
          element.pointee.tailStart = offset
          last = open
          open = element.pointee.parentIndex
          tailing = true
          depth &-= 1
        } else {
          guard depth < XMLPlainScanner.depthLimit, tree.elementCount &+ tree.attributeCount < recordLimit else { return false }
          let index = Int32(truncatingIfNeeded: tree.elementCount)
          if last >= 0 {
            if tailing {
              tree.elements[Int(last)].nextSiblingIndex = index
            } else {
              tree.elements[Int(last)].firstChildIndex = index
            }
          }
          place += 1
          let length = skipName()
          guard length > 0 else { return false }
          let attributeStart = tree.attributeCount
          if place.pointee == 0x20 { guard readAttributes(into: &tree) else { return false } }
          let isEmpty = place.pointee == 0x2F
          if isEmpty { place += 1 }
          guard place.pointee == 0x3E else { return false }
          place += 1
          tree.append(
            XMLElement(
              nameStart: tag &+ 1, nameLength: UInt32(truncatingIfNeeded: length),
              attributeStart: UInt32(truncatingIfNeeded: attributeStart),
              attributeCount: UInt32(truncatingIfNeeded: tree.attributeCount &- attributeStart), textStart: offset, parent: open,
              line: line, offset: tag))
          last = index
          tailing = isEmpty
          if isEmpty {
            tree.elements[Int(index)].tailStart = offset
          } else {
            open = index
            depth &+= 1
          }
        }
        if open < 0 { return true }
        guard skipText() else { return false }
      }
    }

    /// Skips the end tag of an element.
    @inline(__always) private mutating func skipEndTag(_ element: XMLElement) -> Bool {
      let name = base + Int(element.nameStart)
      let length = Int(element.nameLength)
      place += 2
      guard end - place > length, memcmp(place, name, length) == 0 else { return false }
      guard place[length] == 0x3E else { return false }
      place += length &+ 1
      return true
    }

    /// Reads attributes up to the end of their tag.
    private mutating func readAttributes(into tree: inout XMLTree) -> Bool {
      let first = tree.attributeCount
      while place.pointee == 0x20 {
        while place.pointee == 0x20 { place += 1 }
        if place.pointee == 0x2F || place.pointee == 0x3E { return true }
        guard tree.attributeCount &- first < XMLPlainScanner.attributeLimit else { return false }
        let nameStart = offset
        let nameLength = skipName()
        guard nameLength > 0, place.pointee == 0x3D, !isReserved(nameStart) else { return false }
        let quote = place[1]
        guard quote == 0x22 || quote == 0x27 else { return false }
        place += 2
        let valueStart = offset
        while place.pointee != quote {
          let byte = place.pointee
          if byte < 0x20 || byte == 0x3C || byte == 0x26 { return false }
          if byte >= 0x80 { hasMultibyte = true }
          place += 1
        }
        for index in first..<tree.attributeCount where isSame(tree.attributes[index], nameStart, nameLength) { return false }
        tree.append(
          XMLAttribute(
            nameStart: nameStart, nameLength: UInt32(truncatingIfNeeded: nameLength), valueStart: valueStart,
            valueLength: offset &- valueStart))
        place += 1
      }
      return true
    }

    /// Whether a name begins with `xml`, which may mean something to a parser.
    private func isReserved(_ name: UInt32) -> Bool {
      let name = base + Int(name)
      return name[0] | 0x20 == 0x78 && name[1] | 0x20 == 0x6D && name[2] | 0x20 == 0x6C
    }

    private func isSame(_ attribute: XMLAttribute, _ start: UInt32, _ length: Int) -> Bool {
      Int(attribute.nameLength) == length && memcmp(base + Int(attribute.nameStart), base + Int(start), length) == 0
    }
  }
}
