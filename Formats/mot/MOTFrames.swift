import WaybillBytes
import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport

/// The frames of a sequence that is being written: a number each, and of keys, sizes and splits only what is not as usual.
struct MOTFrames {
  /// Numbers in the order in which they came.
  private(set) var numbers: [Int32] = []
  /// Numbers of frames that have no rows.
  private var withoutRows: [Int32] = []
  /// The same numbers as in ``numbers``, once one was not above all before it.
  private var known: Set<Int32>?
  private(set) var highest = 0
  private var hasZero = false
  /// Keys that are not the usual ones.
  private var keys: [Int32: String] = [:]
  /// Sizes and splits, each from a position in ``numbers`` on.
  private var sizes: [(from: Int, size: Int64)] = []
  private var splits: [(from: Int, split: String)] = []
  /// The size that the whole sequence has: the first one that is known.
  private(set) var size: Int64 = -1

  /// What a reader would call frames.
  private let usual: MOTSequenceLayout
  private let before: [UInt8]
  private let behind: [UInt8]

  init(_ usual: MOTSequenceLayout) {
    self.usual = usual
    before = Array(usual.key(of: 0).utf8.dropLast(6 + usual.pictureEnding.utf8.count))
    behind = Array(usual.pictureEnding.utf8)
  }

  /// Whether there is a frame of a number.
  mutating func contains(_ number: Int) -> Bool {
    guard let short = Int32(exactly: number), let last = numbers.last, short <= highest else { return false }
    if short == last { return true }
    let all = known ?? Set(numbers)
    known = all
    return all.contains(short)
  }

  /// The key of a frame that is there.
  func key(of number: Int) -> String { keys[Int32(truncatingIfNeeded: number)] ?? usual.key(of: number) }

  /// Adds a frame whose number is not there yet.
  mutating func add(_ number: Int, _ key: String, size: Int64, split: String) {
    let short = Int32(truncatingIfNeeded: number)
    if known == nil, let last = numbers.last, short < last { known = Set(numbers) }
    known?.insert(short)
    if !isUsual(key, number) { keys[short] = key }
    if sizes.last?.size != size { sizes.append((numbers.count, size)) }
    if splits.last?.split != split { splits.append((numbers.count, split)) }
    if self.size < 0 { self.size = size }
    numbers.append(short)
    withoutRows.append(short)
    highest = max(highest, number)
  }

  /// Notes that the frame added last has rows.
  mutating func noteRows() {
    guard let last = numbers.last, withoutRows.last == last else { return }
    withoutRows.removeLast()
    if last == 0 { hasZero = true }
  }

  /// Whether a key is what a reader would call a frame.
  private func isUsual(_ key: String, _ number: Int) -> Bool {
    var key = key
    return key.withUTF8 { text in
      guard text.count >= before.count + 6 + behind.count, text.starts(with: before),
        text.suffix(behind.count).elementsEqual(behind)
      else { return false }
      let digits = text[before.count..<(text.count - behind.count)]
      guard digits.count == 6 || digits.first != UInt8(ascii: "0"), digits.count < 18 else { return false }
      var value = 0
      for digit in digits {
        guard digit &- 48 <= 9 else { return false }
        value = value * 10 + Int(digit &- 48)
      }
      return value == number
    }
  }

  // MARK: The list of frames

  /// Whether a reader finds the same frames, with the same keys, without a list of them.
  func areUsual(size: Int64, split: String, length: Int?) -> Bool {
    guard keys.isEmpty, sizes.allSatisfy({ $0.size == size }), splits.allSatisfy({ $0.split == split }) else { return false }
    guard let length, length > 0 else { return withoutRows.isEmpty }
    // All frames of the length are there, and others only where they have rows.
    let first = hasZero ? 0 : 1
    func isListed(_ number: Int32) -> Bool { Int(number) >= first && Int(number) < first + length }
    return withoutRows.allSatisfy(isListed) && numbers.count(where: isListed) == length
  }

  /// The lines of the list.
  func list(size usualSize: Int64, split usualSplit: String) -> [UInt8] {
    var out = ByteBuffer(capacity: numbers.count * 32)
    var order = Array(numbers.indices)
    if known != nil { order.sort { numbers[$0] < numbers[$1] } }
    let sizePlaces = sizes.map(\.from)
    let splitPlaces = splits.map(\.from)
    for position in order {
      let number = Int(numbers[position])
      let size = MOTFrames.last(of: sizePlaces, notAbove: position).map { sizes[$0].size } ?? -1
      let split = MOTFrames.last(of: splitPlaces, notAbove: position).map { splits[$0].split } ?? ""
      var values: [AttributeValue] = [.string(key(of: number))]
      var more = Attributes()
      if size != usualSize { more["size"] = size < 0 ? .null : .list([.integer(size >> 32), .integer(size & 0xFFFF_FFFF)]) }
      if split != usualSplit { more["split"] = split.isEmpty ? .null : .string(split) }
      if !more.isEmpty { values.append(.object(more)) }
      NumberedLines.append(number, values, to: &out)
    }
    return out.array()
  }

  /// The last of some ascending places that is not above a position.
  private static func last(of places: [Int], notAbove position: Int) -> Int? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }
}
