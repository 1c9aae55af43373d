import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension LineWriter {
  /// Writes the property of an annotation; false if it has none.
  mutating func property(
    of annotation: Annotation, _ labelIsSource: Bool, _ sample: Sample, _ settings: WriterSettings, _ out: inout ByteBuffer,
    _ context: EncodeContext
  ) -> Bool {
    let hasShadow = members.shadowMask & 1 << UInt32(Slot.property) != 0
    let attributes = annotation.attributes
    let shadow = hasShadow ? members.shadow(Slot.property) : nil
    if let shadow, shadow.first != UInt8(ascii: "{") {
      // Text instead of an object is written as it was while it says the same.
      var isSame = attributes.isEmpty
      if !isSame, case .string(let text)? = jsonValue(shadow) { isSame = propertyAttributes(of: Array(text.utf8)) == attributes }
      if isSame, annotation.text == nil, annotation.span == nil, annotation.link == nil, annotation.time == nil {
        out.append(shadow)
        return true
      }
    }
    var writing = PropertyWriting(table: shadow?.first == UInt8(ascii: "{") ? shadow.map { PropertyTable($0) } : nil)
    writing.attributes = attributes
    writing.text = annotation.text
    writing.flags = annotation.flags
    writing.span = span(of: annotation, sample, settings, context)
    writing.link = annotation.link
    writing.source = sample.source
    if let link = annotation.link { check(link, sample, context) }
    if case .interval(let start, let end)? = annotation.time {
      writing.time = (start, end)
      if end < start {
        context.diagnostics.report(
          .error, "modelarts.write.time", "The paragraph from \(start.text) to \(end.text) seconds ends before it starts",
          at: sample.source)
      }
    }
    if labelIsSource { writing.speaker = annotation.label }
    writing.speakerText = members.hasMarks ? members.mark("@source") : nil
    out.append(UInt8(ascii: "{"))
    let start = out.count
    for name in (members.hasMarks ? members.names("@property-keys") : nil) ?? [] { writing.write(named: name, &out, context) }
    writing.writeRest(&out, context)
    out.append(UInt8(ascii: "}"))
    return out.count > start + 1 || writing.table != nil
  }

  /// Says so where a relation leads to what is not in the line.
  private mutating func check(_ link: Link, _ sample: Sample, _ context: EncodeContext) {
    let ends = linkEnds ?? Set(sample.annotations.compactMap(\.id))
    linkEnds = ends
    guard let missing = [link.source, link.target].first(where: { !ends.contains($0) }) else { return }
    context.diagnostics.report(
      .error, "modelarts.write.link",
      "A relation leads from or to \(terminalSafe(missing.description)), and no annotation that is written has this id",
      at: sample.source)
  }

  /// The span in the unit of the file.
  private mutating func span(
    of annotation: Annotation, _ sample: Sample, _ settings: WriterSettings, _ context: EncodeContext
  ) -> TextSpan? {
    guard let span = annotation.span else { return nil }
    let unit = settings.layout.offsets
    if span.unit == unit {
      var limit = Int.max
      if let text = sample.media.text {
        limit = textLength ?? text.unicodeScalars.reduce(0) { $0 + length($1, unit) }
        textLength = limit
      }
      if span.start >= 0, span.start <= span.end, span.end <= limit { return span }
      context.diagnostics.report(
        .error, "modelarts.write.span-range", "The range \(span.start)..<\(span.end) is none of the text", at: sample.source)
      return nil
    }
    guard let text = sample.media.text, let start = position(span.start, span.unit, unit, text),
      let end = position(span.end, span.unit, unit, text)
    else {
      context.diagnostics.report(
        .error, "modelarts.write.span", "A range of text can be counted in another unit only where the text is known",
        at: sample.source)
      return nil
    }
    return TextSpan(start: start, end: end, unit: unit)
  }

  private func position(_ position: Int, _ from: TextSpan.Unit, _ to: TextSpan.Unit, _ text: String) -> Int? {
    var source = 0
    var target = 0
    for scalar in text.unicodeScalars {
      if source >= position { break }
      source += length(scalar, from)
      target += length(scalar, to)
    }
    return source == position ? target : nil
  }

  private func length(_ scalar: Unicode.Scalar, _ unit: TextSpan.Unit) -> Int {
    switch unit {
    case .scalars: 1
    case .utf16: UTF16.width(scalar)
    case .utf8: UTF8.width(scalar)
    }
  }
}

/// The members of one property, each written once.
struct PropertyWriting {
  let table: PropertyTable?
  var attributes = Attributes()
  var text: String?
  var flags = Flags()
  var span: TextSpan?
  var link: Link?
  var time: (start: MediaTime, end: MediaTime)?
  var speaker: LabelID?
  var speakerText: [UInt8]?
  /// Where the sample was read.
  var source: SourceRange?
  private var written: UInt32 = 0
  private var writtenAttributes: Set<String> = []
  private var writtenMembers: Set<[UInt8]> = []
  private var isFirst = true

