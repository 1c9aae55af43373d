import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Reads `objects`: lists that have an element for each box.
struct ObjectsDecoder {
  /// A list beside the boxes.
  private struct Column {
    var name: String
    var values: [AttributeValue]
    var offset: Int
  }

  private var columns: [Column] = []
  private var boxes: [Box] = []

  /// Reads an object of lists and appends an annotation for each box.
  mutating func read(
    _ scanner: inout JSONScanner, _ names: MetadataColumns, _ labels: LabelCache, into annotations: inout [Annotation]
  ) throws {
    columns.removeAll(keepingCapacity: true)
    boxes.removeAll(keepingCapacity: true)
    let start = scanner.offset
    var hasBoxes = false
    var seen = SeenTexts()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let name = key.makeString()
      guard seen.insert(name) else { throw JSONFault(.duplicateKey(name), at: scanner.offset(of: key)) }
      let offset = scanner.offset
      if name == names.boxes {
        hasBoxes = true
        try readBoxes(&scanner)
      } else if scanner.skipNull() {
        continue
      } else {
        guard try scanner.peekKind() == .array else {
          throw RowFault(
            rule: "media-folder.objects.length", message: "\"\(terminalSafe(name))\" is a list with an element for each box",
            offset: offset)
        }
        guard case .list(let values) = try scanner.attributeValue() else { continue }
        columns.append(Column(name: name, values: values, offset: offset))
      }
    }
    guard hasBoxes || columns.allSatisfy({ $0.values.isEmpty }) else {
      throw RowFault(
        rule: "media-folder.objects.box", message: "The objects have no list \"\(terminalSafe(names.boxes))\"", offset: start)
    }
    for column in columns where column.values.count != boxes.count {
      throw RowFault(
        rule: "media-folder.objects.length",
        message: "\"\(terminalSafe(column.name))\" has \(column.values.count) elements, and there are \(boxes.count) boxes",
        offset: column.offset)
    }
    let first = annotations.count
    for box in boxes { annotations.append(Annotation(box: box)) }
    for column in columns {
      for (index, value) in column.values.enumerated() where value != .null {
        try apply(value, column, names, labels, to: &annotations[first + index])
      }
    }
  }

  private mutating func readBoxes(_ scanner: inout JSONScanner) throws {
    if scanner.skipNull() { return }
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let start = scanner.offset
      var numbers: [Double] = []
      var inner = try scanner.beginArray()
      while try scanner.nextElement(&inner) {
        let value = try scanner.double()
        if numbers.count < 5 { numbers.append(value) }
      }
      guard numbers.count == 4 else {
        throw RowFault(
          rule: "media-folder.objects.box", message: "A box is four numbers: x, y, width and height", offset: start)
      }
      guard numbers[2] >= 0, numbers[3] >= 0 else {
        throw RowFault(
          rule: "media-folder.objects.negative", message: "This box has a negative width or height", offset: start)
      }
      boxes.append(Box(numbers[0], numbers[1], numbers[2], numbers[3], form: .extent))
    }
  }

  private func apply(
    _ value: AttributeValue, _ column: Column, _ names: MetadataColumns, _ labels: LabelCache, to annotation: inout Annotation
  ) throws(RowFault) {
    func fault(_ message: String) -> RowFault {
      RowFault(rule: "media-folder.objects.value", message: message, offset: column.offset)
    }
    switch (column.name, value) {
    case (names.categories, .string(let text)): annotation.label = text.withBytes { labels.intern($0) }
    case (names.categories, .integer(let number)): annotation.label = String(number).withBytes { labels.intern($0) }
    case (names.categories, _): throw fault("A category is a text or a whole number")
    case ("id", .string(let text)): annotation.id = .string(text)
    case ("id", .integer(let number)): annotation.id = .integer(number)
    case ("id", _): throw fault("The id of an object is a text or a whole number")
    case ("area", .integer(let number)): annotation.area = Double(number)
    case ("area", .number(let number)): annotation.area = number
    case ("area", _): throw fault("An area is a number")
    default: annotation.attributes.items.append(.init(name: column.name, value: value))
    }
  }
}
