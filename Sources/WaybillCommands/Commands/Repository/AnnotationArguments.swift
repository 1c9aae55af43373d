import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// An annotation put together from the options of `waybill annotate`.
struct AnnotationArguments {
  private let arguments: ParsedArguments
  private let settings: RepositorySettings

  init(_ arguments: ParsedArguments, _ settings: RepositorySettings) {
    self.arguments = arguments
    self.settings = settings
  }

  func annotation() throws(CommandFailure) -> Annotation {
    var annotation = Annotation()
    if let name = arguments.value(of: AnnotateCommand.label) {
      annotation.label = try AnnotationArguments.label(name, settings)
    }
    if let text = arguments.value(of: AnnotateCommand.box) {
      let numbers = try numbers(text, AnnotateCommand.box, expected: "four numbers: left, top, width and height") { $0 == 4 }
      guard numbers[2] >= 0, numbers[3] >= 0 else {
        throw .usage(.invalidValue(AnnotateCommand.box, text, expected: "a width and a height of 0 or more"))
      }
      annotation.box = Box(numbers[0], numbers[1], numbers[2], numbers[3], form: .extent)
    }
    if let text = arguments.value(of: AnnotateCommand.polygon) {
      let numbers = try numbers(text, AnnotateCommand.polygon, expected: "three points or more, as x,y,x,y,...") {
        $0 >= 6 && $0 % 2 == 0
      }
      annotation.shape = .polygon(Polygon(coordinates: numbers))
    }
    if let text = arguments.value(of: AnnotateCommand.span) {
      let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count == 2, let start = ends[0], let end = ends[1], start >= 0, end > start else {
        throw .usage(.invalidValue(AnnotateCommand.span, text, expected: "two whole numbers, such as 0:12"))
      }
      annotation.span = TextSpan(start: start, end: end, unit: .scalars)
    }
    if let text = arguments.value(of: AnnotateCommand.time) { annotation.time = try interval(text) }
    annotation.text = arguments.value(of: AnnotateCommand.text)
    if let text = arguments.value(of: AnnotateCommand.confidence) {
      guard let number = Double(text), (0...1).contains(number) else {
        throw .usage(.invalidValue(AnnotateCommand.confidence, text, expected: "a number from 0 to 1"))
      }
      annotation.confidence = number
    }
    if arguments.has(AnnotateCommand.unconfirmed) { annotation.flags.unconfirmed = true }
    for text in arguments.values(of: AnnotateCommand.attribute) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .usage(.invalidValue(AnnotateCommand.attribute, text, expected: "a name and a value, as name=value"))
      }
      annotation.attributes[String(parts[0])] = .string(String(parts[1]))
    }
    if let text = arguments.value(of: AnnotateCommand.id) { annotation.id = AnnotationArguments.id(text) }
    switch (arguments.value(of: AnnotateCommand.from), arguments.value(of: AnnotateCommand.to)) {
    case (let from?, let to?):
      annotation.link = Link(source: AnnotationArguments.id(from), target: AnnotationArguments.id(to))
    case (nil, nil): break
    case (nil, _): throw .usage(.missingOption(AnnotateCommand.from))
    case (_, nil): throw .usage(.missingOption(AnnotateCommand.to))
    }
    if annotation.features.intersection(.statements).isEmpty { throw .usage(.missingOption(AnnotateCommand.label)) }
    return annotation
  }

  private func numbers(
    _ text: String, _ option: OptionDeclaration, expected: String, _ isCount: (Int) -> Bool
  ) throws(CommandFailure) -> [Double] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    let found = numbers.compactMap { $0 }.filter(\.isFinite)
    guard found.count == numbers.count, isCount(found.count) else {
      throw .usage(.invalidValue(option, text, expected: expected))
    }
    return found
  }

  private func interval(_ text: String) throws(CommandFailure) -> TimeExtent {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
      var text = String(part)
      return text.withUTF8 { MediaTime(decimal: $0) }
    }
    guard parts.count == 2, let start = parts[0], let end = parts[1], start <= end else {
      throw .usage(.invalidValue(AnnotateCommand.time, text, expected: "two numbers of seconds, such as 1.25:3.9"))
    }
    return .interval(start: start, end: end)
  }

  /// An id as it is written on a command line: a whole number is one, anything else a text.
  static func id(_ text: String) -> AnnotationID { Int64(text).map { "\($0)" == text ? .integer($0) : .string(text) } ?? .string(text) }

  /// Whether an id is the one written on a command line, whichever kind it is.
  static func isID(_ text: String, _ id: AnnotationID?) -> Bool {
    switch id {
    case .integer(let number): "\(number)" == text
    case .string(let string): ExactText(string) == ExactText(text)
    case nil: false
    }
  }

  /// The label of a name, which the set must have.
  static func label(_ name: String, _ settings: RepositorySettings) throws(CommandFailure) -> LabelID {
    let labels = settings.labels
    if let index = labels.firstIndex(where: { ExactText($0.name) == ExactText(name) }) { return LabelID(index: UInt32(index)) }
    let hint =
      nearest(to: name, among: labels.map(\.name)).map { "did you mean \"\(terminalSafe($0))\"?" } ?? "waybill labels add makes one"
    throw .operation(DatasetError(.usage, "There is no label \"\(terminalSafe(name))\" in the set; \(hint)"), nil)
  }
}
