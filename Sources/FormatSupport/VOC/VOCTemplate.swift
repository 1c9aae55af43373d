/// The order of elements that the objects of a document keep, and what `pose` says when it says nothing.
struct VOCTemplate {
  /// All known elements, each once.
  var sequence: [VOCElement]
  /// Positions in ``sequence``, by element.
  var ranks: SIMD32<UInt8>
  /// The text of a `pose` that says nothing; nil when the element is absent.
  var pose: String?
  /// The marks that each object has, as bits by element; those are filled in on demand.
  var marks: UInt32 = VOCTemplate.allMarks

  static let allMarks: UInt32 = [VOCElement.truncated, .difficult, .occluded].reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  static let canonical = VOCTemplate(elements: [], pose: "Unspecified")
  /// Objects of another document say nothing about parts, which have no `pose`.
  static let part = VOCTemplate(elements: [], pose: nil)
  /// xmin, ymin, xmax, ymax, four bits each.
  static let canonicalCorners: UInt16 = 0x0123

  /// The order of some elements; the others follow in canonical order.
  init(elements: [VOCElement], pose: String?) {
    sequence = []
    ranks = SIMD32(repeating: 31)
    self.pose = pose
    for element in elements + VOCElement.allCases where element != .extra && ranks[Int(element.rawValue)] == 31 {
      ranks[Int(element.rawValue)] = UInt8(truncatingIfNeeded: sequence.count)
      sequence.append(element)
    }
  }

  /// The template that preserved tokens tell.
  init(_ tokens: [VOCToken]) {
    var elements: [VOCElement] = []
    var pose: String?
    for case .element(let name, let text, _) in tokens {
      let element = VOCElement(named: name)
      elements.append(element)
      if element == .pose { pose = text ?? "Unspecified" }
    }
    self.init(elements: elements, pose: pose)
    marks = VOCTemplate.allMarks & elements.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  }
}

extension VOCElement {
  /// The element of a name; ``extra`` for an unknown one.
  init(named name: String) {
    var name = name
    self = name.withUTF8 { VOCElement($0) }
  }
}
