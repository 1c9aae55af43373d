import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Writes objects of pictures and of frames: the keys in the order of the file, then those it did not have.
struct ObjectText: Sendable {
  /// One key, with what it means.
  private struct Key: Sendable {
    var slot: UInt8
    /// The key in its quotes, with its colon.
    var text: [UInt8]
    var name: String
  }

  private let keys: [Key]
  private let isFrame: Bool
  /// Whether objects of the file give attributes even when they have none.
  private let givesAttributes: Bool

  static let pictureKeys = ["class_id", "top", "left", "height", "width"]
  static let frameKeys = [
    "height", "width", "top", "left", "x", "y", "vertices", "class-id", "label-category-attributes", "object-id", "object-name",
  ]

  /// A writer that follows an order of keys.
  init(order: [String], isFrame: Bool) {
    self.isFrame = isFrame
    givesAttributes = isFrame && (order.isEmpty || order.contains("label-category-attributes"))
    var keys: [Key] = []
    let known =
      (isFrame ? ObjectText.frameKeys : ObjectText.pictureKeys)
      + [
        "vertices", "x", "y", "left", "top", "width", "height", "label-category-attributes", "object-id", "confidence",
        "annotated-by", "creation-date",
      ]
    for name in order + known where !keys.contains(where: { $0.name == name }) {
      var text = ByteBuffer()
      text.appendJSON(name)
      let quoted = text.array()
      text.append(UInt8(ascii: ":"))
      let slot = quoted.withUnsafeBytes { bytes -> UInt8 in
        var scanner = JSONScanner(bytes)
        return (try? scanner.string()).map { ObjectSlot.of($0, inFrame: isFrame) } ?? ObjectSlot.foreign
      }
      keys.append(Key(slot: slot, text: text.array(), name: name))
    }
    self.keys = keys
  }

  /// Appends an object.
  ///
  /// - Parameter id: The class as JSON.
  func append(_ annotation: Annotation, id: [UInt8], to out: inout ByteBuffer) {
    let kept = annotation.preserved.isEmpty ? nil : KeptMembers(annotation.preserved[GroundTruthFormat.id])
    var written = 0
    let start = out.count
    out.append(UInt8(ascii: "{"))
    for key in keys {
      let before = out.count
      if out.count > start + 1 { out.append(UInt8(ascii: ",")) }
      out.append(key.text)
      if key.slot == ObjectSlot.foreign {
        guard let value = kept?.value(key.name) else {
          out.truncate(to: before)
          continue
        }
        out.append(value)
        written += 1
      } else if !value(key.slot, annotation, id, &out) {
        out.truncate(to: before)
      }
    }
    if let kept, written < kept.items.count {
      for item in kept.items where !keys.contains(where: { $0.slot == ObjectSlot.foreign && $0.name == item.key }) {
        if out.count > start + 1 { out.append(UInt8(ascii: ",")) }
        out.appendJSON(item.key)
        out.append(UInt8(ascii: ":"))
        out.append(item.value)
      }
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends the value of a key; false when the annotation has none.
  private func value(_ slot: UInt8, _ annotation: Annotation, _ id: [UInt8], _ out: inout ByteBuffer) -> Bool {
    switch slot {
    case ObjectSlot.classID: out.append(id)
    case ObjectSlot.left, ObjectSlot.top, ObjectSlot.width, ObjectSlot.height:
      guard let box = annotation.box?.converted(to: .extent) else { return false }
      let numbers = [box.first, box.second, box.third, box.fourth]
      out.append(numbers[Int(slot - ObjectSlot.left)])
    case ObjectSlot.vertices:
      switch annotation.shape {
      case .polygon(let polygon): vertices(polygon.coordinates, &out)
      case .polyline(let line): vertices(line.coordinates, &out)
      default: return false
      }
    case ObjectSlot.x, ObjectSlot.y:
      guard case .point(let point)? = annotation.shape else { return false }
      out.append(slot == ObjectSlot.x ? point.x : point.y)
    case ObjectSlot.attributes:
      guard givesAttributes || !annotation.attributes.isEmpty else { return false }
      out.append(json: annotation.attributes)
    case ObjectSlot.track:
      guard let track = annotation.track else { return false }
      out.append(json: track)
    case ObjectSlot.author:
      guard isFrame, let author = annotation.author else { return false }
      out.appendJSON(author)
    case ObjectSlot.createdAt:
      guard isFrame, let time = annotation.createdAt else { return false }
      out.appendJSON(time.text())
    default:
      guard isFrame, let confidence = annotation.confidence else { return false }
      out.append(confidence)
    }
    return true
  }

  private func vertices(_ coordinates: [Double], _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "["))
    var at = 0
    while at + 1 < coordinates.count {
      if at > 0 { out.append(UInt8(ascii: ",")) }
      out.append("{\"x\":")
      out.append(coordinates[at])
      out.append(",\"y\":")
      out.append(coordinates[at + 1])
      out.append(UInt8(ascii: "}"))
      at += 2
    }
    out.append(UInt8(ascii: "]"))
  }
}

/// What a reader kept, without the marks of this format.
struct KeptMembers {
  private(set) var items: [(key: String, value: [UInt8])] = []

  /// Takes the inside of an object.
  init(_ members: [UInt8]) {
    PreservedReader(Preserved(GroundTruthFormat.id, members: members), GroundTruthFormat.id).forEach { key, value in
      var name = key.makeString()
      if name.utf8.first == UInt8(ascii: "@") {
        guard name.utf8.dropFirst().first == UInt8(ascii: "@") else { return }
        name.removeFirst()
      }
      items.append((name, Array(value)))
    }
  }

  /// Adds the members of others whose keys are not here.
  mutating func merge(_ other: KeptMembers) {
    for item in other.items where value(item.key) == nil { items.append(item) }
  }

  /// The value of a key.
  func value(_ key: String) -> [UInt8]? { items.first { $0.key.utf8.elementsEqual(key.utf8) }?.value }
}

/// The marks of this format in a drawer: their names begin with one `@`.
struct Marks {
  private let reader: PreservedReader

  /// The marks of a drawer.
  init(_ preserved: Preserved) { reader = PreservedReader(preserved, GroundTruthFormat.id) }

  /// The text of a mark.
  func text(_ name: String) -> String? { reader.string(name) }

  /// The JSON of a mark.
  func json(_ name: String) -> [UInt8]? { reader.value(name) }
}
