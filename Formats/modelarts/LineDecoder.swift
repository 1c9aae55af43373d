import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// What one worker keeps from line to line.
final class LineWorker {
  // One worker alone uses it.
  @exclusivity(unchecked) var decoder: LineDecoder
  let labels: LabelTable
  private var released = 0

  init(_ index: ModelArtsIndex) {
    labels = index.header.labels
    decoder = LineDecoder(index)
  }

  /// Lets the pages go that a worker has passed.
  func pass(_ range: Range<Int>, _ index: ModelArtsIndex) {
    if range.lowerBound < released { released = range.lowerBound }
    guard range.lowerBound - released > 8 << 20 else { return }
    // After a jump only what was just passed is let go.
    index.file.release(max(released, range.lowerBound - (64 << 20))..<range.lowerBound)
    released = range.lowerBound
  }
}

/// Turns lines into samples; one per worker, reused from line to line.
struct LineDecoder: ~Copyable {
  let labels: LabelCache
  let layout: FileLayout
  let lineLayout: KeyLayout
  let annotationLayout: KeyLayout
  let file: FileID
  let unit: TextSpan.Unit
  let sidecars: SidecarFinder?
  var texts = RepeatedTexts()
  var repeated = RepeatedMembers()
  var names = RepeatedLabels()
  var properties = RepeatedProperties()
  var forms = RepeatedAnnotations()
  /// Preserved members of the sample, of the annotation, and of the property being read.
  var sampleMembers = MemberText()
  var members = MemberText()
  var propertyMembers = MemberText()
  /// Per annotation of the line: its type, what it says, where it begins.
  var notes: [Note] = []
  /// The entries that point at Pascal VOC files, as a list being put together.
  var entries = ByteBuffer()
  let sidecarWorker = SidecarWorker()
  /// Where the line being read ends.
  var lineEnd = 0

  struct Note {
    var type: LabelingType
    var content: LabelingType.Content
    var offset: Int
    var length: Int
  }

  init(_ index: ModelArtsIndex) {
    labels = LabelCache(index.header.labels)
    layout = index.layout
    lineLayout = index.layout.line
    annotationLayout = index.layout.annotation
    file = index.fileID
    unit = index.layout.offsets
    sidecars = index.sidecars
  }

  func place(_ offset: Int, _ length: Int = 1) -> SourceRange { SourceRange(file: file, offset: offset, length: length) }

  /// Decodes a line into a sample that says nothing; a fault of its JSON is reported and gives false.
  mutating func decode(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, position: Int, into sample: inout Sample, _ context: ReadContext
  ) -> Bool {
    lineEnd = range.upperBound
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    do throws(JSONFault) {
      return try line(&scanner, range, position, into: &sample, context)
    } catch {
      context.diagnostics.report(Self.atKey(error, scanner).diagnostic(in: file))
      return false
    }
  }

  /// A key that stands twice is noted where its member begins, which may be at the comma before it.
  static func atKey(_ fault: JSONFault, _ scanner: JSONScanner) -> JSONFault {
    guard case .duplicateKey = fault.problem else { return fault }
    var at = fault.offset
    while let byte = scanner.bytes(from: at, to: at + 1).first, byte == UInt8(ascii: ",") || byte <= 0x20 { at += 1 }
    return JSONFault(fault.problem, at: at)
  }

