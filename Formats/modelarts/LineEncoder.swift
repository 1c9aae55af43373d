import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Turns samples into lines.
struct LineEncoder: SampleEncoder {
  let settings: WriterSettings

  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let worker = context.scratch.thing(LineWriting.self) { LineWriting() }
    try worker.state.encode(sample, position, settings, &batch, context)
  }
}

/// Holds what one worker keeps from line to line.
final class LineWriting {
  // One worker alone uses it.
  @exclusivity(unchecked) var state = LineWriter()
}

/// Writes lines; one per worker, reused from line to line.
struct LineWriter: ~Copyable {
  var line = MemberTable()
  var members = MemberTable()
  var tables = RepeatedTables()
  var forms = WrittenAnnotations(separator: UInt8(ascii: " "))
  var gaps = WrittenAnnotations.Gaps()
  /// The names of the labels met so far as JSON, by position; empty for those that were not.
  private var names: [[UInt8]] = []
  var sidecars: [SidecarFacts] = []
  /// The ids of the sample's annotations, once a relation asked for them.
  var linkEnds: Set<RecordID>?
  /// The length of the sample's text in the unit of the file, once a range asked for it.
  var textLength: Int?

  mutating func encode(
    _ sample: Sample, _ position: Int, _ settings: WriterSettings, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    line.load(sample.preserved.isEmpty ? [] : sample.preserved[ModelArtsFormat.id], Slot.ofLine)
    sidecars = line.hasMarks ? SidecarFacts.all(sample.preserved) : []
    linkEnds = nil
    textLength = nil
    var source = sample.media.location
    if context.mediaMode != .none, settings.isFolder, let location = source {
      let path = MediaPlace.inData(location)
      try context.placeMedia(of: sample, at: path)
      source = "./" + path
    }
    var given: UInt32 = 1 << UInt32(Slot.source) | line.shadowMask
    if !sample.annotations.isEmpty || !sidecars.isEmpty { given |= 1 << UInt32(Slot.annotation) }
    if sample.split != nil { given |= 1 << UInt32(Slot.usage) }
    if sample.id != nil || needsKey(sample, position, settings) { given |= 1 << UInt32(Slot.id) }
    if settings.isSameFormat {
      if settings.layout.givesSampleType, line.mark("@no-sample-type") == nil { given |= 1 << UInt32(Slot.sampleType) }
    } else {
      given |= 1 << UInt32(Slot.sampleType)
    }
    if let hard = sample.hard { given |= Self.slots(of: hard) }
    let needsFiles = hasShapes(sample)
    if sample.media.frame != nil || (sample.media.width != nil && sidecars.isEmpty && !needsFiles) {
      given |= 1 << UInt32(Slot.property)
    }
    if needsFiles || !sidecars.isEmpty, !settings.isFolder {
      throw DatasetError(
        .usage, "Labels with a place in the picture need a Pascal VOC file each: give a folder as the output", range: sample.source)
    }
    batch.bytes.append(UInt8(ascii: "{"))
    var isFirst = true
    if settings.keepsOrder, let names = line.names("@keys") {
      let own = KeyLayout(names, slot: Slot.ofLine)
      try members(of: sample, source, own, &given, &isFirst, position, settings, &batch, context)
    }
    try members(of: sample, source, settings.layout.line, &given, &isFirst, position, settings, &batch, context)
    line.writeRest(Slot.ofLine, isFirst: &isFirst, to: &batch.bytes)
    batch.bytes.append("}\n")
  }

  /// Appends the name of a label as JSON.
  mutating func appendName(_ label: LabelID, _ labels: LabelCache, to out: inout ByteBuffer) {
    let index = Int(label.index)
    if index >= names.count {
      // Positions that no label of the table has are not remembered.
      guard index < labels.table.count else { return out.append("\"\"") }
      names.append(contentsOf: repeatElement([], count: index + 1 - names.count))
    }
    if names[index].isEmpty {
      var text = ByteBuffer(capacity: 64)
      text.appendText(labels.label(label)?.name ?? "")
      names[index] = text.array()
    }
    names[index].withUnsafeBytes { out.append($0) }
  }

  /// Whether any annotation has a place in the picture.
  private func hasShapes(_ sample: Sample) -> Bool {
    sample.annotations.withUnsafeBufferPointer { all in
      var index = 0
      while index < all.count {
        if all[index].box != nil || all[index].shape != nil { return true }
        index &+= 1
      }
      return false
    }
  }

  static func isShape(_ annotation: Annotation) -> Bool {
    annotation.box != nil || annotation.shape != nil || (annotation.hasRareAnswers && annotation.partOf != nil)
  }

  /// Whether a text's key would be lost without an id.
  private func needsKey(_ sample: Sample, _ position: Int, _ settings: WriterSettings) -> Bool {
    guard sample.media.location == nil, sample.media.text != nil, !settings.isSameFormat, sample.id == nil else { return false }
    return sample.key != "\(position + 1)"
  }

