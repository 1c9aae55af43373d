import WaybillDatasetModel
import WaybillSampleFilter

/// Filters: any text is read or refused with a column; what was read prints as a filter that says the same.
enum FilterTarget {
  private static let table = LabelTable([Label(name: "car"), Label(name: "é")])

  private static let sample: Sample = {
    var sample = Sample(key: "street/1.jpg", media: Media(.image, location: "street/1.jpg", width: 640, height: 480))
    sample.split = "train"
    var car = Annotation(label: LabelID(index: 0), box: Box(0.1, 0.2, 0.3, 0.4, form: .centered, unit: .unit))
    car.confidence = 0.5
    car.text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"
    car.time = .interval(start: 0.5, end: 2)
    car.attributes = ["colour": .string("red"), "doors": .integer(4), "list": .list([.null, .number(0.5), .boolean(true)])]
    sample.annotations = [car, Annotation(label: LabelID(index: 1)), Annotation()]
    return sample
  }()

  /// Reads a text as a filter.
  static func run(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    do {
      let filter = try SampleFilter(text)
      let decision = filter.accepts(sample, labels: table)
      guard let again = try? SampleFilter(filter.description) else { broken("\(filter.description) cannot be read again") }
      guard again.description == filter.description else { broken("\(filter.description) came back as \(again.description)") }
      guard again.accepts(sample, labels: table) == decision else { broken("\(filter.description) decides otherwise") }
    } catch {
      guard error.code == .usage, error.message.hasPrefix("The filter is wrong at column ") else { broken(error.message) }
    }
  }
}
