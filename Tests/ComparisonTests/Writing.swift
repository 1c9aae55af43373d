import WaybillBytes
import WaybillDatasetModel

@testable import WaybillComparison

/// Short spellings of samples and their matches, for tables.
enum Writing {
  /// A label table of these names.
  static func table(_ names: String) -> LabelTable { LabelTable(names.split(separator: " ").map { Label(name: String($0)) }) }

  /// The labels of ``annotation(_:_:)``.
  static let labels = table("car bus person tram")

  /// An annotation: `#7` is its id, `@0,0,9,9` a box, `*1,2` a point, `[3-8]` a range of text, `t1-2` seconds, `i3` an instant,
  /// `f4` a frame, `%2` a track, `>1>2` a relation, `'a'` a text, `=red` an attribute, `!alice` an author, and a word its label.
  static func annotation(_ text: Substring, _ labels: LabelTable = Writing.labels) -> Annotation {
    var annotation = Annotation()
    for word in text.split(separator: " ") {
      let rest = String(word.dropFirst())
      func numbers(_ separator: Character) -> [Double] { rest.split(separator: separator).map { Double($0) ?? .nan } }
      var moments: [MediaTime] { numbers("-").map { MediaTime(seconds: $0) ?? .zero } }
      switch word.first {
      case "#": annotation.id = id(rest)
      case "@":
        let sides = numbers(",")
        annotation.box = Box(sides[0], sides[1], sides[2], sides[3], form: .corners)
      case "*": annotation.shape = .point(Point(x: numbers(",")[0], y: numbers(",")[1]))
      case "[":
        let ends = rest.dropLast().split(separator: "-").map { Int($0) ?? 0 }
        annotation.span = TextSpan(start: ends[0], end: ends[1], unit: .scalars)
      case "t" where word != "tram": annotation.time = .interval(start: moments[0], end: moments[1])
      case "i": annotation.time = .instant(moments[0])
      case "f": annotation.time = .frame(Int(rest) ?? 0)
      case "%": annotation.track = id(rest)
      case ">":
        let ends = rest.split(separator: ">").map { id(String($0)) }
        annotation.link = Link(source: ends[0], target: ends[1])
      case "'": annotation.text = String(rest.dropLast())
      case "=": annotation.attributes = ["color": .string(rest)]
      case "!": annotation.author = rest
      default: annotation.label = labels.intern(String(word))
      }
    }
    return annotation
  }

  static func id(_ text: String) -> RecordID { Int64(text).map { .integer($0) } ?? .string(text) }

  /// A sample with annotations, separated by `|`.
  static func sample(_ text: String, _ labels: LabelTable = Writing.labels) -> Sample {
    var sample = Sample(key: "a", media: Media(.image, location: "a", width: 1000, height: 1000))
    sample.annotations = text.split(separator: "|").map { annotation($0, labels) }
    return sample
  }

  /// Which annotations are the same thing: `0=1` for a pair, `-2` for one that was removed, `+0` for one that was added.
  static func matching(_ old: String, _ new: String, _ rules: ComparisonRules = ComparisonRules()) -> String {
    let found = SampleComparison(rules: rules, old: labels, new: labels).matching(sample(old), sample(new))
    return (found.pairs.map { "\($0.old)=\($0.new)" } + found.removed.map { "-\($0)" } + found.added.map { "+\($0)" })
      .joined(separator: " ")
  }

  /// The features in which two annotations differ, by name.
  static func differences(_ old: Annotation, _ new: Annotation, _ rules: ComparisonRules = ComparisonRules()) -> [String] {
    let comparison = AnnotationComparison(
      rules: rules, labels: LabelMatcher(old: labels, new: labels), ruler: Ruler(size: (1000, 500), tolerance: rules.tolerance),
      spans: SpanRuler(text: "ab é 🚗 cd"))
    return comparison.differences(old, new).features.map(\.name)
  }
}