  static func slots(of hard: HardExample) -> UInt32 {
    var slots: UInt32 = 0
    if hard.isHard != nil { slots |= 1 << UInt32(Slot.hard) }
    if hard.coefficient != nil { slots |= 1 << UInt32(Slot.hardCoefficient) }
    if !hard.reasons.isEmpty { slots |= 1 << UInt32(Slot.hardReasons) }
    return slots
  }

  /// Writes the members of a line that a layout names, and takes them off the list.
  private mutating func members(
    of sample: Sample, _ source: String?, _ layout: KeyLayout, _ given: inout UInt32, _ isFirst: inout Bool, _ position: Int,
    _ settings: WriterSettings, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    var index = 0
    while index < layout.count {
      let slot = layout.slot(index)
      defer { index &+= 1 }
      if slot == Slot.foreign {
        if line.hasForeign { line.write(layout.name(index), isFirst: &isFirst, to: &batch.bytes) }
        continue
      }
      let bit: UInt32 = 1 << UInt32(slot)
      guard given & bit != 0 else { continue }
      given &= ~bit
      let start = batch.bytes.count
      batch.bytes.append(layout.start(index, isFirst: isFirst))
      if line.shadowMask & bit != 0, slot != Slot.property, agrees(slot, sample) {
        line.appendShadow(slot, to: &batch.bytes)
        isFirst = false
        continue
      }
      var isWritten = true
      switch slot {
      case Slot.annotation: try annotations(of: sample, hasShapes(sample), position, settings, &batch, context)
      case Slot.usage:
        if let split = sample.split { batch.bytes.appendText(ModelArtsSplit.usage(of: split)) } else { isWritten = false }
      case Slot.property: isWritten = property(of: sample, &batch.bytes)
      case Slot.source: appendSource(sample, source, settings, &batch.bytes)
      case Slot.id:
        switch sample.id {
        case .string(let text): batch.bytes.appendText(text)
        case .integer(let number): batch.bytes.append(decimal: Int(number))
        case nil: batch.bytes.appendText(sample.key)
        }
      case Slot.sampleType: batch.bytes.append(decimal: SampleType.number(sample.media.kind))
      default: isWritten = batch.bytes.append(slot, of: sample.hard)
      }
      if isWritten { isFirst = false } else { batch.bytes.truncate(to: start) }
    }
  }

  /// Whether the spelling a reader kept still says what the sample says.
  private func agrees(_ slot: UInt8, _ sample: Sample) -> Bool {
    let text = line.shadow(slot) ?? []
    switch slot {
    case Slot.usage:
      guard case .string(let usage)? = jsonValue(text), !usage.isEmpty else { return sample.split == nil }
      return ModelArtsSplit.name(of: usage) == sample.split
    case Slot.id: return sample.id == nil
    case Slot.annotation: return sample.annotations.isEmpty && sidecars.isEmpty
    case Slot.hard, Slot.hardCoefficient, Slot.hardReasons: return hardAgrees(slot, text, sample.hard)
    default: return true
    }
  }

  private func appendSource(_ sample: Sample, _ source: String?, _ settings: WriterSettings, _ out: inout ByteBuffer) {
    if let source {
      if !settings.sourcePrefix.isEmpty, !source.hasPrefix("/"), !URLMap.isURL(source) {
        out.appendText(settings.sourcePrefix + (source.hasPrefix("./") ? String(source.dropFirst(2)) : source))
      } else {
        out.appendText(source)
      }
    } else if let text = sample.media.text {
      out.append("\"content://")
      text.withBytes { out.appendTextContent($0) }
      out.append(UInt8(ascii: "\""))
    } else {
      out.appendText(sample.key)
    }
  }

  // MARK: The property of a line

