import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillSampleFilter

/// A small dataset in which every field of the language is given somewhere and absent elsewhere.
enum FilterFixture {
  static let table = LabelTable([Label(name: "car"), Label(name: "bus"), Label(name: "traffic light"), Label(name: "Straße")])

  static func label(_ name: String) -> LabelID? { table.id(named: name) }

  /// The keys of the samples that fit, joined by blanks.
  static func keys(_ text: String) throws -> String {
    let filter = try SampleFilter(text)
    let evaluator = FilterEvaluator(filter, labels: table)
    return samples.filter { evaluator.accepts($0) }.map(\.key).joined(separator: " ")
  }

  /// The message of what is wrong with a filter; empty when nothing is.
  static func message(_ text: String) -> String {
    do throws(DatasetError) {
      _ = try SampleFilter(text)
      return ""
    } catch {
      return error.code == .usage ? error.message : "code \(error.code.name)"
    }
  }

  /// a: two cars and a bus; b: a polygon of a traffic light; c: nothing; d: a text; e: a recording; f: a frame of unit boxes.
  static let samples: [Sample] = [street, crossing, empty, text, recording, frame]

  private static func sample(_ key: String, _ media: Media, _ body: (inout Sample) -> Void) -> Sample {
    var sample = Sample(key: key, media: media)
    body(&sample)
    return sample
  }

  private static func annotation(_ label: String?, _ box: Box? = nil, _ body: (inout Annotation) -> Void = { _ in }) -> Annotation {
    var annotation = Annotation(label: label.flatMap { FilterFixture.label($0) }, box: box)
    body(&annotation)
    return annotation
  }

  private static let street = sample("a", Media(.image, location: "street/0001.jpg", width: 640, height: 480)) {
    $0.id = .integer(7)
    $0.split = "train"
    $0.attributes = ["weather": "rain".value, "lux": .integer(40), "night": .boolean(false)]
    $0.annotations = [
      annotation("car", Box(0, 0, 100, 50, form: .extent)) {
        $0.id = .integer(1)
        $0.confidence = 0.9
        $0.author = "human/alice"
        $0.createdAt = Timestamp("2026-01-31T08:00:00Z")
        $0.attributes = ["colour": "red".value, "doors": .integer(4), "tags": .list(["old".value, .integer(3)])]
      },
      annotation("car", Box(10, 10, 20, 30, form: .corners)) {
        $0.id = .integer(2)
        $0.confidence = 0.3
        $0.author = "model/v2"
        $0.flags.truncated = true
        $0.attributes = ["colour": "blue".value, "doors": "2".value, "sold": .null]
      },
      annotation("bus", Box(50, 50, 20, 40, form: .centered)) { $0.flags.truncated = false },
    ]
  }

  private static let crossing = sample("b", Media(.image, location: "street/night/0002.png", width: 100, height: 100)) {
    $0.id = .string("7")
    $0.split = "validation"
    $0.hard = HardExample(isHard: true)
    $0.annotations = [
      annotation("traffic light") {
        $0.shape = .polygon(Polygon(coordinates: [0, 0, 10, 0, 10, 10, 0, 10, 2, 2, 4, 2, 4, 4, 2, 4], ringEnds: [8], holes: [1]))
        $0.author = "human/bob"
        $0.createdAt = Timestamp("2026-02-01T00:30:00+01:00")
      }
    ]
  }

  private static let empty = sample("c", Media(.image, location: "park/0003.jpg")) { _ in }

  private static let text = sample("d", Media(.text, text: "Grüße aus Köln")) {
    $0.split = "test"
    $0.annotations = [
      annotation("Straße") {
        $0.span = TextSpan(start: 0, end: 5, unit: .scalars)
        $0.hard = HardExample(isHard: false)
        $0.flags.unconfirmed = false
      }
    ]
  }

  private static let recording = sample("e", Media(.audio, location: "call.wav")) {
    $0.media.duration = 90.5
    $0.annotations = [
      annotation(nil) {
        $0.text = "good morning"
        $0.time = .interval(start: 0.1, end: 2.35)
      },
      annotation(nil) { $0.time = .instant(3) },
    ]
  }

  private static let frame = sample("f", Media(.image, location: "clip/17.jpg")) {
    $0.media.frame = FrameOrigin(video: "clip.mp4", number: 17)
    $0.annotations = [
      annotation("car", Box(0.5, 0.5, 0.5, 0.25, form: .centered, unit: .unit)) {
        $0.track = .string("t1")
        $0.flags.crowd = true
      },
      annotation("bus", Box(0.1, 0.1, 0.1, 0.1, form: .centered, unit: .unit)) {
        $0.track = .integer(12)
        $0.createdAt = Timestamp("2025-12-31T23:59:59")
        $0.flags.unconfirmed = true
      },
    ]
  }
}

extension String {
  /// The text as a value of an attribute.
  var value: AttributeValue { .string(self) }
}
