import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// A file of frames with objects (`SeqLabel.json`), and what stands around it: the line of the manifest and the list of its frames.
struct SequenceLayout: Sendable {
  /// What stands before the names of the frames.
  var folder = ""
  /// The line of the manifest as it stood; nil when the file was read alone.
  var line: String?
  /// The list of frames as it stood.
  var source: String?
  /// The attribute the line names it by.
  var attribute = ""
  /// The place of the file, and that of the list of frames, as the line says them.
  var location = ""
  var sourceLocation = ""
  /// The key of the list of frames.
  var root = "tracking-annotations"
  /// What stands before the first frame, between two, and behind the last.
  var head = ""
  var separator = ","
  var tail = ""
  /// Orders of keys: of a frame, and of an object of each list.
  var frameKeys: [String] = []
  var itemKeys: [String] = []
  /// Whether the numbers of frames are text.
  var hasTextNumbers = true
  /// White space in a frame.
  var spacing: JSONSpacing = .none

  /// The type of labels of the file.
  var type: String { LabelTask.prefix + (root == "tracking-annotations" ? "video-object-tracking" : "video-object-detection") }

  /// A sequence that nothing is known of.
  init() {}

  /// Reads what ``append(to:)`` wrote.
  init?(_ value: AttributeValue) {
    guard case .object(let object) = value, let root = object["root"].text else { return nil }
    self.root = root
    folder = object["folder"].text ?? ""
    line = object["line"].text
    source = object["source"].text
    attribute = object["attribute"].text ?? ""
    location = object["location"].text ?? ""
    sourceLocation = object["source-location"].text ?? ""
    head = object["head"].text ?? ""
    separator = object["separator"].text ?? ","
    tail = object["tail"].text ?? ""
    frameKeys = object["keys"].texts
    itemKeys = object["item"].texts
    hasTextNumbers = object["text-numbers"] != .boolean(false)
    spacing = object["spacing"].text.flatMap { JSONSpacing(rawValue: $0) } ?? .none
  }

  /// Appends it as JSON.
  func append(to out: inout ByteBuffer) {
    out.append("{\"root\":")
    out.appendJSON(root)
    let texts: [(String, String?)] = [
      ("folder", folder), ("line", line), ("source", source), ("attribute", attribute), ("location", location),
      ("source-location", sourceLocation),
    ]
    for (key, text) in texts {
      guard let text, !text.isEmpty else { continue }
      out.append(",\"\(key)\":")
      out.appendJSON(text)
    }
    for (key, text) in [("head", head), ("separator", separator), ("tail", tail)] {
      out.append(",\"\(key)\":")
      out.appendJSON(text)
    }
    out.append(",\"keys\":", list: frameKeys)
    out.append(",\"item\":", list: itemKeys)
    if !hasTextNumbers { out.append(",\"text-numbers\":false") }
    if spacing != .none {
      out.append(",\"spacing\":")
      out.appendJSON(spacing.rawValue)
    }
    out.append(UInt8(ascii: "}"))
  }
}
