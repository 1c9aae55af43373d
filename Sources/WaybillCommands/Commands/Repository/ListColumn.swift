import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSampleFilter
import WaybillSyntax

/// What `waybill list` shows of a sample in one column.
enum ListCell {
  case none
  case text(String)
  case number(Double)
  case texts([String])

  /// The cell of a table.
  var text: String {
    switch self {
    case .none: ""
    case .text(let text): terminalSafe(text)
    case .number(let number): ListCell.short(number)
    case .texts(let texts): texts.map { terminalSafe($0) }.joined(separator: ",")
    }
  }

  /// Appends the value as JSON, texts exactly as they are.
  func append(to out: inout ByteBuffer) {
    switch self {
    case .none: out.append("null")
    case .text(let text): out.appendJSON(text)
    case .number(let number): out.append(number)
    case .texts(let texts):
      out.append(UInt8(ascii: "["))
      for (index, text) in texts.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.appendJSON(text)
      }
      out.append(UInt8(ascii: "]"))
    }
  }

  /// A number to three decimals.
  private static func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\((value * 1000).rounded() / 1000)"
  }
}

/// A column of `waybill list`.
enum ListColumn: String, CaseIterable {
  case key, state, labels, annotations, split, hard, area, aspect, confidence, by, path, width, height, text

  /// What it says of a sample.
  func value(of sample: Sample, _ labels: LabelTable) -> ListCell {
    func text(_ text: String?) -> ListCell { text.map { .text($0) } ?? .none }
    func number(_ number: Double?) -> ListCell { number.map { .number($0) } ?? .none }
    switch self {
    case .key: return .text(sample.key)
    case .state: return .text(sample.labelingState.rawValue)
    case .labels: return .texts(ListColumn.unique(sample.annotations.compactMap { $0.label.flatMap { labels[$0]?.name } }))
    case .annotations: return .number(Double(sample.annotations.count))
    case .split: return text(sample.split)
    case .hard: return sample.hard?.isHard == true ? .text("hard") : .none
    case .area: return number(ListColumn.largestArea(sample))
    case .aspect: return number(ListColumn.widestAspect(sample))
    case .confidence: return number(sample.annotations.compactMap(\.confidence).min())
    case .by: return .texts(ListColumn.unique(sample.annotations.compactMap(\.author)))
    case .path: return text(sample.media.location)
    case .width: return number(sample.media.width.map(Double.init))
    case .height: return number(sample.media.height.map(Double.init))
    case .text: return text(sample.media.text ?? sample.annotations.lazy.compactMap(\.text).first)
    }
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<ExactText> = []
    return texts.filter { seen.insert(ExactText($0)).inserted }
  }

  /// The largest of a measure of a sample's annotations, as filters measure.
  private static func largest(_ sample: Sample, _ measure: (UnsafePointer<Annotation>, PixelSize?) -> Double?) -> Double? {
    let size = PixelSize(sample.media)
    return sample.annotations.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return nil }
      return all.indices.compactMap { measure(first + $0, size) }.max()
    }
  }

  private static func largestArea(_ sample: Sample) -> Double? { largest(sample) { $0.area(in: $1) } }

  private static func widestAspect(_ sample: Sample) -> Double? {
    largest(sample) { annotation, size in
      annotation.sides(in: size).flatMap { $0.height > 0 ? $0.width / $0.height : nil }
    }
  }

  /// What samples are sorted by, the lowest first.
  static func rank(of sample: Sample, by order: String) -> Double {
    switch order {
    case "area": -(largestArea(sample) ?? -1)
    case "aspect": -(widestAspect(sample) ?? -1)
    case "confidence": sample.annotations.compactMap(\.confidence).min() ?? 2
    case "hard": -(sample.hard?.isHard == true ? 1 + (sample.hard?.coefficient ?? 0) : 0)
    default: 0
    }
  }
}
