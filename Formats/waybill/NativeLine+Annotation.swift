import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension NativeLine {
  /// Why an annotation cannot be written.
  typealias Problem = (rule: String, message: String)

  /// Appends an annotation, from the text of one like it where there was one; on a problem the bytes appended are of no use.
  mutating func append(_ annotation: UnsafePointer<Annotation>, to out: inout ByteBuffer) -> Problem? {
    let features = annotation.features
    let hasForm = !features.contains(.createdAt) || annotation.createdAt.map(NativeLine.isPlain) ?? true
    if hasForm, labels.forms.write(annotation, features, .file, to: &out) { return nil }
    let start = out.count
    finite = 0
    gaps = WrittenAnnotations.Gaps()
    if let problem = append(annotation, features, to: &out) { return problem }
    if finite != 0 { return NativeLine.notFinite }
    if hasForm {
      labels.forms.learn(
        UnsafeRawBufferPointer(rebasing: out.bytes[start...]), gaps.relative(to: start), annotation, features, .file)
    }
    return nil
  }

  /// Appends an annotation member by member; it is not copied, for that would count references.
  private mutating func append(
    _ annotation: UnsafePointer<Annotation>, _ features: FeatureSet, to out: inout ByteBuffer
  ) -> Problem? {
    out.append(UInt8(ascii: "{"))
    let start = out.count
    if let id = annotation.pointee.id {
      out.append("\"id\":")
      out.append(json: id)
    }
    if let label = annotation.pointee.label {
      guard let text = labels.text(label) else {
        return ("waybill.write.label", "The label at position \(label.index) is not in the dataset's table")
      }
      if out.count != start { out.append(UInt8(ascii: ",")) }
      out.append(text)
    }
    if let box = annotation.pointee.box { append(box, since: start, to: &out) }
    if let shape = annotation.pointee.shape, let problem = append(shape, since: start, to: &out) { return problem }
    let keypoints = features.contains(.keypoints) ? annotation.pointee.keypoints : nil
    if let keypoints { append(keypoints, since: start, to: &out) }
    if annotation.pointee.box?.unit == .unit || annotation.pointee.shape?.unit == .unit || keypoints?.unit == .unit {
      appendUnits(of: annotation.pointee, since: start, to: &out)
    }
    if features.haveAnswers { appendAnswers(of: annotation, since: start, to: &out) }
    if let confidence = annotation.pointee.confidence {
      out.member("\"confidence\":", since: start)
      let begin = out.count
      append("", confidence, to: &out)
      gaps.confidence = begin..<out.count
    }
    if let area = annotation.pointee.area {
      out.member("\"area\":", since: start)
      append("", area, to: &out)
    }
    if !annotation.pointee.flags.isEmpty { append(annotation.pointee.flags, since: start, to: &out) }
    if features.haveOrigin, let problem = appendOrigin(of: annotation, since: start, to: &out) {
      return problem
    }
    if let ordinal = annotation.pointee.ordinal {
      out.member("\"order\":", since: start)
      out.append(decimal: Int(ordinal))
    }
    if features.haveRest { appendRest(of: annotation, since: start, to: &out) }
    out.append(UInt8(ascii: "}"))
    return nil
  }

  private func append(_ flags: Flags, since start: Int, to out: inout ByteBuffer) {
    func append(_ name: StaticString, _ value: Bool?) {
      guard let value else { return }
      out.member(name, since: start)
      if value { out.append("true") } else { out.append("false") }
    }
    append("\"crowd\":", flags.crowd)
    append("\"difficult\":", flags.difficult)
    append("\"truncated\":", flags.truncated)
    append("\"occluded\":", flags.occluded)
    append("\"unconfirmed\":", flags.unconfirmed)
  }

  /// Span, time, track, link and text.
  private mutating func appendAnswers(of annotation: UnsafePointer<Annotation>, since start: Int, to out: inout ByteBuffer) {
    if let span = annotation.pointee.span {
      out.member("\"span\":", since: start)
      append(span, to: &out)
    }
    switch annotation.pointee.time {
    case .frame(let frame):
      out.member("\"frame\":", since: start)
      out.append(decimal: frame)
    case .instant(let seconds):
      out.member("\"instant\":", since: start)
      append(seconds, to: &out)
    case .interval(let from, let to):
      out.member("\"interval\":", since: start)
      out.append(UInt8(ascii: "["))
      append(from, to: &out)
      out.append(UInt8(ascii: ","))
      append(to, to: &out)
      out.append(UInt8(ascii: "]"))
    case nil: break
    }
    if let track = annotation.pointee.track {
      out.member("\"track\":", since: start)
      out.append(json: track)
    }
    if let link = annotation.pointee.link {
      out.member("\"link\":{\"from\":", since: start)
      out.append(json: link.source)
      out.append(",\"to\":")
      out.append(json: link.target)
      out.append(UInt8(ascii: "}"))
    }
    if let text = annotation.pointee.text {
      out.member("\"text\":", since: start)
      out.appendJSON(text)
    }
  }

  /// Hard mark, author, time of creation, group and part.
  private mutating func appendOrigin(of annotation: UnsafePointer<Annotation>, since start: Int, to out: inout ByteBuffer)
    -> Problem?
  {
    if let hard = annotation.pointee.hard {
      out.member("", since: start)
      append(hard, "\"hard\":", to: &out)
    }
    if let author = annotation.pointee.author {
      out.member("\"by\":", since: start)
      out.appendJSON(author)
    }
    if let time = annotation.pointee.createdAt {
      guard NativeLine.isWritable(time) else {
        return ("waybill.write.time", "A time before the year 0, after 9999, or finer than its digits cannot be written")
      }
      out.member("\"at\":", since: start)
      let begin = out.count
      out.append(time, separator: UInt8(ascii: "T"))
      gaps.moment = begin..<out.count
    }
    if let group = annotation.pointee.group {
      out.member("\"group\":", since: start)
      out.append(json: group)
    }
    if let distance = annotation.pointee.partOf {
      out.member("\"part_of\":", since: start)
      out.append(decimal: distance)
    }
    return nil
  }

  private mutating func appendRest(of annotation: UnsafePointer<Annotation>, since start: Int, to out: inout ByteBuffer) {
    if let reference = annotation.pointee.reference {
      out.member("\"reference\":", since: start)
      out.appendJSON(reference)
    }
    let attributes = annotation.pointee.attributes
    if !attributes.isEmpty {
      out.member("\"attributes\":", since: start)
      note(attributes)
      out.appendKinds(of: attributes)
    }
    let preserved = annotation.pointee.preserved
    if !preserved.isEmpty {
      out.member("\"preserved\":", since: start)
      out.append(json: preserved)
    }
  }

  /// Whether a time is a date and whole seconds in years that can be written.
  @inline(__always) private static func isPlain(_ time: Timestamp) -> Bool {
    time.nanoseconds == 0 && time.fractionDigits == 0 && time.zoneOffsetMinutes == nil && time.seconds >= -62_167_219_200
      && time.seconds < 253_402_300_800
  }

  /// Whether the text of a time says all of it.
  static func isWritable(_ time: Timestamp) -> Bool {
    guard time.seconds >= -62_167_219_200, time.seconds < 253_402_300_800, time.nanoseconds < 1_000_000_000,
      time.fractionDigits <= 9,
      abs(Int(time.zoneOffsetMinutes ?? 0)) < 1440
    else { return false }
    var unit: UInt32 = 1
    for _ in time.fractionDigits..<9 { unit *= 10 }
    return time.nanoseconds % unit == 0
  }
}

/// Which parts of a line have something to say; asked one by one, all questions of a part become one.
extension FeatureSet {
  /// Whether there are some of what ``NativeLine/appendAnswers(of:since:to:)`` writes.
  @inline(__always) fileprivate var haveAnswers: Bool {
    contains(.span) || contains(.frame) || contains(.instant) || contains(.interval) || contains(.track) || contains(.link)
      || contains(.text) || contains(.caption)
  }

  /// Whether there are some of what ``NativeLine/appendOrigin(of:since:to:)`` writes.
  @inline(__always) fileprivate var haveOrigin: Bool {
    contains(.hard) || contains(.author) || contains(.createdAt) || contains(.group) || contains(.part)
  }

  /// Whether there are some of what ``NativeLine/appendRest(of:since:to:)`` writes.
  @inline(__always) fileprivate var haveRest: Bool { contains(.reference) || contains(.attributes) || contains(.preserved) }
}
