import WaybillBytes
import WaybillDatasetModel

/// Annotations that were written before and differ only in their moment and their confidence: their text is copied.
///
/// The counterpart of ``RepeatedAnnotations``. Author and preserved fields are compared by where they lie in memory, which is cheap
/// and can only miss: the annotation a form was learned from keeps them alive.
struct WrittenAnnotations: ~Copyable {
  /// The text of one form.
  struct Form {
    var annotation: Annotation
    var features: FeatureSet
    var kind: Media.Kind
    var text: [UInt8]
    /// Where the text is fixed: before the first, between, and behind the last of what differs.
    var head: Range<Int>
    var middle: Range<Int>
    var tail: Range<Int>
    var first: RepeatedAnnotations.Gap
    var second: RepeatedAnnotations.Gap
  }

  /// Where in the text of an annotation stands what differs; empty where it was not written, or not by these rules.
  struct Gaps {
    var moment = 0..<0
    var confidence = 0..<0
  }

  private static let slots = 512
  /// What an annotation of a form may say.
  private static let features: FeatureSet = [.classification, .label, .confidence, .author, .createdAt, .preserved]

  private let forms: UnsafeMutablePointer<Form>
  private let isFilled: UnsafeMutablePointer<Bool>
  private var asked = 0
  private var known = 0

  init() {
    let empty = Form(
      annotation: Annotation(), features: FeatureSet(), kind: .file, text: [], head: 0..<0, middle: 0..<0, tail: 0..<0,
      first: .none,
      second: .none)
    forms = .allocate(capacity: Self.slots)
    forms.initialize(repeating: empty, count: Self.slots)
    isFilled = .allocate(capacity: Self.slots)
    isFilled.initialize(repeating: false, count: Self.slots)
  }

  deinit {
    forms.deinitialize(count: Self.slots)
    forms.deallocate()
    isFilled.deallocate()
  }

  /// Whether looking is worth it.
  private var isWorthIt: Bool { asked < 1024 || known &* 4 > asked }

  @inline(__always) private static func slot(
    of annotation: UnsafePointer<Annotation>, _ features: FeatureSet, _ kind: Media.Kind
  ) -> Int {
    let label = UInt64(annotation.pointee.label?.index ?? UInt32.max)
    let mixed = annotation.provenanceBits ^ (label &<< 40) ^ features.bits
    return Int(truncatingIfNeeded: Hash64.fold(mixed)) & (slots &- 1)
  }

  /// Writes an annotation of a known form; false when it must be written member by member.
  @inline(__always) mutating func write(
    _ annotation: UnsafePointer<Annotation>, _ features: FeatureSet, _ kind: Media.Kind, to out: inout ByteBuffer
  ) -> Bool {
    guard isWorthIt else { return false }
    asked &+= 1
    let slot = Self.slot(of: annotation, features, kind)
    let form = forms + slot
    guard isFilled[slot], form.pointee.features == features, form.pointee.kind == kind,
      form.pointee.annotation.label == annotation.pointee.label,
      withUnsafePointer(to: &form.pointee.annotation, { $0.hasSameProvenance(as: annotation) })
    else { return false }
    known &+= 1
    form.pointee.text.withUnsafeBufferPointer { text in
      out.append(UnsafeBufferPointer(rebasing: text[form.pointee.head]))
      guard form.pointee.first != .none else { return }
      Self.fill(form.pointee.first, annotation, &out)
      out.append(UnsafeBufferPointer(rebasing: text[form.pointee.middle]))
      guard form.pointee.second != .none else { return }
      Self.fill(form.pointee.second, annotation, &out)
      out.append(UnsafeBufferPointer(rebasing: text[form.pointee.tail]))
    }
    return true
  }

  @inline(__always) private static func fill(
    _ gap: RepeatedAnnotations.Gap, _ annotation: UnsafePointer<Annotation>, _ out: inout ByteBuffer
  ) {
    if gap == .moment {
      if let moment = annotation.createdAt { out.append(moment) }
    } else {
      if let confidence = annotation.pointee.confidence { out.append(confidence) }
    }
  }

  /// Learns the form of an annotation from the text it was written as; does nothing if it says more than a form can.
  mutating func learn(
    _ text: UnsafeRawBufferPointer, _ gaps: Gaps, _ annotation: UnsafePointer<Annotation>, _ features: FeatureSet,
    _ kind: Media.Kind
  ) {
    guard isWorthIt, features.isSubset(of: Self.features), text.count <= RepeatedAnnotations.textLimit else { return }
    // What was written by another rule, such as in the spelling it had, may be the same only this once.
    guard features.contains(.createdAt) == !gaps.moment.isEmpty, features.contains(.confidence) == !gaps.confidence.isEmpty else {
      return
    }
    var ranges: [(gap: RepeatedAnnotations.Gap, range: Range<Int>)] = []
    if !gaps.moment.isEmpty { ranges.append((.moment, gaps.moment)) }
    if !gaps.confidence.isEmpty { ranges.append((.confidence, gaps.confidence)) }
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    let first = ranges.first?.range ?? text.count..<text.count
    let second = ranges.count > 1 ? ranges[1].range : text.count..<text.count
    let slot = Self.slot(of: annotation, features, kind)
    forms[slot] = Form(
      annotation: annotation.pointee, features: features, kind: kind, text: Array(text), head: 0..<first.lowerBound,
      middle: first.upperBound..<second.lowerBound, tail: second.upperBound..<text.count, first: ranges.first?.gap ?? .none,
      second: ranges.count > 1 ? ranges[1].gap : .none)
    isFilled[slot] = true
  }
}
