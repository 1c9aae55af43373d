import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What the metadata of an attribute says.
struct Metadata {
  var type: String?
  /// The classes of the line: ids and labels.
  var classes: [(id: [UInt8], label: LabelID)] = []
  /// The one class.
  var label: LabelID?
  var confidence: Double?
  /// Confidences by class.
  var confidences: [(id: [UInt8], confidence: Double)] = []
  /// Confidences of the objects or entities, in their order.
  var items: [Double?] = []
  /// The colours of a mask.
  var colors: [MaskColor] = []
  var author: String?
  var authors: [String?] = []
  var createdAt: Timestamp?
  var times: [Timestamp?] = []
  /// Attributes of the one class.
  var attributes = Attributes()
  /// Members that no annotation can hold when there is none: as they stand.
  var provenance: [UInt8] = []
  /// All other members: the inside of a JSON object.
  var others: [UInt8] = []

  /// A colour of a mask.
  struct MaskColor {
    var id: String
    var name: String
    var label: LabelID
    var color: UInt32?
    var confidence: Double?
    var box: Box?
    var attributes = Attributes()
  }

  /// The label of a class.
  func label(of id: UnsafeRawBufferPointer) -> LabelID? { classes.first { $0.id.elementsEqual(id) }?.label }

  /// The author of an annotation by its position.
  func author(_ index: Int) -> String? { index < authors.count ? authors[index] : authors.isEmpty ? author : nil }

  /// When an annotation was made, by its position.
  func createdAt(_ index: Int) -> Timestamp? { index < times.count ? times[index] : times.isEmpty ? createdAt : nil }
}

extension Metadata {
  /// Reads metadata; what is not as it should be is kept as it is.
  init(_ scanner: inout JSONScanner, _ labels: LabelCache) throws(JSONFault) {
    var kept = PreservedMembers()
    var before = ByteBuffer(capacity: 128)
    var progress = try scanner.beginObject()
    var seen = ByteKeySet()
    while let key = try scanner.nextKey(&progress) {
      guard seen.insert(key) else { throw JSONFault(.duplicateKey(key.makeString()), at: scanner.offset(of: key)) }
      let start = scanner.offset
      if try member(key, &scanner, labels) {
        if key == "human-annotated" || key == "creation-date" || key == "annotated-by" || key == "creation-dates" {
          if !before.isEmpty { before.append(UInt8(ascii: ",")) }
          before.append(UInt8(ascii: "\""))
          before.append(key.raw)
          before.append("\":")
          before.appendCompacted(json: scanner.bytes(from: start, to: scanner.offset))
        }
        continue
      }
      scanner.offset = start
      try kept.take(key, from: &scanner)
    }
    provenance = before.array()
    others = kept.preserved(GroundTruthFormat.id)[GroundTruthFormat.id]
  }

  /// Reads a member the model has a place for; false for all others.
  private mutating func member(
    _ key: JSONString, _ scanner: inout JSONScanner, _ labels: LabelCache
  ) throws(JSONFault) -> Bool {
    let kind = try scanner.peekKind()
    switch key {
    case "type":
      guard kind == .string else { return false }
      type = try scanner.string().makeString()
    case "class-name":
      guard kind == .string else { return false }
      label = labels.intern(try scanner.string())
    case "confidence":
      guard kind == .number else { return false }
      confidence = try scanner.double()
    case "class-map":
      guard kind == .object else { return false }
      var progress = try scanner.beginObject()
      while let id = try scanner.nextKey(&progress) {
        guard try scanner.peekKind() == .string else { return false }
        classes.append((Array(id.raw), labels.intern(try scanner.string())))
      }
    case "confidence-map":
      guard kind == .object else { return false }
      var progress = try scanner.beginObject()
      while let id = try scanner.nextKey(&progress) {
        guard try scanner.peekKind() == .number else { return false }
        confidences.append((Array(id.raw), try scanner.double()))
      }
    case "objects", "entities":
      guard kind == .array else { return false }
      return try items(&scanner)
    case "internal-color-map":
      guard kind == .object else { return false }
      return try colors(&scanner, labels)
    case "human-annotated":
      guard kind == .string else { return false }
      let value = try scanner.string()
      guard value == "yes" || value == "no" else { return false }
      if author == nil { author = value == "yes" ? "human" : "machine" }
    case "label-category-attributes":
      guard kind == .object else { return false }
      attributes = try scanner.attributes()
    case "annotated-by":
      switch try scanner.attributeValue() {
      case .string(let text): author = text
      case .list(let list): authors = list.map { if case .string(let text) = $0 { text } else { nil } }
      default: return false
      }
    case "creation-date":
      guard kind == .string else { return false }
      let text = try scanner.string()
      guard !text.hasEscape, let time = Timestamp(text.raw, separator: UInt8(ascii: "T")) else { return false }
      createdAt = time
    case "creation-dates":
      guard case .list(let list) = try scanner.attributeValue() else { return false }
      times = list.map { if case .string(let text) = $0 { Timestamp(text) } else { nil } }
    default: return false
    }
    return true
  }

  /// Reads the confidences of objects; false when there is more in them.
  private mutating func items(_ scanner: inout JSONScanner) throws(JSONFault) -> Bool {
    var list = try scanner.beginArray()
    while try scanner.nextElement(&list) {
      guard try scanner.peekKind() == .object else { return false }
      var progress = try scanner.beginObject()
      var confidence: Double?
      while let key = try scanner.nextKey(&progress) {
        guard key == "confidence", try scanner.peekKind() == .number else { return false }
        confidence = try scanner.double()
      }
      items.append(confidence)
    }
    return true
  }

  private mutating func colors(_ scanner: inout JSONScanner, _ labels: LabelCache) throws(JSONFault) -> Bool {
    var progress = try scanner.beginObject()
    while let id = try scanner.nextKey(&progress) {
      guard try scanner.peekKind() == .object else { return false }
      let entry = try scanner.attributes()
      guard let name = entry["class-name"].text else { return false }
      let color = entry["hex-color"].text.flatMap { MaskPicture.color($0) }
      guard name.uppercased() != MaskPicture.background else { continue }
      var found = MaskColor(
        id: id.makeString(), name: name, label: labels.intern(name), color: color, confidence: entry["confidence"].double)
      if case .object(let box)? = entry["box"], let left = box["left"].double, let top = box["top"].double,
        let width = box["width"].double, let height = box["height"].double
      {
        found.box = Box(left, top, width, height, form: .extent)
      }
      if case .object(let attributes)? = entry["label-category-attributes"] { found.attributes = attributes }
      colors.append(found)
    }
    return true
  }
}

extension AttributeValue? {
  /// The number.
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

extension LabelCache {
  /// The label of a name as it stands in JSON.
  func intern(_ name: JSONString) -> LabelID { name.hasEscape ? intern(name.makeString()) : intern(name.raw) }

  /// The label of a name.
  func intern(_ name: String) -> LabelID {
    var name = name
    return name.withUTF8 { intern($0) }
  }
}

/// The keys of one object.
struct ByteKeySet {
  private var few: [UnsafeBufferPointer<UInt8>] = []
  private var many: Set<[UInt8]> = []

  /// Adds a key; false when it was there.
  mutating func insert(_ key: JSONString) -> Bool {
    if few.count < 24 {
      for other in few where other.count == key.raw.count && other.elementsEqual(key.raw) { return false }
      few.append(key.raw)
      return true
    }
    if many.isEmpty { for key in few { many.insert(Array(key)) } }
    return many.insert(Array(key.raw)).inserted
  }
}
