import WaybillBytes
import WaybillDatasetModel

/// Annotations that come again and again and differ only in their moment and their confidence: recognised by their bytes, not read again.
///
/// A form is learned from an annotation that was read in full and had nothing to report. Another annotation is of that form when
/// all its bytes but those of the moment and of the confidence are the same; then it says the same but for these two.
struct RepeatedAnnotations: ~Copyable {
  /// What the annotations of one form have in common.
  struct Form {
    /// The text of the first one.
    var text: [UInt8]
    /// Where the text is fixed: before the first, between, and behind the last of what differs; two of them may be empty.
    var head: Range<Int>
    var middle: Range<Int>
    var tail: Range<Int>
    /// What stands between head and middle, and between middle and tail.
    var first: Gap
    var second: Gap
    var label: LabelID?
    var author: String?
    var preserved: Preserved
    var note: LineDecoder.Note
  }

  /// What differs from annotation to annotation.
  enum Gap: UInt8 {
    case none, moment, confidence
  }

  /// What was read of an annotation of a known form.
  struct Reading {
    var length: Int
    var createdAt: Timestamp?
    var confidence: Double?
  }

  /// The longest text a form is learned from.
  static let textLimit = 1024
  private static let sets = 64
  private static let ways = 4
  /// Bytes that choose the set.
  private static let windowLength = 16

  private let forms: UnsafeMutablePointer<Form>
  private let isFilled: UnsafeMutablePointer<Bool>
  private var next: UInt8 = 0
  /// Where in an annotation the bytes stand that choose the set: those of its name, which is what forms differ in most.
  private var window = 0
  private var asked = 0
  private var known = 0

  init() {
    let empty = Form(
      text: [], head: 0..<0, middle: 0..<0, tail: 0..<0, first: .none, second: .none, label: nil, author: nil,
      preserved: Preserved(), note: LineDecoder.Note(type: .none, content: .label, offset: 0, length: 0))
    forms = .allocate(capacity: Self.sets * Self.ways)
    forms.initialize(repeating: empty, count: Self.sets * Self.ways)
    isFilled = .allocate(capacity: Self.sets * Self.ways)
    isFilled.initialize(repeating: false, count: Self.sets * Self.ways)
  }

  deinit {
    forms.deinitialize(count: Self.sets * Self.ways)
    forms.deallocate()
    isFilled.deallocate()
  }

  /// Whether looking is worth it: a file whose annotations have no common form is left alone after a while.
  private var isWorthIt: Bool { asked < 1024 || known &* 4 > asked }

  @inline(__always) private func set(of start: UnsafePointer<UInt8>) -> Int {
    let at = UnsafeRawPointer(start + window)
    let low = at.loadUnaligned(as: UInt64.self)
    let high = at.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    return Int(truncatingIfNeeded: Hash64.fold(low ^ (high &* 0x9E37_79B9_7F4A_7C15))) & (Self.sets &- 1)
  }

  /// The form of the annotation that begins at an address, and what differs; nil when it must be read in full.
  @inline(__always) mutating func find(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ reading: inout Reading
  ) -> UnsafeMutablePointer<Form>? {
    guard end - start > window &+ Self.windowLength, isWorthIt else { return nil }
    asked &+= 1
    let at = set(of: start) &* Self.ways
    var way = 0
    while way < Self.ways, isFilled[at &+ way] {
      if Self.matches(forms + (at &+ way), start, end, &reading) {
        known &+= 1
        return forms + (at &+ way)
      }
      way &+= 1
    }
    return nil
  }

  @inline(__always) private static func matches(
    _ form: UnsafeMutablePointer<Form>, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ reading: inout Reading
  ) -> Bool {
    form.pointee.text.withUnsafeBufferPointer { text in
      guard let base = text.baseAddress else { return false }
      var at = start
      guard pass(base, form.pointee.head, &at, end) else { return false }
      if form.pointee.first != .none {
        guard pass(form.pointee.first, &at, end, &reading), pass(base, form.pointee.middle, &at, end) else { return false }
        if form.pointee.second != .none {
          guard pass(form.pointee.second, &at, end, &reading), pass(base, form.pointee.tail, &at, end) else { return false }
        }
      }
      reading.length = at - start
      return true
    }
  }

  @inline(__always) private static func pass(
    _ base: UnsafePointer<UInt8>, _ range: Range<Int>, _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Bool {
    let count = range.count
    guard count <= end - at else { return false }
    let own = UnsafeBufferPointer(start: base + range.lowerBound, count: count)
    guard sameBytes(own, UnsafeBufferPointer(start: at, count: count)) else { return false }
    at += count
    return true
  }

  @inline(__always) private static func pass(
    _ gap: Gap, _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ reading: inout Reading
  ) -> Bool {
    if gap == .moment {
      guard end - at >= 19, let moment = Timestamp(plain: at, separator: UInt8(ascii: " ")) else { return false }
      reading.createdAt = moment
      at += 19
      return true
    }
    var value = 0.0
    guard let stop = NumberParser.double(at, end, &value) else { return false }
    // A number that would be written in another way is kept as it is written, which is not for here.
    guard isPlainNumber(UnsafeRawBufferPointer(start: at, count: stop - at), value) else { return false }
    reading.confidence = value
    at = stop
    return true
  }

  /// Learns the form of an annotation that was read in full.
  ///
  /// `moment` is the range of the 19 characters, `confidence` that of the number, `name` that of the label's name; all in the text.
  mutating func learn(
    _ text: UnsafeRawBufferPointer, moment: Range<Int>, confidence: Range<Int>, name: Range<Int>, _ annotation: Annotation,
    _ author: String?, _ note: LineDecoder.Note
  ) {
    guard text.count <= Self.textLimit, isWorthIt, let start = text.baseAddress else { return }
    if known == 0, !name.isEmpty { window = name.lowerBound }
    guard text.count > window + Self.windowLength else { return }
    var gaps: [(gap: Gap, range: Range<Int>)] = []
    if !moment.isEmpty { gaps.append((.moment, moment)) }
    if !confidence.isEmpty { gaps.append((.confidence, confidence)) }
    gaps.sort { $0.range.lowerBound < $1.range.lowerBound }
    let first = gaps.first?.range.lowerBound ?? text.count
    let afterFirst = gaps.first?.range.upperBound ?? text.count
    let second = gaps.count > 1 ? gaps[1].range.lowerBound : text.count
    let afterSecond = gaps.count > 1 ? gaps[1].range.upperBound : text.count
    let form = Form(
      text: Array(text), head: 0..<first, middle: afterFirst..<second, tail: afterSecond..<text.count,
      first: gaps.first?.gap ?? .none, second: gaps.count > 1 ? gaps[1].gap : .none, label: annotation.label, author: author,
      preserved: annotation.preserved, note: note)
    let at = set(of: start.assumingMemoryBound(to: UInt8.self)) * Self.ways
    var way = 0
    while way < Self.ways, isFilled[at + way] { way += 1 }
    if way == Self.ways {
      next &+= 1
      way = Int(next) % Self.ways
    }
    forms[at + way] = form
    isFilled[at + way] = true
  }
}
