import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension LineDecoder {
  /// Reads the annotations of a line; a broken one is reported and left out.
  mutating func annotations(
    _ scanner: inout JSONScanner, _ keyAt: Int, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    let start = scanner.offset
    switch try scanner.peekKind() {
    case .array: break
    case .null: return try keep(try scanner.key(at: keyAt), &scanner, at: start)
    default:
      context.report(.error, "modelarts.line.annotation", "The annotation of a line is a list of objects", at: place(start))
      try scanner.skipValue()
      return
    }
    var progress = try scanner.beginArray()
    // Most lines have one label or two.
    sample.annotations.reserveCapacity(2)
    var isEmpty = true
    while try scanner.nextElement(&progress) {
      isEmpty = false
      let at = scanner.offset
      guard try scanner.peekKind() == .object else {
        context.report(.error, "modelarts.line.annotation", "An annotation is an object", at: place(at))
        try scanner.skipValue()
        continue
      }
      if repeated(&scanner, into: &sample) { continue }
      do throws(JSONFault) {
        try annotation(&scanner, into: &sample, context)
      } catch {
        // The text goes on behind a key that stands twice; any other fault is one of the whole line.
        guard case .duplicateKey = error.problem else { throw error }
        context.diagnostics.report(Self.atKey(error, scanner).diagnostic(in: file))
        scanner.offset = at
        try scanner.skipValue()
      }
    }
    if isEmpty { try keep(try scanner.key(at: keyAt), scanner.bytes(from: start, to: scanner.offset), at: start) }
  }

  /// Takes an annotation whose form is known.
  @inline(__always) private mutating func repeated(_ scanner: inout JSONScanner, into sample: inout Sample) -> Bool {
    let rest = scanner.bytes(from: scanner.offset, to: lineEnd)
    guard let base = rest.baseAddress else { return false }
    let start = base.assumingMemoryBound(to: UInt8.self)
    var reading = RepeatedAnnotations.Reading(length: 0, createdAt: nil, confidence: nil)
    guard let form = forms.find(start, start + rest.count, &reading) else { return false }
    var note = form.pointee.note
    note.offset = scanner.offset
    note.length = reading.length
    notes.append(note)
    scanner.offset = scanner.offset &+ reading.length
    sample.annotations.append(
      Annotation(
        label: form.pointee.label, confidence: reading.confidence, author: form.pointee.author, createdAt: reading.createdAt,
        preserved: form.pointee.preserved))
    return true
  }

  /// What an annotation of a common form may say.
  private static let formFeatures: FeatureSet = [.classification, .label, .confidence, .author, .createdAt, .preserved]

  /// Learns the form of the annotation read last, if all it says can be told from its bytes.
  private mutating func learn(
    _ scanner: JSONScanner, _ start: Int, _ moment: Range<Int>, _ confidence: Range<Int>, _ name: Range<Int>,
    _ annotation: Annotation, _ author: String?, _ note: Note, _ context: ReadContext
  ) {
    guard context.diagnostics.isEmpty, annotation.features.isSubset(of: Self.formFeatures) else { return }
    // A moment or a confidence that was read in another way is a part of the fixed text, and would have to be remembered.
    guard (annotation.createdAt == nil) == moment.isEmpty, (annotation.confidence == nil) == confidence.isEmpty else { return }
    func relative(_ range: Range<Int>) -> Range<Int> {
      range.isEmpty ? 0..<0 : (range.lowerBound - start)..<(range.upperBound - start)
    }
    forms.learn(
      scanner.bytes(from: start, to: scanner.offset), moment: relative(moment), confidence: relative(confidence),
      name: relative(name), annotation, author, note)
  }

  private mutating func annotation(
    _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    members.removeAll()
    propertyMembers.removeAll()
    var annotation = Annotation()
    var author: String?
    var createdAt: Timestamp?
    var fields = PropertyFields()
    var hard = HardMark()
    var keys = KeyWalk()
    var type = LabelingType.none
    var typeIsPlain = true
    var typeRange = 0..<0
    var nameRange = 0..<0
    var momentRange = 0..<0
    var confidenceRange = 0..<0
    var location = 0..<0
    var isReference = false
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while true {
      let keyAt = scanner.offset
      var slot = keys.expected(&scanner, to: lineEnd, annotationLayout)
      if slot == Slot.foreign {
        guard let key = try scanner.nextKey(&progress) else { break }
        slot = try keys.pass(key, annotationLayout, at: keyAt, Slot.ofAnnotation)
      }
      let at = scanner.offset
      let isString = try scanner.peekKind() == .string
      switch slot {
      case Slot.name where isString:
        annotation.label = intern(try scanner.string())
        nameRange = at..<scanner.offset
      case Slot.type where isString:
        (type, typeIsPlain) = LabelingType.find(try scanner.string())
        typeRange = at..<scanner.offset
        if !typeIsPlain { try keepMember(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt) }
      case Slot.annotatedBy where isString:
        let value = try scanner.string()
        author = value.hasEscape ? value.makeString() : texts.text(value.raw)
      case Slot.creationTime where isString:
        if let time = moment(at, scanner) {
          createdAt = time
          momentRange = (at &+ 1)..<(at &+ 20)
          scanner.offset = at &+ 21
          continue
        }
        let value = try scanner.string()
        if let time = Timestamp(value.raw, separator: UInt8(ascii: " ")) {
          createdAt = time
        } else {
          context.report(
            .warning, "modelarts.annotation.creation-time",
            "The time \"\(terminalSafe(value.makeString()))\" is not of the form YYYY-MM-DD HH:MM:SS",
            at: place(at, scanner.offset - at))
          try keepMember(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt)
        }
      case Slot.confidence:
        if try scanner.peekKind() == .number {
          let value = try scanner.double()
          annotation.confidence = value
          if isPlainNumber(scanner.bytes(from: at, to: scanner.offset), value) {
            confidenceRange = at..<scanner.offset
            continue
          }
          try keepMember(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt)
        } else {
          try keepMember(try scanner.key(at: keyAt), &scanner, at: keyAt)
        }
      case Slot.id:
        if isString {
          annotation.id = .string(try scanner.string().makeString())
        } else if try scanner.peekKind() == .number, case .integer(let value) = try scanner.number() {
          annotation.id = .integer(value)
        } else {
          scanner.offset = at
          try keepMember(try scanner.key(at: keyAt), &scanner, at: keyAt)
        }
      case Slot.property:
        try property(&scanner, &annotation, &fields, at: keyAt)
      case Slot.hard, Slot.hardCoefficient, Slot.hardReasons:
        if try !hard.read(slot, &scanner) {
          try keepMember(try scanner.key(at: keyAt), scanner.bytes(from: at, to: scanner.offset), at: keyAt)
        }
      case Slot.annotationLoc where isString:
        _ = try scanner.string()
        location = at..<scanner.offset
      default:
        try keepMember(try scanner.key(at: keyAt), &scanner, at: keyAt)
      }
    }
    let range = place(start, scanner.offset - start)
    if let mark = hard.mark { annotation.hard = mark }
    reportType(type, typeRange, range, scanner, context)
    let pointsAtFile = type == .objectDetection || type == .imageSegmentation
    if !location.isEmpty, pointsAtFile {
      annotation.set(author: author, createdAt: createdAt, preserved: Preserved())
      let entry = SidecarEntry(type: type, object: start..<scanner.offset, location: location)
      switch sidecar(entry, scanner, &annotation, into: &sample, context) {
      case .done: return
      case .missing(let place):
        annotation.reference = place
        isReference = true
      }
    } else if !location.isEmpty {
      let text = scanner.bytes(from: location.lowerBound, to: location.upperBound)
      members.begin("annotation-loc")
      members.bytes.appendCompacted(json: text)
    } else if pointsAtFile {
      context.report(
        .warning, "modelarts.annotation.no-loc",
        "An annotation of detection or segmentation names its Pascal VOC file in annotation-loc",
        at: range)
    }
    guard apply(fields, type, scanner, nameRange, range, &annotation, context) else { return }
    if keys.deviates {
      var again = scanner
      again.offset = start
      members.begin("@keys")
      appendKeys(of: &again, to: &members.bytes)
    }
    if type == .none, typeRange.isEmpty {
      members.begin("@no-type")
      members.bytes.append("true")
    }
    annotation.set(
      author: author, createdAt: createdAt,
      preserved: members.isEmpty ? annotation.preserved : repeated.preserved(members.bytes.bytes))
    let note = Note(
      type: typeIsPlain ? type : .unknown, content: content(annotation, fields, isReference: isReference), offset: start,
      length: scanner.offset - start)
    notes.append(note)
    if location.isEmpty { learn(scanner, start, momentRange, confidenceRange, nameRange, annotation, author, note, context) }
    sample.annotations.append(annotation)
  }

  /// The moment in a string of the usual length; nil for any other.
  @inline(__always) private func moment(_ offset: Int, _ scanner: JSONScanner) -> Timestamp? {
    let text = scanner.bytes(from: offset, to: min(offset &+ 21, lineEnd))
    guard text.count == 21, text[0] == UInt8(ascii: "\""), text[20] == UInt8(ascii: "\""), let start = text.baseAddress else {
      return nil
    }
    return Timestamp(plain: start.assumingMemoryBound(to: UInt8.self) + 1, separator: UInt8(ascii: " "))
  }

  mutating func keepMember(_ key: JSONString, _ scanner: inout JSONScanner, at offset: Int) throws(JSONFault) {
    let value = try scanner.skipValue()
    try keepMember(key, scanner.bytes(from: value.lowerBound, to: value.upperBound), at: offset)
  }

  mutating func keepMember(_ key: JSONString, _ value: UnsafeRawBufferPointer, at offset: Int) throws(JSONFault) {
    if !members.add(key.raw, value, marksOwn: true) { throw JSONFault(.duplicateKey(key.makeString()), at: offset) }
  }

  /// The label of a name.
  @inline(__always) mutating func intern(_ name: JSONString) -> LabelID {
    if !name.hasEscape { return names.label(name.raw, labels) }
    var text = name.makeString()
    return text.withUTF8 { labels.intern($0) }
  }

  private func reportType(
    _ type: LabelingType, _ typeRange: Range<Int>, _ range: SourceRange, _ scanner: JSONScanner, _ context: ReadContext
  ) {
    if type == .none {
      context.report(
        .warning, "modelarts.annotation.no-type", "An annotation has a type, such as modelarts/image_classification", at: range)
    } else if type == .unknown {
      let text = String(decoding: scanner.bytes(from: typeRange.lowerBound, to: typeRange.upperBound), as: UTF8.self)
      context.report(
        .warning, "modelarts.annotation.unknown-type",
        "The type \(terminalSafe(text)) is not known; the annotation is kept as it is",
        at: place(typeRange.lowerBound, typeRange.count))
    }
  }

  // MARK: The end of a line

  /// Gives the sample its key, and checks what only a whole line can tell.
  mutating func finish(_ sample: inout Sample, _ position: Int, _ context: ReadContext) throws(JSONFault) {
    if let location = sample.media.location {
      sample.key = location
    } else {
      switch sample.id {
      case .string(let text): sample.key = text
      case .integer(let number): sample.key = "\(number)"
      case nil: sample.key = "\(position + 1)"
      }
    }
    var mustCheck = false
    for (index, note) in notes.enumerated() where note.length > 0 {
      if note.content == .span || note.content == .link { mustCheck = true }
      let natural = LabelingType.natural(note.content, sample.media.kind)
      if note.type != natural, note.type.rawValue < LabelingType.unknown.rawValue, index < sample.annotations.count {
        var text = ByteBuffer(capacity: 48)
        text.append("\"")
        text.append(note.type.text)
        text.append("\"")
        sample.annotations[index].preserved.append("type", json: text.array(), format: ModelArtsFormat.id)
      }
    }
    if mustCheck { checkTexts(&sample, context) }
  }

  /// Checks spans against the text and relations against the entities; what does not fit is left out.
  private mutating func checkTexts(_ sample: inout Sample, _ context: ReadContext) {
    let length = sample.media.text.map { unit == .utf16 ? $0.utf16.count : $0.unicodeScalars.count }
    var ids: [RecordID: Int] = [:]
    for (index, annotation) in sample.annotations.enumerated() {
      guard let id = annotation.id, index < notes.count else { continue }
      if let first = ids[id], first < notes.count {
        context.diagnostics.report(
          Diagnostic(
            .warning, "modelarts.annotation.duplicate-id",
            "The id \(terminalSafe(id.description)) stands for two annotations of one text",
            at: place(notes[index].offset, notes[index].length),
            related: [.init(range: place(notes[first].offset, notes[first].length), message: "first used here")]))
      } else {
        ids[id] = index
      }
    }
    // A relation to what is left out is left out as well, so entities are judged first.
    var isKept = [Bool](repeating: true, count: sample.annotations.count)
    for (index, annotation) in sample.annotations.enumerated() where index < notes.count {
      guard let span = annotation.span, let length, span.end > length else { continue }
      context.report(
        .error, "modelarts.span.range",
        "The range \(span.start)..<\(span.end) reaches beyond the \(length) \(unit == .utf16 ? "UTF-16 units" : "characters") of the text",
        at: place(notes[index].offset, notes[index].length))
      isKept[index] = false
    }
    // A relation may be the end of another one: what is left out takes along those that wait for it.
    var waiting: [RecordID: [Int]] = [:]
    var left = sample.annotations.indices.filter { $0 < notes.count && isKept[$0] && sample.annotations[$0].link != nil }
    for index in left {
      guard let link = sample.annotations[index].link else { continue }
      for end in Set([link.source, link.target]) { waiting[end, default: []].append(index) }
    }
    var holders: [RecordID: Int] = [:]
    for (index, annotation) in sample.annotations.enumerated() where isKept[index] {
      if let id = annotation.id { holders[id, default: 0] += 1 }
    }
    // As a stack, the first on top.
    left.reverse()
    while let index = left.popLast() {
      guard isKept[index], let link = sample.annotations[index].link,
        let missing = [link.source, link.target].first(where: { holders[$0, default: 0] == 0 })
      else { continue }
      context.report(
        .error, "modelarts.triplet.unknown-entity",
        "A relation leads from or to \(terminalSafe(missing.description)), and no valid annotation of the line has this id",
        at: place(notes[index].offset, notes[index].length))
      isKept[index] = false
      guard let id = sample.annotations[index].id else { continue }
      holders[id, default: 0] -= 1
      if holders[id] == 0 { left += waiting[id] ?? [] }
    }
    let kept = sample.annotations.indices.filter { isKept[$0] }.map { sample.annotations[$0] }
    if kept.count < sample.annotations.count { sample.annotations = kept }
  }
}