  private func property(of sample: Sample, _ out: inout ByteBuffer) -> Bool {
    let shadow = line.shadow(Slot.property)
    if let shadow, shadow.first != UInt8(ascii: "{") {
      // Text instead of an object: there is no room for anything else.
      out.append(shadow)
      return true
    }
    let table = shadow.map { PropertyTable($0) }
    var written: Set<[UInt8]> = []
    var isFirst = true
    out.append(UInt8(ascii: "{"))
    func begin(_ key: StaticString) {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.append(UInt8(ascii: "\""))
      out.append(key)
      out.append("\":")
    }
    func seconds(_ key: StaticString, _ value: MediaTime) {
      begin(key)
      if let text = table?.value(key), jsonTime(text) == value {
        out.append(text)
      } else {
        value.appendDecimal(to: &out)
      }
    }
    func write(_ index: Int) {
      guard let frame = sample.media.frame else { return }
      let key = FrameKey.names[index]
      guard written.insert(Array(UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))).inserted else { return }
      switch index {
      case 0: if let value = frame.duration { seconds(key, value) }
      case 1:
        guard let video = frame.video else { return }
        begin(key)
        out.appendText(video)
      default: if let value = frame.time { seconds(key, value) }
      }
    }
    func keep(_ item: (key: [UInt8], value: [UInt8])) {
      guard written.insert(item.key).inserted else { return }
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.append(UInt8(ascii: "\""))
      out.append(item.key)
      out.append("\":")
      out.append(item.value)
    }
    for name in line.names("@property-keys") ?? [] {
      if let index = FrameKey.names.firstIndex(where: { $0.description == name }), sample.media.frame != nil {
        write(index)
      } else if let item = table?.items.first(where: { $0.key.elementsEqual(name.utf8) }) {
        keep(item)
      }
    }
    for index in 0..<3 { write(index) }
    for item in table?.items ?? [] { keep(item) }
    let isKnown = table?.value("@modelarts:size") != nil
    if !isKnown, sidecars.isEmpty, !hasShapes(sample), let width = sample.media.width, let height = sample.media.height {
      begin("@modelarts:size")
      out.append(UInt8(ascii: "["))
      out.append(decimal: width)
      out.append(UInt8(ascii: ","))
      out.append(decimal: height)
      if let channels = sample.media.channels {
        out.append(UInt8(ascii: ","))
        out.append(decimal: channels)
      }
      out.append("]")
    }
    out.append(UInt8(ascii: "}"))
    return !isFirst || table != nil
  }
}

/// A JSON text as a value.
func jsonValue(_ text: [UInt8]) -> AttributeValue? {
  text.withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    return try? scanner.attributeValue()
  }
}

/// A JSON text, or a number inside quotes, as a number.
func jsonNumber(_ text: [UInt8]) -> Double? {
  switch jsonValue(text) {
  case .integer(let value): Double(value)
  case .number(let value): value
  case .string(var inner): inner.withUTF8 { NumberParser.number($0)?.doubleValue }
  default: nil
  }
}

/// Whether a kept spelling of a hard-example key still says the same.
func hardAgrees(_ slot: UInt8, _ text: [UInt8], _ hard: HardExample?) -> Bool {
  text.withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    var again = HardMark()
    _ = try? again.read(slot, &scanner)
    switch slot {
    case Slot.hard: return again.mark?.isHard == hard?.isHard
    case Slot.hardCoefficient: return again.mark?.coefficient == hard?.coefficient
    default: return (again.mark?.reasons ?? []) == (hard?.reasons ?? [])
    }
  }
}

extension ByteBuffer {
  /// Appends the value of one key of a hard-example mark; false if there is none.
  mutating func append(_ slot: UInt8, of hard: HardExample?) -> Bool {
    guard let hard else { return false }
    switch slot {
    case Slot.hard:
      guard let isHard = hard.isHard else { return false }
      if isHard { append("\"true\"") } else { append("\"false\"") }
    case Slot.hardCoefficient:
      guard let value = hard.coefficient else { return false }
      append(value)
    default:
      guard !hard.reasons.isEmpty else { return false }
      append(UInt8(ascii: "\""))
      append(HardMark.text(hard.reasons))
      append(UInt8(ascii: "\""))
    }
    return true
  }

  /// Appends text as a JSON string; text without anything to escape, nearly all of it, is found eight bytes at a time.
  @inline(__always) mutating func appendText(_ text: String) {
    append(UInt8(ascii: "\""))
    text.withBytes { appendTextContent($0) }
    append(UInt8(ascii: "\""))
  }

  /// Appends text as the inside of a JSON string.
  @inline(__always) mutating func appendTextContent(_ text: UnsafeBufferPointer<UInt8>) {
    if needsNoEscape(text) { append(text) } else { appendJSONContent(utf8: text) }
  }
}

/// Whether no byte of a text needs an escape in JSON.
@inline(__always) func needsNoEscape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let base = text.baseAddress else { return true }
  let count = text.count
  var at = 0
  while count &- at >= 8 {
    let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
    let quotes = word ^ 0x2222_2222_2222_2222
    let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let found =
      ((quotes &- 0x0101_0101_0101_0101) & ~quotes) | ((slashes &- 0x0101_0101_0101_0101) & ~slashes)
      | ((word &- 0x2020_2020_2020_2020) & ~word)
    if found & 0x8080_8080_8080_8080 != 0 { return false }
    at &+= 8
  }
  while at < count {
    let byte = base[at]
    if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
    at &+= 1
  }
  return true
}

/// A JSON text as a time, when it is a number that fits.
func jsonTime(_ text: [UInt8]) -> MediaTime? {
  jsonNumber(text) == nil ? nil : text.withUnsafeBufferPointer { MediaTime(decimal: $0) }
}

/// Whether a time would be written as the number it was read from.
func isPlainTime(_ text: UnsafeRawBufferPointer, _ value: MediaTime) -> Bool {
  var out = ByteBuffer(capacity: 48)
  value.appendDecimal(to: &out)
  return sameBytes(out.bytes.assumingMemoryBound(to: UInt8.self), text.assumingMemoryBound(to: UInt8.self))
}
