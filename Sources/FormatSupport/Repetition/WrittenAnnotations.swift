import WaybillBytes
import WaybillDatasetModel

/// Annotations that were written before and differ only in their moment and their confidence: their text is copied.
///
/// Author and preserved fields are compared by where they lie in memory, which is cheap and can only miss: the annotation a form was
/// learned from keeps them alive. One for each worker and output: what else decides the text, such as options, must not change.
public struct WrittenAnnotations: ~Copyable {
  /// What differs from annotation to annotation.
  private enum Gap: UInt8 {
    case none, moment, confidence
  }

  /// The text of one form.
  private struct Form {
    var annotation: Annotation
    var features: FeatureSet
    var kind: Media.Kind
    var text: [UInt8]
    /// Where the text is fixed: before the first, between, and behind the last of what differs.
    var head: Range<Int>
    var middle: Range<Int>
    var tail: Range<Int>
    var first: Gap
    var second: Gap
  }

  /// Where in the text of an annotation stands what differs; empty where it was not written, or not in the usual way.
  public struct Gaps: Sendable {
    /// The moment, in its quotes.
    public var moment = 0..<0
    /// The confidence.
    public var confidence = 0..<0

    /// Nothing was written.
    public init() {}

    /// The same places counted from another start.
    public func relative(to start: Int) -> Gaps {
      var gaps = Gaps()
      if !moment.isEmpty { gaps.moment = (moment.lowerBound - start)..<(moment.upperBound - start) }
      if !confidence.isEmpty { gaps.confidence = (confidence.lowerBound - start)..<(confidence.upperBound - start) }
      return gaps
    }
  }

  private static let slots = 512
  /// The longest text of a form.
  private static let textLimit = 1024
  /// What an annotation of a form may say.
  private static let features: FeatureSet = [.classification, .label, .confidence, .author, .createdAt, .preserved]

  private let separator: UInt8
  private let forms: UnsafeMutablePointer<Form>
  private let isFilled: UnsafeMutablePointer<Bool>
  private var asked = 0
  private var known = 0

  /// No forms yet; the byte stands between the date and the time of moments.
  public init(separator: UInt8) {
    self.separator = separator
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

  /// Whether looking is worth it: where annotations have no common form it is left alone after a while.
  private var isWorthIt: Bool { asked < 1024 || known &* 4 > asked }

  @inline(__always) private static func slot(
    of annotation: UnsafePointer<Annotation>, _ features: FeatureSet, _ kind: Media.Kind
  ) -> Int {
    let label = UInt64(annotation.pointee.label?.index ?? UInt32.max)
    let mixed = annotation.provenanceBits ^ (label &<< 40) ^ features.bits
    return Int(truncatingIfNeeded: Hash64.fold(mixed)) & (slots &- 1)
  }

  /// Writes an annotation of a known form; false when it must be written member by member.
  public mutating func write(
    _ annotation: UnsafePointer<Annotation>, _ features: FeatureSet, _ kind: Media.Kind, to out: inout ByteBuffer
  ) -> Bool {
    guard features.isSubset(of: Self.features), isWorthIt else { return false }
    asked &+= 1
    let slot = Self.slot(of: annotation, features, kind)
    let form = forms + slot
    guard isFilled[slot], form.pointee.features == features, form.pointee.kind == kind,
      form.pointee.annotation.label == annotation.pointee.label,
      withUnsafePointer(to: &form.pointee.annotation, { $0.hasSameProvenance(as: annotation) }),
      annotation.pointee.confidence?.isFinite ?? true
    else { return false }
    known &+= 1
    let separator = separator
    form.pointee.text.withUnsafeBufferPointer { text in
      out.append(UnsafeBufferPointer(rebasing: text[form.pointee.head]))
      guard form.pointee.first != .none else { return }
      Self.fill(form.pointee.first, annotation, separator, &out)
      out.append(UnsafeBufferPointer(rebasing: text[form.pointee.middle]))
      guard form.pointee.second != .none else { return }
      Self.fill(form.pointee.second, annotation, separator, &out)
      out.append(UnsafeBufferPointer(rebasing: text[form.pointee.tail]))
    }
    return true
  }

  @inline(__always) private static func fill(
    _ gap: Gap, _ annotation: UnsafePointer<Annotation>, _ separator: UInt8, _ out: inout ByteBuffer
  ) {
    if gap == .moment {
      if let moment = annotation.createdAt { out.append(moment, separator: separator) }
    } else {
      if let confidence = annotation.pointee.confidence { out.append(confidence) }
    }
  }

  /// Learns the form of an annotation from the text it was written as; does nothing if it says more than a form can.
  ///
  /// Only for text that another annotation of the same kind of media with the same answers would get as well.
  public mutating func learn(
    _ text: UnsafeRawBufferPointer, _ gaps: Gaps, _ annotation: UnsafePointer<Annotation>, _ features: FeatureSet,
    _ kind: Media.Kind
  ) {
    guard isWorthIt, features.isSubset(of: Self.features), text.count <= Self.textLimit else { return }
    // What was written by another rule, such as in the spelling it had, may be the same only this once.
    guard features.contains(.createdAt) == !gaps.moment.isEmpty, features.contains(.confidence) == !gaps.confidence.isEmpty else {
      return
    }
    var ranges: [(gap: Gap, range: Range<Int>)] = []
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

extension ByteBuffer {
  /// Appends a moment as a JSON string, `"YYYY-MM-DD?HH:MM:SS"`, where `?` is the given separator.
  public mutating func append(_ time: Timestamp, separator: UInt8) {
    write(atMost: 48) { out in
      out[0] = UInt8(ascii: "\"")
      let length = time.write(separator: separator, to: out + 1) &+ 1
      out[length] = UInt8(ascii: "\"")
      return length &+ 1
    }
  }
}