  init(table: PropertyTable?) { self.table = table }

  /// Writes the member of a name.
  mutating func write(named name: String, _ out: inout ByteBuffer, _ context: EncodeContext) {
    for key in PropertyKey.allCases where key.text.description == name { return write(key, &out, context) }
    if let item = attributes.items.first(where: { jsonContent($0.name).elementsEqual(name.utf8) }) { return write(item, &out) }
    if let item = table?.items.first(where: { $0.key.elementsEqual(name.utf8) }) { write(item, &out) }
  }

  /// Writes what was not written yet, in the usual order.
  mutating func writeRest(_ out: inout ByteBuffer, _ context: EncodeContext) {
    for key in PropertyKey.allCases { write(key, &out, context) }
    for item in attributes.items { write(item, &out) }
    for item in table?.items ?? [] { write(item, &out) }
  }

  private func jsonContent(_ name: String) -> [UInt8] {
    var out = ByteBuffer(capacity: 64)
    var name = name
    name.withUTF8 { out.appendJSONContent(utf8: $0) }
    return out.array()
  }

  private mutating func begin(_ out: inout ByteBuffer) {
    if !isFirst { out.append(UInt8(ascii: ",")) }
    out.append(UInt8(ascii: "\""))
    isFirst = false
  }

  private mutating func begin(_ key: PropertyKey, _ out: inout ByteBuffer) {
    begin(&out)
    out.append(key.text)
    out.append("\":")
  }

  private mutating func write(_ item: Attributes.Attribute, _ out: inout ByteBuffer) {
    guard writtenAttributes.insert(item.name).inserted else { return }
    begin(&out)
    var name = item.name
    name.withUTF8 { out.appendJSONContent(utf8: $0) }
    out.append("\":")
    out.append(json: item.value)
  }

  private mutating func write(_ item: (key: [UInt8], value: [UInt8]), _ out: inout ByteBuffer) {
    for key in PropertyKey.allCases where written & 1 << UInt32(key.rawValue) != 0 {
      if item.key.elementsEqual(UnsafeBufferPointer(start: key.text.utf8Start, count: key.text.utf8CodeUnitCount)) { return }
    }
    guard writtenMembers.insert(item.key).inserted else { return }
    begin(&out)
    out.append(item.key)
    out.append("\":")
    out.append(item.value)
  }

  private mutating func write(_ key: PropertyKey, _ out: inout ByteBuffer, _ context: EncodeContext) {
    let bit: UInt32 = 1 << UInt32(key.rawValue)
    guard written & bit == 0 else { return }
    let before = out.count
    switch key {
    case .startIndex: if let span { number(key, span.start, &out) }
    case .endIndex: if let span { number(key, span.end, &out) }
    case .from: if let link { id(key, link.source, &out) }
    case .to: if let link { id(key, link.target, &out) }
    case .startTime: if let time { clock(key, time.start, &out) }
    case .endTime: if let time { clock(key, time.end, &out) }
    case .source:
      if let speaker {
        begin(key, &out)
        out.append(UInt8(ascii: "\""))
        context.labels.withName(speaker) { out.appendTextContent($0) }
        out.append(UInt8(ascii: "\""))
      } else if let speakerText {
        begin(key, &out)
        out.append(speakerText)
      }
    case .content:
      if let text {
        begin(key, &out)
        out.appendText(text)
      }
    case .difficult: flag(key, flags.difficult, &out)
    case .truncated: flag(key, flags.truncated, &out)
    case .occluded: flag(key, flags.occluded, &out)
    }
    if out.count > before { written |= bit }
  }

  private mutating func flag(_ key: PropertyKey, _ value: Bool?, _ out: inout ByteBuffer) {
    guard let value else { return }
    begin(key, &out)
    if value { out.append("true") } else { out.append("false") }
  }

  private mutating func id(_ key: PropertyKey, _ id: RecordID, _ out: inout ByteBuffer) {
    begin(key, &out)
    out.append(json: id)
  }

  private mutating func number(_ key: PropertyKey, _ value: Int, _ out: inout ByteBuffer) {
    begin(key, &out)
    if let text = table?.value(key.text), jsonNumber(text) == Double(value) { return out.append(text) }
    out.append(decimal: value)
  }

  private mutating func clock(_ key: PropertyKey, _ value: MediaTime, _ out: inout ByteBuffer) {
    begin(key, &out)
    if let text = table?.value(key.text) {
      var spelled = jsonTime(text)
      if case .string(var inner)? = jsonValue(text) { spelled = inner.withUTF8 { ClockTime.time($0) } }
      if spelled == value { return out.append(text) }
    }
    out.append(UInt8(ascii: "\""))
    ClockTime.append(value, to: &out)
    out.append(UInt8(ascii: "\""))
  }
}
