import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Categories that no list names, in the order of their first use.
struct ImpliedCategories {
  private(set) var ids: [RecordID] = []
  private var known = CategoryTable()
  private var last: Int64?

  init() {}

  /// Notes the category a record names; one that differs from another only in its kind is that one.
  @inline(__always) mutating func note(_ number: Int64, _ text: String?) {
    if text == nil, number == last { return }
    add(text.map { .string($0) } ?? .integer(number))
    last = text == nil ? number : nil
  }

  private mutating func add(_ id: RecordID) {
    guard known.label(id) == nil, known.labelOfOtherKind(id) == nil else { return }
    known.add(id, LabelID(index: UInt32(truncatingIfNeeded: ids.count)))
    ids.append(id)
  }
}

extension FileSurvey {
  /// Walks over a list of results, the top of its file.
  mutating func results(_ scanner: inout JSONScanner, _ context: ReadContext) throws(SurveyStop) {
    kind = .results
    try annotations(&scanner, context)
    do throws(JSONFault) { try scanner.expectEnd() } catch { throw .fault(error) }
  }

  /// Makes a list of images out of what the records name, in the order of their first record.
  ///
  /// Ids that differ only in their kind are one image.
  mutating func implyImages() {
    var numbers: [Int64] = []
    var positions: [UInt32] = []
    var texts: Set<String> = []
    var offsets: [(offset: Int, number: Int64, text: String?)] = []
    for position in 0..<references.count {
      if let text = references.text(position) {
        if texts.insert(text).inserted { offsets.append((annotationOffsets[position], 0, text)) }
      } else if numbers.last != references.numbers[position] {
        numbers.append(references.numbers[position])
        positions.append(UInt32(truncatingIfNeeded: position))
      }
    }
    var isRepeat = [Bool](repeating: false, count: numbers.count)
    let table = IDTable(numbers) { isRepeat[$0.second] = true }
    for at in numbers.indices where !isRepeat[at] {
      offsets.append((annotationOffsets[Int(positions[at])], numbers[at], nil))
    }
    if !texts.isEmpty {
      // A number and a text that say the same are one image, whichever comes first.
      var seen: Set<Int64> = []
      offsets.sort { $0.offset < $1.offset }
      offsets = offsets.filter { entry in
        if let text = entry.text {
          guard case .integer(let number) = RecordID.string(text).otherKind, table.position(of: number) != nil else { return true }
          return seen.insert(number).inserted
        }
        return seen.insert(entry.number).inserted
      }
    }
    for entry in offsets {
      imageOffsets.append(entry.offset)
      imageIDs.append(entry.number, entry.text)
    }
  }
}
