/// How the characters of a text file lie in its bytes, and whether a byte order mark stands before them.
public struct TextEncoding: Hashable, Sendable {
  /// How a character becomes bytes.
  public enum Form: Hashable, Sendable {
    /// One to four bytes a character.
    case utf8
    /// One or two units of two bytes.
    case utf16(bigEndian: Bool)
    /// One unit of four bytes.
    case utf32(bigEndian: Bool)
    /// One of the encodings of ``TextEncoding/others``, by its name in lower case.
    case other(String)
  }

  /// How a character becomes bytes.
  public let form: Form
  /// Whether a byte order mark stands at the front; never for the encodings that have none.
  public let hasMark: Bool

  private init(_ form: Form, hasMark: Bool) {
    self.form = form
    self.hasMark = hasMark
  }

  /// UTF-8 without a mark, what most files are.
  public static let utf8 = TextEncoding(.utf8, hasMark: false)
  /// UTF-8 with a mark.
  public static let markedUTF8 = TextEncoding(.utf8, hasMark: true)

  /// UTF-16 in an order of bytes.
  public static func utf16(bigEndian: Bool, hasMark: Bool = true) -> TextEncoding {
    TextEncoding(.utf16(bigEndian: bigEndian), hasMark: hasMark)
  }

  /// UTF-32 in an order of bytes.
  public static func utf32(bigEndian: Bool, hasMark: Bool = true) -> TextEncoding {
    TextEncoding(.utf32(bigEndian: bigEndian), hasMark: hasMark)
  }

  /// The encoding that the byte order mark at the front of a file tells; nil where there is none.
  public init?(markOf bytes: UnsafeRawBufferPointer) {
    // The mark of UTF-32 in little-endian order begins with that of UTF-16, so the long ones come first.
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) {
      self = .utf32(bigEndian: false)
    } else if bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      self = .utf32(bigEndian: true)
    } else if bytes.starts(with: [0xFF, 0xFE]) {
      self = .utf16(bigEndian: false)
    } else if bytes.starts(with: [0xFE, 0xFF]) {
      self = .utf16(bigEndian: true)
    } else if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      self = .markedUTF8
    } else {
      return nil
    }
  }

  /// The encodings beside those of Unicode that are known here, by their usual names in lower case.
  ///
  /// In all of them a byte below 0x30 is the character of that number in ASCII, wherever it stands.
  public static let others: [String] =
    ["us-ascii", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "koi8-r", "koi8-u", "macintosh"]
    + (1...16).filter { $0 != 12 }.map { "iso-8859-\($0)" } + (1250...1258).map { "windows-\($0)" }

  /// The encoding of a name, in upper or lower case; nil for a name that is not known here.
  ///
  /// The Unicode names may end in `-bom`, for a mark at the front; `utf-16` and `utf-32` alone have one and are little-endian.
  public init?(named name: String) {
    let lower = String(decoding: name.utf8.prefix(32).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    let hasMark = lower.hasSuffix("-bom")
    switch hasMark ? String(lower.dropLast(4)) : lower {
    case "utf-8", "utf8": self.init(.utf8, hasMark: hasMark)
    case "utf-16": self.init(.utf16(bigEndian: false), hasMark: true)
    case "utf-16le": self.init(.utf16(bigEndian: false), hasMark: hasMark)
    case "utf-16be": self.init(.utf16(bigEndian: true), hasMark: hasMark)
    case "utf-32": self.init(.utf32(bigEndian: false), hasMark: true)
    case "utf-32le": self.init(.utf32(bigEndian: false), hasMark: hasMark)
    case "utf-32be": self.init(.utf32(bigEndian: true), hasMark: hasMark)
    default:
      let usual = TextEncoding.usualName(lower)
      guard !hasMark, TextEncoding.others.contains(usual) else { return nil }
      self.init(.other(usual), hasMark: false)
    }
  }

  private static func usualName(_ name: String) -> String {
    switch name {
    case "ascii": "us-ascii"
    case "latin1", "latin-1": "iso-8859-1"
    case "sjis", "shift-jis": "shift_jis"
    case "cp936": "gbk"
    case "mac-roman", "macroman": "macintosh"
    default: name.hasPrefix("cp125") ? "windows-" + name.dropFirst(2) : name
    }
  }

  /// The name, which ``init(named:)`` reads back: `utf-8`, `utf-8-bom`, `utf-16le-bom`, `gbk`.
  public var name: String {
    let plain: String =
      switch form {
      case .utf8: "utf-8"
      case .utf16(let isBig): isBig ? "utf-16be" : "utf-16le"
      case .utf32(let isBig): isBig ? "utf-32be" : "utf-32le"
      case .other(let name): name
      }
    return hasMark ? plain + "-bom" : plain
  }

  /// The bytes of the mark; none where there is no mark.
  public var mark: [UInt8] {
    guard hasMark else { return [] }
    switch form {
    case .utf8: return [0xEF, 0xBB, 0xBF]
    case .utf16(let isBig): return isBig ? [0xFE, 0xFF] : [0xFF, 0xFE]
    case .utf32(let isBig): return isBig ? [0, 0, 0xFE, 0xFF] : [0xFF, 0xFE, 0, 0]
    case .other: return []
    }
  }

  /// Bytes of one unit: a character is made of one unit or several.
  public var unitSize: Int {
    switch form {
    case .utf8, .other: 1
    case .utf16: 2
    case .utf32: 4
    }
  }
}
