import WaybillBytes
import WaybillDiagnostics
import WaybillFiles

/// Text files that rows are written to, in the order they come or in the order of their ordinals.
///
/// As long as all rows go to one file and none has an ordinal, they are written at once. From the first other row on they go to a spool, and
/// are put in order at the end: by file, then by ordinal, those without one behind the others. Memory then: 24 bytes a piece.
public final class RowFiles {
  /// What stands around the rows of a file.
  public struct Shape: Sendable {
    /// What stands before the rows, such as a byte order mark or a line of column names.
    public var head: [UInt8]
    /// Whether the last row ends like the others.
    public var endsWithLineFeed: Bool

    /// A file's shape.
    public init(head: [UInt8] = [], endsWithLineFeed: Bool = true) {
      self.head = head
      self.endsWithLineFeed = endsWithLineFeed
    }
  }

  private struct Piece {
    var file: UInt32
    var ordinal: UInt32
    var start: Int
    var length: Int
  }

  private let output: StagedOutput
  private let shape: (String) -> Shape
  private var numbers: [ExactText: UInt32] = [:]
  private var names: [String] = []
  /// The file that is written at once.
  private var direct: OpenRows?
  private var spool: Spool?
  private var pieces: [Piece] = []
  /// The file named last, which is nearly always the one named next.
  private var last: (name: String, number: UInt32)?

  /// Files of an output; the shape of each is asked for when it is begun.
  public init(_ output: StagedOutput, shape: @escaping (String) -> Shape = { _ in Shape() }) {
    self.output = output
    self.shape = shape
  }

  /// The names of the files begun so far, in order.
  public var fileNames: [String] { names }

  private func number(of name: String) -> UInt32 {
    if let last, ExactText(last.name) == ExactText(name) { return last.number }
    let number = numbers[ExactText(name)] ?? UInt32(truncatingIfNeeded: names.count)
    if Int(number) == names.count {
      numbers[ExactText(name)] = number
      names.append(name)
    }
    last = (name, number)
    return number
  }

  /// Appends whole rows, with their line ends, to a file.
  public func append(_ bytes: UnsafeRawBufferPointer, to name: String, ordinal: UInt32? = nil) throws(DatasetError) {
    guard !bytes.isEmpty else { return }
    let number = number(of: name)
    if spool == nil, ordinal == nil, number == 0 {
      if direct == nil { direct = try open(name) }
      try direct?.append(bytes)
      return
    }
    if spool == nil { spool = try output.openSpool() }
    guard let spool else { return }
    pieces.append(Piece(file: number, ordinal: ordinal ?? .max, start: spool.count, length: bytes.count))
    try spool.append(bytes)
  }

  private func open(_ name: String) throws(DatasetError) -> OpenRows {
    let shape = shape(name)
    let file = try output.openFile(name)
    try file.append(shape.head)
    return OpenRows(file: file, holdsBack: !shape.endsWithLineFeed)
  }

  /// Puts the rows in order and ends the files; those of some names are made even when no row went to them.
  public func finish(making wanted: [String] = []) throws(DatasetError) {
    if let spool {
      let mapped = try spool.map()
      // The mapping must outlive its bytes' last use.
      defer { withExtendedLifetime(mapped) {} }
      let order = sorted()
      var current: UInt32?
      var file: OpenRows?
      for position in order {
        let piece = pieces[Int(position)]
        if piece.file != current {
          try file?.close()
          try InterruptFlag.check()
          current = piece.file
          if piece.file == 0, direct != nil {
            file = direct
            direct = nil
          } else {
            file = try open(names[Int(piece.file)])
          }
        }
        try file?.append(UnsafeRawBufferPointer(rebasing: mapped.bytes[piece.start..<(piece.start + piece.length)]))
      }
      try file?.close()
    }
    try direct?.close()
    direct = nil
    for name in wanted where numbers[ExactText(name)] == nil {
      _ = number(of: name)
      var file = try open(name)
      try file.close()
    }
    spool = nil
    pieces = []
  }

  /// Positions of the pieces by file, ordinal and arrival.
  private func sorted() -> [UInt32] {
    if names.count == 1 { return RowFiles.order(of: pieces.map(\.ordinal)) }
    var order = (0..<UInt32(truncatingIfNeeded: pieces.count)).map { $0 }
    order.sort {
      let (a, b) = (pieces[Int($0)], pieces[Int($1)])
      if a.file != b.file { return a.file < b.file }
      return a.ordinal != b.ordinal ? a.ordinal < b.ordinal : $0 < $1
    }
    return order
  }

  /// Positions of things by their ordinals; those of one ordinal, and those without one at the end (`UInt32.max`), as they come.
  public static func order(of ordinals: [UInt32]) -> [UInt32] {
    var order = (0..<UInt32(truncatingIfNeeded: ordinals.count)).map { $0 }
    let limit = ordinals.count * 2 + 1024
    guard ordinals.allSatisfy({ $0 == .max || Int($0) < limit }) else {
      order.sort { ordinals[Int($0)] != ordinals[Int($1)] ? ordinals[Int($0)] < ordinals[Int($1)] : $0 < $1 }
      return order
    }
    // Ordinals of one file hardly leave a number out: counting them is quicker than comparing.
    var firsts = [UInt32](repeating: 0, count: limit + 2)
    for ordinal in ordinals { firsts[min(Int(ordinal), limit) + 1] += 1 }
    for at in 1..<firsts.count { firsts[at] += firsts[at - 1] }
    for (position, ordinal) in ordinals.enumerated() {
      let place = min(Int(ordinal), limit)
      order[Int(firsts[place])] = UInt32(truncatingIfNeeded: position)
      firsts[place] += 1
    }
    return order
  }
}

/// A file that rows are being written to.
private struct OpenRows {
  let file: OutputFile
  /// Whether the end of the last line is kept back, for the file does not end with one.
  let holdsBack: Bool
  private var held: [UInt8] = []

  init(file: OutputFile, holdsBack: Bool) {
    self.file = file
    self.holdsBack = holdsBack
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    guard holdsBack else { return try file.append(bytes) }
    if !held.isEmpty { try file.append(held) }
    held = []
    guard bytes.last == 0x0A else { return try file.append(bytes) }
    let length = bytes.count > 1 && bytes[bytes.count - 2] == 0x0D ? 2 : 1
    held = length == 2 ? [0x0D, 0x0A] : [0x0A]
    try file.append(UnsafeRawBufferPointer(rebasing: bytes.dropLast(length)))
  }

  mutating func close() throws(DatasetError) { try file.close() }
}
