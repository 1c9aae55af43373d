import WaybillDatasetModel

/// Ids of one kind of records in the order of the file: numbers in a flat array, texts beside them once there are any.
struct IDColumn {
  private(set) var numbers: [Int64] = []
  /// Which of ``numbers`` are positions in ``texts``; empty while none is.
  private(set) var isText: [Bool] = []
  private(set) var texts: [String] = []
  private var known: [String: Int64] = [:]

  var count: Int { numbers.count }

  /// Adds an id: the text if there is one, else the number.
  @inline(__always) mutating func append(_ number: Int64, _ text: String?) {
    guard let text else {
      numbers.append(number)
      if !texts.isEmpty { isText.append(false) }
      return
    }
    appendText(text)
  }

  private mutating func appendText(_ text: String) {
    if texts.isEmpty { isText = [Bool](repeating: false, count: numbers.count) }
    let position = known[text] ?? Int64(texts.count)
    if position == texts.count {
      known[text] = position
      texts.append(text)
    }
    numbers.append(position)
    isText.append(true)
  }

  /// The text at a position, or nil for a number.
  @inline(__always) func text(_ position: Int) -> String? {
    texts.isEmpty || !isText[position] ? nil : texts[Int(numbers[position])]
  }

  /// The id at a position.
  func id(_ position: Int) -> RecordID { text(position).map { .string($0) } ?? .integer(numbers[position]) }
}
