/// The extra fields of a header: what they say about sizes, offsets and names (4.5).
struct ZipExtra {
  /// The rule and the words for what is wrong.
  struct Problem: Error {
    var rule: ZipRule
    var phrase: String
  }

  private var zip64: UnsafeRawBufferPointer?

  /// Walks the extra fields; those it does not know it passes over.
  init(_ bytes: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer) throws(Problem) {
    var at = 0
    // Fewer bytes than a field needs are padding that some tools leave.
    while bytes.count - at >= 4 {
      let kind = bytes.load16(at)
      let length = Int(bytes.load16(at + 2))
      guard length <= bytes.count - at - 4 else {
        throw Problem(rule: .header, phrase: "has an extra field that is longer than its header says")
      }
      let field = bytes.part(at + 4, length)
      if kind == ZipFormat.zip64Field {
        guard zip64 == nil else { throw Problem(rule: .zip64, phrase: "has two ZIP64 fields") }
        zip64 = field
      } else if kind == ZipFormat.unicodePathField {
        try Self.checkName(field, name)
      }
      at += 4 + length
    }
  }

  /// Info-ZIP's second spelling counts if it was made for this name, and must then be the same.
  private static func checkName(_ field: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) throws(Problem) {
    guard field.count >= 5, field[0] == 1, field.load32(1) == CRC32(of: name).value else { return }
    guard field.part(5, field.count - 5).isSame(as: name) else {
      throw Problem(rule: .nameTwice, phrase: "has two names that differ")
    }
  }

  /// Puts ZIP64's numbers where the header has all bits: size, stored size and, in the directory, the offset.
  ///
  /// They come in this order and only for such fields; more of them are accepted if they say what the header says.
  func resolve(_ values: inout [Int], isDirectory: Bool) throws(Problem) {
    let wanted = values.indices.filter { values[$0] == ZipFormat.limit32 }
    guard let zip64 else {
      if wanted.isEmpty { return }
      throw Problem(rule: .zip64, phrase: "needs a ZIP64 field and has none")
    }
    guard zip64.count >= wanted.count * 8 else { throw Problem(rule: .zip64, phrase: "has a ZIP64 field that is too short") }
    let inOrder = wanted.indices.map { zip64.load64($0 * 8) }
    if zip64.count > wanted.count * 8 { try checkSurplus(zip64, values, wanted, inOrder, isDirectory: isDirectory) }
    for (index, position) in wanted.enumerated() {
      guard let value = Int(exactly: inOrder[index]) else {
        throw Problem(rule: .zip64, phrase: "has an impossible number in its ZIP64 field")
      }
      values[position] = value
    }
  }

  private func checkSurplus(
    _ zip64: UnsafeRawBufferPointer, _ values: [Int], _ wanted: [Int], _ inOrder: [UInt64], isDirectory: Bool
  ) throws(Problem) {
    // A number of the first disk may come last.
    let count = zip64.count % 8 == 4 ? zip64.count - 4 : zip64.count
    let isDisk = count < zip64.count
    var isSame = count % 8 == 0 && count / 8 <= (isDirectory ? 3 : 2) && (!isDisk || (isDirectory && zip64.load32(count) == 0))
    if isSame, count > wanted.count * 8 {
      for position in 0..<min(count / 8, values.count) {
        let value = zip64.load64(position * 8)
        if let index = wanted.firstIndex(of: position) {
          isSame = isSame && value == inOrder[index]
        } else {
          isSame = isSame && value == UInt64(values[position])
        }
      }
    }
    guard isSame else { throw Problem(rule: .zip64, phrase: "has a ZIP64 field that says something else than its header") }
  }
}
