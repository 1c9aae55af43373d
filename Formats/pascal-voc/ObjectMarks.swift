import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What an `object` says of its mask, as XML attributes of the element, which other readers pass over.
///
/// `instance="7"` names the object's number in the picture of objects where that is not its place in the file, 0 meaning a mask without
/// pixels; `box="mask"` says that the box is the one around the mask and was not given.
struct ObjectMarks: Equatable {
  var instance: UInt32?
  var boxIsOfMask = false

  /// Takes the marks from an annotation that was read; nil when it has none.
  static func take(from annotation: inout Annotation) -> ObjectMarks? {
    guard annotation.hasRareAnswers, !annotation.preserved.isEmpty,
      let text = PreservedReader(annotation.preserved, VOCCodec.section).string("attributes"), !text.isEmpty
    else { return nil }
    var marks = ObjectMarks()
    var rest: [Substring] = []
    // The codec spells attributes as ` name="value"`, quotes in the value escaped.
    for word in text.split(separator: "\" ") {
      let item = word.hasPrefix(" ") ? word.dropFirst() : word
      let pair = (item.hasSuffix("\"") ? item.dropLast() : item).split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[1].hasPrefix("\"") else { return nil }
      let value = pair[1].dropFirst()
      if pair[0] == "instance", let number = UInt32(value), number < 1 << 24, marks.instance == nil {
        marks.instance = number
      } else if pair[0] == "box", value == "mask", !marks.boxIsOfMask {
        marks.boxIsOfMask = true
      } else {
        rest.append("\(pair[0])=\"\(value)\"")
      }
    }
    guard marks != ObjectMarks() else { return nil }
    annotation.preserved[VOCCodec.section] = replaced(annotation.preserved, rest.map { " \($0)" }.joined())
    return marks
  }

  /// Puts the marks among the attributes of an annotation that is to be written.
  func put(into annotation: inout Annotation) {
    guard self != ObjectMarks() else { return }
    var text = PreservedReader(annotation.preserved, VOCCodec.section).string("attributes") ?? ""
    if let instance { text += " instance=\"\(instance)\"" }
    if boxIsOfMask { text += " box=\"mask\"" }
    annotation.preserved[VOCCodec.section] = ObjectMarks.replaced(annotation.preserved, text)
  }

  /// The members with other attributes.
  private static func replaced(_ preserved: Preserved, _ attributes: String) -> [UInt8] {
    var out = ByteBuffer(capacity: 256)
    PreservedReader(preserved, VOCCodec.section).forEach { key, value in
      guard key.makeString() != "attributes" else { return }
      if !out.isEmpty { out.append(UInt8(ascii: ",")) }
      out.appendJSON(key.makeString())
      out.append(UInt8(ascii: ":"))
      out.append(value)
    }
    if !attributes.isEmpty {
      if !out.isEmpty { out.append(UInt8(ascii: ",")) }
      out.append("\"attributes\":")
      out.appendJSON(attributes)
    }
    return out.array()
  }
}

/// What is kept of a mask that is in the pictures and not in the annotation file.
struct KeptMask: Equatable {
  /// The object's number in the picture of objects.
  var instance: UInt32?
  /// The number of the class where it is not the one that would be written.
  var number: UInt32?
  /// The label for which ``number`` was read; a label given later counts for more.
  var label: String?

  init() {}

  /// What was kept with an annotation.
  init(_ preserved: Preserved) {
    guard !preserved[VOCCodec.section].isEmpty else { return }
    PreservedReader(preserved, VOCCodec.section).forEach { key, value in
      var scanner = JSONScanner(value)
      switch key.makeString() {
      case "instance": instance = (try? scanner.recordID())?.number
      case "class-number": number = (try? scanner.recordID())?.number
      case "class-label": label = (try? scanner.string())?.makeString()
      default: break
      }
    }
  }

  /// Appends it to an annotation's preserved fields.
  func put(into annotation: inout Annotation) {
    guard instance != nil || number != nil else { return }
    var preserved = annotation.preserved
    if let instance { preserved.append("instance", json: Array("\(instance)".utf8), format: VOCCodec.section) }
    if let number { preserved.append("class-number", json: Array("\(number)".utf8), format: VOCCodec.section) }
    if number != nil, let label {
      var json = ByteBuffer(capacity: 32)
      json.appendJSON(label)
      preserved.append("class-label", json: json.array(), format: VOCCodec.section)
    }
    annotation.preserved = preserved
  }

  /// The members by which it is kept.
  static let members: Set<String> = ["instance", "class-number", "class-label"]
}

extension Annotation {
  /// Takes what was kept of a mask away: the annotation file says it better.
  mutating func forgetKeptMask() {
    guard KeptMask(preserved) != KeptMask() else { return }
    var out = ByteBuffer(capacity: 256)
    PreservedReader(preserved, VOCCodec.section).forEach { key, value in
      guard !KeptMask.members.contains(key.makeString()) else { return }
      if !out.isEmpty { out.append(UInt8(ascii: ",")) }
      out.appendJSON(key.makeString())
      out.append(UInt8(ascii: ":"))
      out.append(value)
    }
    preserved[VOCCodec.section] = out.array()
  }
}

extension RecordID {
  /// The number of pixels' values, which have 24 bits.
  fileprivate var number: UInt32? {
    guard case .integer(let value) = self, value >= 0, value < 1 << 24 else { return nil }
    return UInt32(value)
  }
}
