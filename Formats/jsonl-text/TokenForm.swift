/// The members of a token with certain columns, put together once.
final class TokenForm {
  /// What a member says.
  enum Key: String {
    case text, start, end, column
    case number = "id"
    case space = "ws"
  }

  /// A member: what it says, and its key with the comma before it and the colon behind it.
  struct Piece {
    var key: Key
    var head: UnsafeBufferPointer<UInt8>
    /// How long the comma is, with the space that may follow it.
    var comma: Int
  }

  let columns: [String]
  /// The room all keys take, with what else stands around the texts of a token.
  let room: Int
  /// Whether no column has the name of another member.
  let isSound: Bool
  /// The bytes that are copied at once.
  static let wordLength = 16
  private let pieces: [Piece]
  private let memory: UnsafeMutableBufferPointer<UInt8>

  init(_ columns: [String], _ layout: RecordLayout, _ text: RecordText) {
    self.columns = columns
    var names: Set<String> = ["text", "start", "end", "ws"]
    isSound = columns.allSatisfy { names.insert($0).inserted }
    var members: [(key: Key, head: [UInt8])] = []
    for name in layout.tokenKeys {
      // A column of this name takes the place of the number.
      guard let key = Key(rawValue: name), key != .column, key != .number || names.insert(name).inserted else { continue }
      members.append((key, text.head(name)))
    }
    for column in columns { members.append((.column, text.head(column))) }
    let comma = text.spaceBehindComma ? [UInt8(ascii: ","), UInt8(ascii: " ")] : [UInt8(ascii: ",")]
    let length = members.reduce(0) { $0 + comma.count + $1.head.count }
    // Each member has two quotes at most, or a number.
    room = length + members.count * 24 + 32
    // Behind each key there is something to read, for keys are copied in words.
    memory = .allocate(capacity: length + TokenForm.wordLength)
    memory.update(repeating: 0)
    var found: [Piece] = []
    var at = 0
    for member in members {
      let head = comma + member.head
      for (index, byte) in head.enumerated() { memory[at + index] = byte }
      let place = UnsafeBufferPointer(rebasing: memory[at..<at + head.count])
      found.append(Piece(key: member.key, head: place, comma: comma.count))
      at += head.count
    }
    pieces = found
  }

  deinit { memory.deallocate() }

  func withPieces<Result>(_ body: (UnsafeBufferPointer<Piece>) -> Result) -> Result {
    pieces.withUnsafeBufferPointer(body)
  }
}
