import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// The columns of a row behind its box.
struct MOTColumns {
  var confidence: Double?
  var first = -1.0
  var second = -1.0
  var third = -1.0
  /// Attributes that have no column.
  var others = Attributes()

  init(_ annotation: Annotation, _ style: MOTStyle, label: Int) {
    confidence = annotation.confidence
    if style.tail == .classes { first = Double(label) }
    guard annotation.hasRareAnswers else { return }
    others = annotation.attributes
    guard !others.isEmpty else { return }
    if style.tail == .classes, style.columns >= 9, others.items.count == 1, others.items[0].name == "visibility",
      let value = Optional(others.items[0].value).number, value != -1
    {
      // Mostly there is nothing else.
      second = value
      others = Attributes()
      return
    }
    if style.tail == .classes {
      if style.columns >= 9, let value = others["visibility"].number, value != -1 {
        second = value
        others["visibility"] = nil
      }
      if style.columns >= 10, let value = others["column10"].number, value != -1 {
        third = value
        others["column10"] = nil
      }
    } else if case .list(let list)? = others["world"], list.count == 3, style.columns >= 8 {
      let numbers = list.compactMap { Optional($0).number }
      let rest = numbers.suffix(max(0, 10 - style.columns))
      guard numbers.count == 3, numbers.contains(where: { $0 != -1 }), rest.allSatisfy({ $0 == -1 }) else { return }
      (first, second, third) = (numbers[0], numbers[1], numbers[2])
      others["world"] = nil
    }
  }

  /// Appends the columns a file has.
  func append(_ style: MOTStyle, to out: inout ByteBuffer) {
    guard style.columns >= 7 else { return }
    out.append(UInt8(ascii: ","))
    if style.tail == .classes, confidence == 1, style.decimals(7) < 0 {
      out.append("1.0")
    } else if let confidence {
      style.append(confidence, column: 7, to: &out)
    } else if style.tail == .classes {
      out.append(UInt8(ascii: "1"))
    } else {
      style.append(-1, column: 7, to: &out)
    }
    if style.columns >= 8 { style.appendColumn(8, first, to: &out) }
    if style.columns >= 9 { style.appendColumn(9, second, to: &out) }
    if style.columns >= 10 { style.appendColumn(10, third, to: &out) }
  }
}

extension AttributeValue? {
  /// The number.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