  private mutating func line(
    _ scanner: inout JSONScanner, _ range: Range<Int>, _ position: Int, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) -> Bool {
    sampleMembers.removeAll()
    notes.removeAll(keepingCapacity: true)
    entries.removeAll()
    sample.source = place(range.lowerBound, range.count)
    var hard = HardMark()
    var sampleKind: Media.Kind?
    var givesSampleType = false
    var sourceAt = -1
    var isTable = false
    var keys = KeyWalk()
    scanner.skipWhitespace()
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while true {
      let keyAt = scanner.offset
      var slot = keys.expected(&scanner, to: lineEnd, lineLayout)
      if slot == Slot.foreign {
        guard let key = try scanner.nextKey(&progress) else { break }
        slot = try keys.pass(key, lineLayout, at: keyAt, Slot.ofLine)
      }
      let at = scanner.offset
      switch slot {
      case Slot.annotation:
        try annotations(&scanner, keyAt, into: &sample, context)
      case Slot.usage:
        guard try scanner.peekKind() == .string else { try keep(try scanner.key(at: keyAt), &scanner, at: keyAt); break }
        let value = try scanner.string()
        if value == "train" {
          sample.split = "train"
        } else if try !usage(value, into: &sample) {
          try keep(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt)
        }
      case Slot.property:
        try sampleProperty(try scanner.key(at: keyAt), &scanner, into: &sample, at: keyAt)
      case Slot.source:
        guard try scanner.peekKind() == .string else {
          context.report(
            .error, "modelarts.line.no-source",
            "The source of a line is a string: the place of its media, or content:// and a text",
            at: place(at))
          return false
        }
        sourceAt = at
        source(try scanner.string(), into: &sample)
      case Slot.id:
        switch try scanner.peekKind() {
        case .string: sample.id = .string(try scanner.string().makeString())
        case .number:
          let number = try scanner.number()
          if case .integer(let value) = number {
            sample.id = .integer(value)
          } else {
            try keep(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt)
          }
        default: try keep(try scanner.key(at: keyAt), &scanner, at: keyAt)
        }
      case Slot.sampleType:
        givesSampleType = true
        if try scanner.peekKind() == .number, case .integer(let number) = try scanner.number(), let kind = SampleType.kind(number) {
          sampleKind = kind
        } else {
          scanner.offset = at
          try keep(try scanner.key(at: keyAt), &scanner, at: keyAt)
        }
      case Slot.hard, Slot.hardCoefficient, Slot.hardReasons:
        if try !hard.read(slot, &scanner) {
          try keep(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt)
        }
      default:
        if try scanner.key(at: keyAt) == "source-type", try scanner.peekKind() == .string {
          let value = try scanner.string().makeString().lowercased()
          isTable = value == "carbondata" || value == "csv"
          scanner.offset = at
        }
        try keep(try scanner.key(at: keyAt), &scanner, at: keyAt)
      }
    }
    let end = scanner.offset
    try scanner.expectEnd()
    guard sourceAt >= 0 else {
      context.report(
        .error, "modelarts.line.no-source", "A line needs a source: the place of its media, or content:// and a text",
        at: place(start, end - start))
      return false
    }
    sample.hard = hard.mark
    finishKind(sampleKind, gives: givesSampleType, isTable: isTable, &sample)
    try finish(&sample, position, context)
    if keys.deviates { noteKeys(from: start, to: end, &scanner) }
    if !entries.isEmpty {
      entries.append(UInt8(ascii: "]"))
      sampleMembers.begin("@sidecars")
      sampleMembers.bytes.append(entries.bytes)
    }
    if !sampleMembers.isEmpty { sample.preserved = repeated.preserved(sampleMembers.bytes.bytes) }
    return true
  }

  /// Keeps a member of the line as it is.
  mutating func keep(_ key: JSONString, _ scanner: inout JSONScanner, at offset: Int) throws(JSONFault) {
    let value = try scanner.skipValue()
    try keep(key, scanner.bytes(from: value.lowerBound, to: value.upperBound), at: offset)
  }

  mutating func keep(_ key: JSONString, _ value: UnsafeRawBufferPointer, at offset: Int) throws(JSONFault) {
    if !sampleMembers.add(key.raw, value, marksOwn: true) { throw JSONFault(.duplicateKey(key.makeString()), at: offset) }
  }

  /// Notes the order of a line's keys.
  private mutating func noteKeys(from start: Int, to end: Int, _ scanner: inout JSONScanner) {
    var again = scanner
    again.offset = start
    sampleMembers.begin("@keys")
    appendKeys(of: &again, to: &sampleMembers.bytes)
  }

  /// Reads `usage`; false when it would be written in another way.
  private func usage(_ value: JSONString, into sample: inout Sample) throws(JSONFault) -> Bool {
    let text = value.makeString()
    if text.isEmpty { return false }
    let split = ModelArtsSplit.name(of: text)
    sample.split = split
    return ModelArtsSplit.usage(of: split) == text
  }

  private mutating func source(_ value: JSONString, into sample: inout Sample) {
    let prefix: StaticString = "content://"
    if value.hasEscape {
      let text = value.makeString()
      if text.hasPrefix("content://") { sample.media.text = String(text.dropFirst(10)) } else { sample.media.location = text }
    } else if value.raw.count >= 10, let base = value.raw.baseAddress, memcmp(base, prefix.utf8Start, 10) == 0 {
      sample.media.text = String(decoding: value.raw[10...], as: UTF8.self)
    } else {
      sample.media.location = String(decoding: value.raw, as: UTF8.self)
    }
  }

