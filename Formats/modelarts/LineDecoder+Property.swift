import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// The members of a property that the model has a place for, in the order they are written.
enum PropertyKey: UInt8, CaseIterable {
  case startIndex, endIndex, from, to, startTime, endTime, source, content, difficult, truncated, occluded

  /// The key as it is written.
  var text: StaticString {
    switch self {
    case .startIndex: "@modelarts:start_index"
    case .endIndex: "@modelarts:end_index"
    case .from: "@modelarts:from"
    case .to: "@modelarts:to"
    case .startTime: "@modelarts:start_time"
    case .endTime: "@modelarts:end_time"
    case .source: "@modelarts:source"
    case .content: "@modelarts:content"
    case .difficult: "@modelarts:difficult"
    case .truncated: "@modelarts:truncated"
    case .occluded: "@modelarts:occluded"
    }
  }

  static func find(_ key: JSONString) -> PropertyKey? {
    var raw: UInt8 = 0
    while let known = PropertyKey(rawValue: raw) {
      if key == known.text { return known }
      raw &+= 1
    }
    return nil
  }

  /// Whether a key is one of the service's own.
  static func isOwn(_ key: JSONString) -> Bool {
    let text = key.raw
    return text.count > 11 && text[0] == UInt8(ascii: "@") && key.makeString().hasPrefix("@modelarts:")
  }
}

/// What the property of an annotation says.
struct PropertyFields {
  var start: Int?
  var end: Int?
  var from: RecordID?
  var to: RecordID?
  var startTime: MediaTime?
  var endTime: MediaTime?
  var speaker: Range<Int>?
  var hard = HardMark()
  /// A value that is not what its key asks for: the key and the place.
  var broken: (key: PropertyKey, offset: Int)?
  /// Whether nothing was found but members to keep.
  var isPlain = true
  /// Whether there is a text.
  var hasText = false
}

extension JSONScanner {
  /// The bytes from an offset to the end of the text.
  fileprivate func rest(of offset: Int) -> UnsafeRawBufferPointer {
    var end = self
    end.offset = .max / 2
    return bytes(from: offset, to: end.offset)
  }
}

extension LineDecoder {
  /// Reads the property of an annotation.
  mutating func property(
    _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ fields: inout PropertyFields, at offset: Int
  ) throws(JSONFault) {
    let start = scanner.offset
    switch try scanner.peekKind() {
    case .object:
      let rest = scanner.rest(of: start)
      let passed = properties.pass(rest, &members.bytes)
      if passed > 0 {
        scanner.offset = start + passed
        return
      }
      try propertyObject(&scanner, &annotation, &fields)
      let isEmpty = propertyMembers.isEmpty
      if !isEmpty {
        if fields.isPlain { learn(rest, count: scanner.offset - start) }
        members.begin("property")
        members.bytes.append(UInt8(ascii: "{"))
        members.bytes.append(propertyMembers.bytes.bytes)
        members.bytes.append(UInt8(ascii: "}"))
      } else if scanner.offset - start < 32, isEmptyObject(scanner.bytes(from: start, to: scanner.offset)) {
        members.begin("property")
        members.bytes.append("{}")
      }
    case .string:
      let value = try scanner.string()
      try keepMember(try scanner.key(at: offset), scanner.bytes(from: start, to: scanner.offset), at: offset)
      // Old versions write the property as text; where the text is an object it says the same as the object would.
      let text = value.makeString()
      let bytes = Array(text.utf8)
      guard bytes.first == UInt8(ascii: "{") else { return }
      if let attributes = propertyAttributes(of: bytes), !attributes.isEmpty { annotation.attributes = attributes }
    default:
      try keepMember(try scanner.key(at: offset), &scanner, at: offset)
    }
  }

  private mutating func learn(_ rest: UnsafeRawBufferPointer, count: Int) {
    var out = ByteBuffer(capacity: 256)
    out.append("\"property\":{")
    out.append(propertyMembers.bytes.bytes)
    out.append(UInt8(ascii: "}"))
    properties.learn(rest, count: count, members: out.array())
  }

