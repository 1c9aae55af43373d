import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Decodes one line of a manifest.
struct NativeDecoder {
  var scanner: JSONScanner
  let bytes: UnsafeRawBufferPointer
  let line: Range<Int>
  let file: FileID
  let scratch: NativeScratch
  let context: ReadContext
  /// The member read just now.
  var member: JSONString?
  /// The member of an annotation read just now, when ``member`` is nil.
  var usual: AnnotationMember?
  /// The key of the sample as it stands in the file and as text.
  private var sampleKey: (JSONString, String)?
  /// What a fault means, when it is not one of JSON.
  var problem: (rule: String, message: String)?

  init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, file: FileID, scratch: NativeScratch, context: ReadContext) {
    scanner = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    self.bytes = bytes
    self.line = line
    self.file = file
    self.scratch = scratch
    self.context = context
  }

  /// The sample of the line; nil when it cannot be read, which is reported.
  mutating func decode() -> Sample? {
    do throws(JSONFault) {
      let sample = try sample()
      try scanner.expectEnd()
      return sample
    } catch {
      var again = scanner
      again.offset = line.lowerBound
      let isWhole = (try? again.skipValue()) != nil && again.isAtEnd()
      report(error, isWhole: isWhole, "sample", "the sample")
      return nil
    }
  }

  /// Reports a fault: as its own rule when the text is whole JSON and only not what the schema says.
  mutating func report(_ fault: JSONFault, isWhole: Bool, _ record: String, _ name: @autoclosure () -> String) {
    let place = SourceRange(file: file, offset: fault.offset, length: 1)
    if let problem {
      self.problem = nil
      context.report(.error, problem.rule, problem.message, at: place)
    } else if isWhole, case .expected(let what) = fault.problem {
      let known = member?.makeString() ?? usual?.name.description
      let member = known.map { "\"\(terminalSafe($0))\" of " } ?? ""
      context.report(
        .error, "waybill.\(record).type", "The member \(member)\(name()) is not as the schema says: expected \(what.rawValue)",
        at: place)
    } else {
      context.diagnostics.report(fault.diagnostic(in: file))
    }
  }

  /// A fault that stands for a broken rule of the schema.
  mutating func broken(_ rule: String, _ message: String, at offset: Int) -> JSONFault {
    problem = (rule, message)
    return JSONFault(.expected(.value), at: offset)
  }

  func warn(_ rule: String, _ message: String, at offset: Int) {
    context.report(.warning, rule, message, at: SourceRange(file: file, offset: offset, length: 1))
  }

  /// Where a key begins, with its quote.
  func offset(of key: JSONString) -> Int {
    guard let start = bytes.baseAddress, let here = key.raw.baseAddress else { return line.lowerBound }
    return UnsafeRawPointer(here) - start - 1
  }

  /// Reads an id, keeping its kind; numbers as ids usually are take one loop.
  mutating func recordID() throws(JSONFault) -> RecordID {
    let start = scanner.offset
    var at = start
    var value: Int64 = 0
    while at < line.upperBound, bytes[at] &- 48 <= 9, at - start < 18 {
      value = value &* 10 &+ Int64(bytes[at] &- 48)
      at &+= 1
    }
    // A leading zero, a fraction, an exponent and everything else go the long way.
    guard at > start, at < line.upperBound, bytes[at] == UInt8(ascii: ",") || bytes[at] == UInt8(ascii: "}"),
      bytes[start] != UInt8(ascii: "0")
    else { return try scanner.recordID() }
    scanner.offset = at
    return .integer(value)
  }

  /// The next member of an annotation when it is one of the usual and nothing is unusual about its spelling; the scanner is then on its value.
  @inline(__always) mutating func usualMember() -> AnnotationMember? {
    let at = scanner.offset
    guard line.upperBound - at >= 16, let base = bytes.baseAddress, bytes[at] == UInt8(ascii: ","),
      bytes[at + 1] == UInt8(ascii: "\"")
    else {
      return nil
    }
    let word = UInt64(littleEndian: (base + at + 2).loadUnaligned(as: UInt64.self))
    let quotes = word ^ 0x2222_2222_2222_2222
    let found = (quotes &- 0x0101_0101_0101_0101) & ~quotes & 0x8080_8080_8080_8080
    let length = found.trailingZeroBitCount >> 3
    // A word without a quote is a name of eight bytes or a longer one.
    let name = found == 0 ? word : word & ((1 << UInt64(truncatingIfNeeded: length &* 8)) &- 1)
    let end = at &+ 2 &+ length
    guard bytes[end] == UInt8(ascii: "\""), bytes[end + 1] == UInt8(ascii: ":"), let member = AnnotationMember(word: name) else {
      return nil
    }
    scanner.offset = end + 2
    return member
  }

  private mutating func sample() throws(JSONFault) -> Sample {
    var sample = Sample(key: "", media: Media(.file))
    sample.source = SourceRange(file: file, offset: line.lowerBound, length: line.count)
    var seen: UInt64 = 0
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      member = key
      guard let name = SampleMember(key) else {
        if key == "conflict" {
          throw broken(
            "waybill.sample.conflict",
            "The sample\(sampleKey.map { " \"\(terminalSafe($0.1))\"" } ?? "") holds both sides of a merge; waybill resolve ends it",
            at: line.lowerBound)
        }
        throw broken(
          "waybill.sample.unknown-field", "The schema has no member \"\(terminalSafe(key.makeString()))\" of a sample",
          at: offset(of: key))
      }
      if seen & name.bit != 0 { throw JSONFault(.duplicateKey(key.makeString()), at: offset(of: key)) }
      seen |= name.bit
      switch name {
      case .key:
        let text = try scanner.string()
        sample.key = text.makeString()
        sampleKey = (text, sample.key)
      case .id: sample.id = try recordID()
      case .image: sample.media = try media(.image, key)
      case .text: sample.media = try media(.text, key)
      case .audio: sample.media = try media(.audio, key)
      case .video: sample.media = try media(.video, key)
      case .table: sample.media = try media(.table, key)
      case .file: sample.media = try media(.file, key)
      case .split: sample.split = try scanner.string().makeString()
      case .hard: sample.hard = try hard()
      case .annotations: try annotations(&sample)
      case .tokens: sample.tokens = try tokens()
      case .attributes: sample.attributes = try scanner.attributes()
      case .preserved: sample.preserved = try scanner.preserved()
      }
    }
    member = nil
    if seen & SampleMember.key.bit == 0 {
      throw broken("waybill.sample.missing-key", "This sample has no key", at: line.lowerBound)
    }
    if (seen & SampleMember.media).nonzeroBitCount != 1 {
      throw broken(
        "waybill.sample.media",
        "The sample \"\(terminalSafe(sample.key))\" has \(seen & SampleMember.media == 0 ? "none" : "several") of image, text, audio, video, table and file",
        at: line.lowerBound)
    }
    return sample
  }

  /// The fault for a member that some object of the schema does not have.
  mutating func unknown(_ key: JSONString, _ record: String, _ what: String) -> JSONFault {
    broken(
      "waybill.\(record).unknown-field", "The schema has no member \"\(terminalSafe(key.makeString()))\" of \(what)",
      at: offset(of: key))
  }

  /// Notes that a key was seen; a fault when it was seen before.
  func note(_ key: JSONString, _ bit: UInt64, _ seen: inout UInt64) throws(JSONFault) {
    if seen & bit != 0 { throw JSONFault(.duplicateKey(key.makeString()), at: offset(of: key)) }
    seen |= bit
  }

  private mutating func media(_ kind: Media.Kind, _ own: JSONString) throws(JSONFault) -> Media {
    var media = Media(kind)
    var seen: UInt64 = 0
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      member = key
      switch key {
      case "path":
        try note(key, 1, &seen)
        let text = try scanner.string()
        // Nearly always the key: the text is shared.
        if let (known, value) = sampleKey, let a = known.raw.baseAddress, let b = text.raw.baseAddress,
          known.raw.count == text.raw.count,
          memcmp(a, b, text.raw.count) == 0
        {
          media.location = value
        } else {
          media.location = text.makeString()
        }
      case "text":
        try note(key, 2, &seen)
        media.text = try scanner.string().makeString()
      case "width":
        try note(key, 4, &seen)
        media.width = try size(key)
      case "height":
        try note(key, 8, &seen)
        media.height = try size(key)
      case "channels":
        try note(key, 16, &seen)
        media.channels = try size(key)
      case "duration":
        try note(key, 32, &seen)
        media.duration = try length(key)
      case "frame":
        try note(key, 64, &seen)
        media.frame = try frame()
      default: throw unknown(key, "sample", "the \(own.makeString())")
      }
    }
    return media
  }

  private mutating func size(_ key: JSONString) throws(JSONFault) -> Int {
    let at = scanner.offset
    let value = Int(try scanner.integer())
    if value < 0 { warn("waybill.sample.negative-size", "The \(key.makeString()) of this sample is \(value)", at: at) }
    return value
  }

  private mutating func length(_ key: JSONString) throws(JSONFault) -> MediaTime {
    let at = scanner.offset
    let value = try time("sample")
    if value.units < 0 {
      warn("waybill.sample.negative-size", "The \(key.makeString()) of this sample is \(value.text)", at: at)
    }
    return value
  }

  private mutating func frame() throws(JSONFault) -> FrameOrigin {
    var frame = FrameOrigin()
    var seen: UInt64 = 0
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      member = key
      switch key {
      case "video":
        try note(key, 1, &seen)
        frame.video = try scanner.string().makeString()
      case "time":
        try note(key, 2, &seen)
        frame.time = try time("sample")
      case "duration":
        try note(key, 4, &seen)
        frame.duration = try length(key)
      case "number":
        try note(key, 8, &seen)
        frame.number = Int(try scanner.integer())
      default: throw unknown(key, "sample", "a frame")
      }
    }
    return frame
  }

  /// Reads a hard-example mark.
  mutating func hard(_ record: String = "sample") throws(JSONFault) -> HardExample {
    var hard = HardExample()
    var seen: UInt64 = 0
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "is":
        try note(key, 1, &seen)
        hard.isHard = try scanner.boolean()
      case "coefficient":
        try note(key, 2, &seen)
        hard.coefficient = try scanner.double()
      case "reasons":
        try note(key, 4, &seen)
        var elements = try scanner.beginArray()
        while try scanner.nextElement(&elements) { hard.reasons.append(Int(try scanner.integer())) }
      default: throw unknown(key, record, "a hard-example mark")
      }
    }
    return hard
  }
}
