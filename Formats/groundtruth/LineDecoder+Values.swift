import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension LineDecoder {
  /// Reads the value of an attribute.
  mutating func value(
    _ task: LabelTask, _ name: String, _ metadata: Metadata, _ scanner: inout JSONScanner, into sample: inout Sample,
    _ context: ReadContext
  ) throws(JSONFault) {
    let start = scanner.offset
    let kind = try scanner.peekKind()
    switch (task, kind) {
    case (.boxes, .object): try boxes(name, metadata, &scanner, into: &sample, context)
    case (.entities, .object): try entities(metadata, &scanner, into: &sample, context)
    case (.single, .number), (.single, .string): try single(metadata, &scanner, into: &sample, context)
    case (.classes, .array): try classes(metadata, &scanner, into: &sample, context)
    case (.mask, .string): mask(name, try scanner.string().makeString(), metadata, start, into: &sample, context)
    case (.frames, .string):
      var annotation = Annotation()
      annotation.reference = try scanner.string().makeString()
      sample.annotations.append(annotation)
    default:
      fail(
        "groundtruth.value.kind",
        "The value of \"\(terminalSafe(name))\" is not what labels of the type \(terminalSafe(metadata.type ?? "")) are",
        at: place(start), context)
    }
  }

  // MARK: Boxes

  private mutating func boxes(
    _ name: String, _ metadata: Metadata, _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let start = scanner.offset
      switch key {
      case "image_size":
        if try !size(&scanner, &sample) {
          scanner.offset = start
          try scanner.skipValue()
          context.report(
            .warning, "groundtruth.box.size", "The size of a picture is a list of one object with width, height and depth",
            at: place(start))
        }
      case "annotations":
        guard try scanner.peekKind() == .array else {
          fail(
            "groundtruth.value.kind", "The annotations are a list of boxes", at: place(start), context)
          try scanner.skipValue()
          continue
        }
        try boxList(metadata, &scanner, into: &sample, context)
      default:
        let value = try scanner.skipValue()
        context.report(
          .warning, "groundtruth.value.unknown",
          "\"\(terminalSafe(key.makeString()))\" is kept only while the labels of the line stay as they are",
          at: place(value.lowerBound))
      }
    }
  }

  private mutating func boxList(
    _ metadata: Metadata, _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    var list = try scanner.beginArray()
    var index = 0
    while try scanner.nextElement(&list) {
      let start = scanner.offset
      guard try scanner.peekKind() == .object else {
        try scanner.skipValue()
        fail(
          "groundtruth.box.number", "A box is an object", at: place(start), context)
        continue
      }
      try object.read(&scanner, inFrame: false)
      var annotation = Annotation()
      if object.problem == nil, object.place(.boxes, &annotation) {
        annotation.label = label(object.classID, metadata, scanner, start, context)
        if index < metadata.items.count { annotation.confidence = metadata.items[index] }
        if !object.attributes.isEmpty { annotation.attributes = object.attributes }
        if let track = object.track { annotation.track = track }
        if !object.members.isEmpty { annotation.preserved = object.members.preserved(GroundTruthFormat.id) }
        sample.annotations.append(annotation)
      } else {
        fail(
          "groundtruth.box.number", "A box has a class_id and the numbers left, top, width and height",
          at: place(object.problem?.offset ?? start), context)
      }
      index += 1
    }
    if index != metadata.items.count, !metadata.items.isEmpty {
      context.report(
        .warning, "groundtruth.box.confidences", "There are \(index) boxes and \(metadata.items.count) confidences",
        at: sample.source)
    }
  }

  /// The label of a class; one that the map does not know is called by its id.
  private func label(
    _ id: Range<Int>?, _ metadata: Metadata, _ scanner: JSONScanner, _ start: Int, _ context: ReadContext
  ) -> LabelID? {
    guard let id else { return nil }
    let text = scanner.bytes(from: id.lowerBound, to: id.upperBound)
    if let found = metadata.label(of: text) { return found }
    context.report(
      .warning, "groundtruth.class.unknown",
      "The class map does not know the class \(terminalSafe(String(decoding: text, as: UTF8.self))); it is called by its number",
      at: place(id.lowerBound, id.count))
    return labels.intern(String(decoding: text, as: UTF8.self))
  }

  // MARK: Classes

  private mutating func single(
    _ metadata: Metadata, _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    let start = scanner.offset
    let range = try scanner.skipValue()
    let isText = scanner.bytes(from: start, to: start + 1).first == UInt8(ascii: "\"")
    let id = isText ? range.lowerBound + 1..<range.upperBound - 1 : range
    var annotation = Annotation()
    annotation.label = metadata.label ?? label(id, metadata, scanner, start, context)
    annotation.confidence = metadata.confidence
    if !metadata.attributes.isEmpty { annotation.attributes = metadata.attributes }
    sample.annotations.append(annotation)
  }

  private mutating func classes(
    _ metadata: Metadata, _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    var list = try scanner.beginArray()
    while try scanner.nextElement(&list) {
      let start = scanner.offset
      let kind = try scanner.peekKind()
      let range = try scanner.skipValue()
      guard kind == .number || kind == .string else {
        fail(
          "groundtruth.value.kind", "The labels are a list of class ids", at: place(start), context)
        continue
      }
      let id = kind == .string ? range.lowerBound + 1..<range.upperBound - 1 : range
      let text = scanner.bytes(from: id.lowerBound, to: id.upperBound)
      var annotation = Annotation()
      annotation.label = label(id, metadata, scanner, start, context)
      annotation.confidence = metadata.confidences.first { $0.id.elementsEqual(text) }?.confidence
      sample.annotations.append(annotation)
    }
  }

  // MARK: Entities

  private mutating func entities(
    _ metadata: Metadata, _ scanner: inout JSONScanner, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    let start = scanner.offset
    guard case .object(let value) = try scanner.attributeValue(), case .object(let inner)? = value["annotations"],
      case .list(let list)? = inner["entities"]
    else {
      fail(
        "groundtruth.value.kind", "The entities of a text are a list in annotations", at: place(start), context)
      return
    }
    // The text may stand behind the labels.
    var text = sample.media.text
    if text == nil, let member = members.first(where: { $0.key == "source" }) {
      scanner.offset = member.value.lowerBound
      text = (try? scanner.string())?.makeString()
    }
    let length = text?.unicodeScalars.count
    for (index, item) in list.enumerated() {
      guard case .object(let entity) = item, case .integer(let from)? = entity["startOffset"],
        case .integer(let to)? = entity["endOffset"], from >= 0, from <= to, to <= length.map(Int64.init) ?? Int64(Int32.max)
      else {
        fail(
          "groundtruth.span.range",
          "An entity has a startOffset and an endOffset inside the text, the end not before the start",
          at: place(start), context)
        continue
      }
      var annotation = Annotation()
      annotation.label = entity["label"].text.map { labels.intern($0) }
      annotation.span = TextSpan(start: Int(from), end: Int(to), unit: .scalars)
      if index < metadata.items.count { annotation.confidence = metadata.items[index] }
      var rest = entity
      for key in ["label", "startOffset", "endOffset"] { rest[key] = nil }
      if case .object(let attributes)? = rest["label-category-attributes"] {
        annotation.attributes = attributes
        rest["label-category-attributes"] = nil
      }
      if !rest.isEmpty {
        var json = ByteBuffer()
        json.append(json: rest)
        annotation.preserved = Preserved(GroundTruthFormat.id, members: Array(json.bytes.dropFirst().dropLast()))
      }
      sample.annotations.append(annotation)
    }
  }

  // MARK: Masks

  private func mask(
    _ name: String, _ location: String, _ metadata: Metadata, _ start: Int, into sample: inout Sample, _ context: ReadContext
  ) {
    let first = sample.annotations.count
    if let masks {
      guard let picture = masks.picture(location, at: place(start), context) else {
        var annotation = Annotation()
        annotation.reference = location
        sample.annotations.append(annotation)
        return
      }
      picture.append(metadata.colors, to: &sample.annotations, at: place(start), context)
    } else {
      MaskPicture.appendAll(metadata.colors, to: &sample.annotations)
    }
    if sample.annotations.count > first { sample.annotations[first].preserved.mark("@mask", text: location) }
  }
}