  private func isEmptyObject(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for byte in bytes where byte > 0x20 && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "}") { return false }
    return true
  }

  private mutating func propertyObject(
    _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ fields: inout PropertyFields
  ) throws(JSONFault) {
    let start = scanner.offset
    var attributes = Attributes()
    var names = SeenTexts()
    var seen: UInt32 = 0
    var rank: UInt8 = 0
    var deviates = false
    var progress = try scanner.beginObject()
    while true {
      let keyAt = scanner.offset
      guard let key = try scanner.nextKey(&progress) else { break }
      let at = scanner.offset
      var own: UInt8 = 41
      if key.raw.first == UInt8(ascii: "@") || key.hasEscape {
        if let known = PropertyKey.find(key) {
          own = known.rawValue
          fields.isPlain = false
          let bit: UInt32 = 1 << UInt32(own)
          if seen & bit != 0 { throw JSONFault(.duplicateKey(key.makeString()), at: keyAt) }
          seen |= bit
          let isPlain = try propertyValue(known, &scanner, &annotation, &fields)
          if !isPlain {
            let value = scanner.bytes(from: at, to: scanner.offset)
            if !propertyMembers.add(key.raw, value, marksOwn: false) { throw JSONFault(.duplicateKey(key.makeString()), at: keyAt) }
          }
        } else if PropertyKey.isOwn(key) {
          if let slot = hardSlot(key) {
            fields.isPlain = false
            _ = try fields.hard.read(slot, &scanner)
            scanner.offset = at
          }
          let range = try scanner.skipValue()
          let value = scanner.bytes(from: range.lowerBound, to: range.upperBound)
          if !propertyMembers.add(key.raw, value, marksOwn: false) { throw JSONFault(.duplicateKey(key.makeString()), at: keyAt) }
        } else {
          own = 40
        }
      } else {
        own = 40
      }
      if own == 40 {
        fields.isPlain = false
        let name = key.makeString()
        if !names.insert(name) { throw JSONFault(.duplicateKey(name), at: keyAt) }
        attributes.items.append(.init(name: name, value: try scanner.attributeValue()))
      }
      if own < rank { deviates = true }
      rank = own
    }
    if !attributes.isEmpty { annotation.attributes = attributes }
    if deviates {
      fields.isPlain = false
      var again = scanner
      again.offset = start
      members.begin("@property-keys")
      appendKeys(of: &again, to: &members.bytes)
    }
  }

  private func hardSlot(_ key: JSONString) -> UInt8? {
    if key == "@modelarts:hard" { return Slot.hard }
    if key == "@modelarts:hard_coefficient" { return Slot.hardCoefficient }
    if key == "@modelarts:hard_reasons" { return Slot.hardReasons }
    return nil
  }

  /// Reads a member the model has a place for; false when it would be written in another way.
  private mutating func propertyValue(
    _ key: PropertyKey, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ fields: inout PropertyFields
  ) throws(JSONFault) -> Bool {
    let start = scanner.offset
    let kind = try scanner.peekKind()
    switch key {
    case .startIndex, .endIndex:
      var value: Int?
      var isPlain = false
      if kind == .number {
        let number = try scanner.number()
        if case .integer(let whole) = number {
          value = Int(exactly: whole)
          isPlain = true
        } else if case .double(let double) = number, double == double.rounded(), double.magnitude < 9e15 {
          value = Int(double)
        }
      } else if kind == .string {
        value = NumberParser.integer(try scanner.string().raw).flatMap { Int(exactly: $0) }
      } else {
        try scanner.skipValue()
      }
      if value == nil { fields.broken = (key, start) }
      if key == .startIndex { fields.start = value } else { fields.end = value }
      return isPlain
    case .from, .to:
      var id: RecordID?
      if kind == .string {
        id = .string(try scanner.string().makeString())
      } else if kind == .number, case .integer(let number) = try scanner.number() {
        id = .integer(number)
      } else {
        scanner.offset = start
        try scanner.skipValue()
        fields.broken = (key, start)
      }
      if key == .from { fields.from = id } else { fields.to = id }
      return true
    case .startTime, .endTime:
      var value: MediaTime?
      var isPlain = false
      if kind == .string {
        let text = try scanner.string()
        value = ClockTime.time(text.raw)
        if let value {
          var out = ByteBuffer(capacity: 32)
          ClockTime.append(value, to: &out)
          isPlain = sameBytes(out.bytes.assumingMemoryBound(to: UInt8.self), text.raw)
        }
      } else if kind == .number {
        let from = scanner.offset
        _ = try scanner.double()
        value = MediaTime(decimal: scanner.bytes(from: from, to: scanner.offset).assumingMemoryBound(to: UInt8.self))
      } else {
        try scanner.skipValue()
      }
      if value == nil { fields.broken = (key, start) }
      if key == .startTime { fields.startTime = value } else { fields.endTime = value }
      return isPlain
    case .source:
      guard kind == .string else { break }
      _ = try scanner.string()
      fields.speaker = start..<scanner.offset
      return true
    case .content:
      guard kind == .string else { break }
      annotation.text = try scanner.string().makeString()
      fields.hasText = true
      return true
    case .difficult, .truncated, .occluded:
      guard kind == .boolean else { break }
      let value = try scanner.boolean()
      switch key {
      case .difficult: annotation.flags.difficult = value
      case .truncated: annotation.flags.truncated = value
      default: annotation.flags.occluded = value
      }
      return true
    }
    try scanner.skipValue()
    return false
  }

  /// Gives an annotation what its property said; false when that makes no sense and the annotation is left out.
  mutating func apply(
    _ fields: PropertyFields, _ type: LabelingType, _ scanner: JSONScanner, _ name: Range<Int>, _ range: SourceRange,
    _ annotation: inout Annotation, _ context: ReadContext
  ) -> Bool {
    if let broken = fields.broken {
      let (rule, words) =
        switch broken.key {
        case .startIndex, .endIndex: ("modelarts.span.range", "The offsets of an entity are whole numbers")
        case .from, .to: ("modelarts.triplet.unknown-entity", "A relation names the ids of the entities it leads from and to")
        default: ("modelarts.time.range", "Times have the form hh:mm:ss.SSS")
        }
      context.report(.error, rule, words, at: place(broken.offset))
      return false
    }
    if fields.start != nil || fields.end != nil {
      guard let start = fields.start, let end = fields.end, start >= 0, end >= start else {
        let given = "\(fields.start.map { "\($0)" } ?? "none") and \(fields.end.map { "\($0)" } ?? "none")"
        context.report(
          .error, "modelarts.span.range", "An entity has a start of at least 0 and an end not before it; these are \(given)",
          at: range)
        return false
      }
      annotation.span = TextSpan(start: start, end: end, unit: unit)
    } else if type == .textEntity {
      context.report(
        .warning, "modelarts.span.missing", "An entity gives @modelarts:start_index and @modelarts:end_index in its property",
        at: range)
    }
    if fields.from != nil || fields.to != nil {
      guard let from = fields.from, let to = fields.to else {
        context.report(
          .error, "modelarts.triplet.unknown-entity", "A relation names both @modelarts:from and @modelarts:to", at: range)
        return false
      }
      annotation.link = Link(source: from, target: to)
    } else if type == .textTriplet {
      context.report(
        .warning, "modelarts.triplet.missing", "A relation gives @modelarts:from and @modelarts:to in its property", at: range)
    }
    if fields.startTime != nil || fields.endTime != nil {
      guard let start = fields.startTime, let end = fields.endTime, end >= start else {
        context.report(.error, "modelarts.time.range", "A paragraph has a start and an end that is not before it", at: range)
        return false
      }
      annotation.time = .interval(start: start, end: end)
    }
    if let mark = fields.hard.mark, annotation.hard == nil {
      annotation.hard = mark
      members.begin("@hard")
      members.bytes.append("\"property\"")
    }
    if annotation.label != nil || fields.speaker != nil {
      applySpeaker(fields, type, scanner, name, &annotation)
    }
    return true
  }

  /// What an annotation mainly says, as ``LabelingType/Content`` finds it, from what was just read.
  func content(_ annotation: Annotation, _ fields: PropertyFields, isReference: Bool) -> LabelingType.Content {
    if isReference { return .reference }
    if fields.from != nil { return .link }
    if fields.start != nil { return .span }
    if fields.startTime != nil { return .interval }
    return annotation.label == nil && fields.hasText ? .text : .label
  }

  /// Decides which of name and speaker is the label.
  private mutating func applySpeaker(
    _ fields: PropertyFields, _ type: LabelingType, _ scanner: JSONScanner, _ name: Range<Int>, _ annotation: inout Annotation
  ) {
    var isSpeaker = false
    if let speaker = fields.speaker {
      var again = scanner
      again.offset = speaker.lowerBound
      guard let text = try? again.string() else { return }
      if annotation.label == nil || type == .audioSegmentation {
        if annotation.label != nil {
          members.begin("name")
          members.bytes.append(scanner.bytes(from: name.lowerBound, to: name.upperBound))
        }
        annotation.label = intern(text)
        isSpeaker = true
      } else {
        members.begin("@source")
        members.bytes.append(scanner.bytes(from: speaker.lowerBound, to: speaker.upperBound))
      }
    }
    if isSpeaker != (content(annotation, fields, isReference: false) == .interval) {
      members.begin("@label")
      members.bytes.append(isSpeaker ? "\"source\"" : "\"name\"")
    }
  }

  // MARK: The property of a line

  /// Reads the property of a line: where a frame was taken from a video.
  mutating func sampleProperty(
    _ key: JSONString, _ scanner: inout JSONScanner, into sample: inout Sample, at offset: Int
  ) throws(JSONFault) {
    guard try scanner.peekKind() == .object else { return try keep(key, &scanner, at: offset) }
    propertyMembers.removeAll()
    var frame: FrameOrigin?
    var rank = 0
    var deviates = false
    var count = 0
    let start = scanner.offset
    var seen: Set<Int> = []
    var progress = try scanner.beginObject()
    while true {
      let keyAt = scanner.offset
      guard let key = try scanner.nextKey(&progress) else { break }
      count += 1
      let at = scanner.offset
      let kind = try scanner.peekKind()
      let own = FrameKey.rank(key)
      var isPlain = false
      if own < 3 {
        if !seen.insert(own).inserted { throw JSONFault(.duplicateKey(key.makeString()), at: keyAt) }
        if own == 1, kind == .string {
          frame = frame ?? FrameOrigin()
          frame?.video = try scanner.string().makeString()
          isPlain = true
        } else if own != 1, kind == .number {
          _ = try scanner.double()
          let text = scanner.bytes(from: at, to: scanner.offset)
          // One with more digits than a time can have stays what it is, among the members kept.
          if let value = MediaTime(decimal: text.assumingMemoryBound(to: UInt8.self)) {
            frame = frame ?? FrameOrigin()
            if own == 0 { frame?.duration = value } else { frame?.time = value }
            isPlain = isPlainTime(text, value)
          }
        }
      } else if key == "@modelarts:size" {
        readSize(scanner, into: &sample)
      }
      if !isPlain {
        scanner.offset = at
        let range = try scanner.skipValue()
        let value = scanner.bytes(from: range.lowerBound, to: range.upperBound)
        if !propertyMembers.add(key.raw, value, marksOwn: false) { throw JSONFault(.duplicateKey(key.makeString()), at: keyAt) }
      }
      if own < rank { deviates = true }
      rank = own
    }
    sample.media.frame = frame
    if deviates {
      var again = scanner
      again.offset = start
      sampleMembers.begin("@property-keys")
      appendKeys(of: &again, to: &sampleMembers.bytes)
    }
    if !propertyMembers.isEmpty || count == 0 {
      sampleMembers.begin("property")
      sampleMembers.bytes.append(UInt8(ascii: "{"))
      sampleMembers.bytes.append(propertyMembers.bytes.bytes)
      sampleMembers.bytes.append(UInt8(ascii: "}"))
    }
  }

  /// Reads `[width, height]` or `[width, height, depth]`.
  private func readSize(_ scanner: JSONScanner, into sample: inout Sample) {
    var again = scanner
    guard case .list(let list)? = try? again.attributeValue(), list.count == 2 || list.count == 3 else { return }
    let numbers = list.compactMap { if case .integer(let number) = $0, number > 0, number < 1 << 31 { Int(number) } else { nil } }
    guard numbers.count == list.count else { return }
    sample.media.width = numbers[0]
    sample.media.height = numbers[1]
    if numbers.count == 3 { sample.media.channels = numbers[2] }
  }
}

/// The members of a line's property that the model has a place for.
enum FrameKey {
  static let names: [StaticString] = ["@modelarts:parent_duration", "@modelarts:parent_source", "@modelarts:time_in_video"]

  /// The place of a key among those written; 3 for any other.
  static func rank(_ key: JSONString) -> Int {
    if key == names[0] { return 0 }
    if key == names[1] { return 1 }
    return key == names[2] ? 2 : 3
  }
}

/// The members of a property given as text that are for people; nil when the text is no object.
func propertyAttributes(of bytes: [UInt8]) -> Attributes? {
  bytes.withUnsafeBytes { raw in
    var scanner = JSONScanner(raw)
    guard var attributes = try? scanner.attributes(), scanner.isAtEnd() else { return nil }
    attributes.items.removeAll { $0.name.hasPrefix("@modelarts:") }
    return attributes
  }
}