  /// Settles what the sample is, and notes what would not be written the same.
  private mutating func finishKind(_ given: Media.Kind?, gives: Bool, isTable: Bool, _ sample: inout Sample) {
    var kind = given
    if sample.media.text != nil { kind = .text }
    if kind == nil {
      for note in notes where note.type.mediaKind != nil {
        kind = note.type.mediaKind
        break
      }
    }
    if kind == nil, isTable { kind = .table }
    if kind == nil, sample.media.frame != nil { kind = .image }
    if kind == nil, let location = sample.media.location {
      kind = SampleType.kind(extension: location.split(separator: ".").last.map(String.init) ?? "")
    }
    sample.media.kind = kind ?? .file
    if gives {
      // A number that contradicts the source, or that the layout does not expect.
      if let given, given != kind || !layout.givesSampleType {
        sampleMembers.begin("sample-type")
        sampleMembers.bytes.append(decimal: SampleType.number(given))
      }
    } else if layout.givesSampleType {
      sampleMembers.begin("@no-sample-type")
      sampleMembers.bytes.append("true")
    }
  }
}

/// Appends the keys of the object a scanner stands on, as a JSON array.
func appendKeys(of scanner: inout JSONScanner, to out: inout ByteBuffer) {
  out.append(UInt8(ascii: "["))
  var isFirst = true
  if var progress = try? scanner.beginObject() {
    while let key = try? scanner.nextKey(&progress) {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.append(UInt8(ascii: "\""))
      out.append(key.raw)
      out.append(UInt8(ascii: "\""))
      guard (try? scanner.skipValue()) != nil else { break }
    }
  }
  out.append(UInt8(ascii: "]"))
}

/// Follows the keys of one object through a layout.
struct KeyWalk {
  private var seen: UInt64 = 0
  private var cursor = 0
  private var sawForeign = false
  /// Whether the order of the keys is not that of the layout.
  private(set) var deviates = false

  /// What the next key means where it stands in compact text behind another and is one that the layout has; `foreign` otherwise.
  ///
  /// Whole keys with their punctuation are compared. The scanner then is on the value; otherwise it stays before the key.
  @inline(__always) mutating func expected(_ scanner: inout JSONScanner, to end: Int, _ layout: KeyLayout) -> UInt8 {
    guard cursor > 0, !sawForeign else { return Slot.foreign }
    let rest = scanner.bytes(from: scanner.offset, to: end)
    guard rest.count > 1, rest[0] == UInt8(ascii: ","), let start = rest.baseAddress else { return Slot.foreign }
    let text = start.assumingMemoryBound(to: UInt8.self)
    var at = cursor
    while at < layout.count {
      let name = layout.start(at, isFirst: false)
      if name.count < rest.count, sameBytes(name, UnsafeBufferPointer(start: text, count: name.count)) {
        let slot = layout.slot(at)
        let bit: UInt64 = 1 << UInt64(slot)
        guard slot != Slot.foreign, seen & bit == 0, text[name.count] > 0x20 else { return Slot.foreign }
        seen |= bit
        cursor = at &+ 1
        scanner.offset = scanner.offset &+ name.count
        return slot
      }
      at &+= 1
    }
    return Slot.foreign
  }

  /// What a key means; a key that stands twice is a fault.
  @inline(__always) mutating func pass(
    _ key: JSONString, _ layout: KeyLayout, at offset: Int, _ meaning: (String) -> UInt8
  ) throws(JSONFault) -> UInt8 {
    let place = layout.place(of: key, from: cursor)
    var slot = Slot.foreign
    if place >= 0 {
      slot = layout.slot(place)
      if place < cursor || sawForeign { deviates = true }
      cursor = place &+ 1
    } else {
      slot = meaning(key.makeString())
      if slot == Slot.foreign { sawForeign = true } else { deviates = true }
    }
    if slot != Slot.foreign {
      let bit: UInt64 = 1 << UInt64(slot)
      if seen & bit != 0 { throw JSONFault(.duplicateKey(key.makeString()), at: offset) }
      seen |= bit
    }
    return slot
  }
}

extension JSONScanner {
  /// The key that stands at an offset, or behind the comma there.
  func key(at offset: Int) throws(JSONFault) -> JSONString {
    var again = self
    again.offset = offset
    again.skipWhitespace()
    if again.bytes(from: again.offset, to: again.offset + 1).first == UInt8(ascii: ",") { again.offset += 1 }
    return try again.string()
  }
}

/// The names of splits, here and in the manifest.
enum ModelArtsSplit {
  static func name(of usage: String) -> String {
    switch usage.lowercased() {
    case "train": "train"
    case "eval": "validation"
    case "test": "test"
    case "inference": "inference"
    default: usage
    }
  }

  static func usage(of name: String) -> String { name == "validation" ? "eval" : name }
}
