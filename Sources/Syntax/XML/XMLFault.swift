/// Why a document could not be read, and where.
public struct XMLFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of fault; the raw value is the stable rule word for diagnostics.
  public enum Code: String, Sendable, CaseIterable {
    /// The text is not well-formed XML.
    case syntax = "xml.syntax"
    /// There is no document: no bytes, or white space only.
    case empty = "xml.empty"
    /// An entity other than the five predefined ones is declared or used.
    case entity = "xml.entity"
    /// The DOCTYPE names an external file or sets attribute defaults, which would change what the document says.
    case doctype = "xml.doctype"
    /// Elements are nested more than 256 deep.
    case tooDeep = "xml.too-deep"
    /// The document, the number of its elements or the attributes of one element exceed the reader's limits.
    case tooLarge = "xml.too-large"
    /// The bytes are not text in the encoding that was declared, or that encoding is not supported.
    case encoding = "xml.encoding"
  }

  /// What kind of fault it is.
  public var code: Code
  /// Offset of the fault in the source bytes; in UTF-16 and other converted files, of the last `<` before it.
  public var offset: Int
  /// Line of the fault, from 1.
  public var line: Int
  /// Column of the fault in characters, from 1.
  public var column: Int
  /// One sentence without the place; it may quote names from the file.
  public var message: String

  /// The place, the rule word and the sentence.
  public var description: String { "\(line):\(column): \(code.rawValue): \(message)" }

  init(_ code: Code, _ message: String, offset: Int = 0) {
    self.code = code
    self.offset = offset
    self.line = 1
    self.column = 1
    self.message = message
  }

  /// Sets line and column from the offset in `text`, which is UTF-8 as far as it is text at all.
  mutating func locate(in text: UnsafeRawBufferPointer) {
    offset = min(max(offset, 0), text.count)
    var line = 1
    var column = 1
    var index = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while index < offset {
      let byte = text[index]
      index &+= 1
      if byte == 0x0A {
        line &+= 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column &+= 1
      }
    }
    self.line = line
    self.column = column
  }
}
