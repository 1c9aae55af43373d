import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How a whole file is written: what its first lines show, so that records note only where they differ.
struct FileLayout: Sendable {
  /// The writers whose habits are known.
  enum Profile: Sendable {
    /// The service itself.
    case service
    /// The service's development kit.
    case sdk
  }

  /// Order of the keys of a line.
  var line: KeyLayout
  /// Order of the keys of an annotation.
  var annotation: KeyLayout
  /// Order of the keys of an annotation that points at a Pascal VOC file.
  var sidecar: [String]
  /// Whether the last line ends with a line feed.
  var endsWithLineFeed: Bool
  /// Whether lines give `sample-type`.
  var givesSampleType: Bool
  /// Whether text outside ASCII is written as `\u` escapes.
  var isASCII: Bool
  /// What offsets into text count.
  var offsets: TextSpan.Unit

  static let serviceLine = [
    "annotation", "usage", "property", "source", "id", "sample-type", "hard", "hard-coefficient", "hard-reasons", "inference-loc",
    "source-type",
  ]
  static let sdkLine = [
    "id", "source", "source-type", "usage", "sample-type", "hard", "hard-coefficient", "hard-reasons", "property", "inference-loc",
    "annotation",
  ]
  static let serviceAnnotation = [
    "name", "id", "property", "type", "creation-time", "hard", "hard-coefficient", "hard-reasons", "annotated-by", "confidence",
    "annotation-loc", "annotation-format",
  ]
  static let sdkAnnotation = [
    "name", "annotation-loc", "type", "id", "annotation-format", "confidence", "hard", "hard-coefficient", "hard-reasons",
    "property",
    "annotated-by", "creation-time",
  ]

  init(_ profile: Profile) {
    let isService = profile == .service
    line = KeyLayout(isService ? Self.serviceLine : Self.sdkLine, slot: Slot.ofLine)
    annotation = KeyLayout(isService ? Self.serviceAnnotation : Self.sdkAnnotation, slot: Slot.ofAnnotation)
    sidecar =
      isService
      ? ["annotation-format", "type", "annotation-loc", "creation-time", "annotated-by"]
      : ["annotation-loc", "type", "annotation-format", "annotated-by", "creation-time"]
    endsWithLineFeed = !isService
    givesSampleType = true
    isASCII = false
    offsets = .scalars
  }

  /// The layout a reader left in the header; nil when the samples came from elsewhere.
  init?(_ preserved: Preserved) {
    guard let layout = PreservedReader(preserved, ModelArtsFormat.id).value("layout") else { return nil }
    self.init(.service)
    let inside = PreservedReader(Preserved(ModelArtsFormat.id, members: Array(layout.dropFirst().dropLast())), ModelArtsFormat.id)
    func names(_ member: String) -> [String] {
      guard let value = inside.value(member) else { return [] }
      return value.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        guard case .list(let list)? = try? scanner.attributeValue() else { return [] }
        return list.compactMap { if case .string(let name) = $0 { name } else { nil } }
      }
    }
    func isOn(_ member: String) -> Bool { inside.value(member).map { $0 == Array("true".utf8) } ?? false }
    line = KeyLayout(KeyOrder(names("line"), Self.serviceLine, Slot.ofLine).names, slot: Slot.ofLine)
    annotation = KeyLayout(
      KeyOrder(names("annotation"), Self.serviceAnnotation, Slot.ofAnnotation).names, slot: Slot.ofAnnotation)
    endsWithLineFeed = isOn("final-newline")
    givesSampleType = isOn("sample-type")
    isASCII = isOn("ascii")
    offsets = inside.string("offsets") == "utf16" ? .utf16 : .scalars
  }

  /// The layout as members for the header.
  var members: [UInt8] {
    var out = ByteBuffer()
    out.append("\"layout\":{\"line\":")
    out.append(json: .list(line.names.map { .string($0) }))
    out.append(",\"annotation\":")
    out.append(json: .list(annotation.names.map { .string($0) }))
    out.append(",\"final-newline\":")
    out.append(endsWithLineFeed ? "true" : "false")
    out.append(",\"sample-type\":")
    out.append(givesSampleType ? "true" : "false")
    if isASCII { out.append(",\"ascii\":true") }
    if offsets == .utf16 { out.append(",\"offsets\":\"utf16\"") }
    out.append("}")
    return out.array()
  }
}

/// An order of keys put together from the orders of records.
struct KeyOrder {
  /// The keys.
  private(set) var names: [String]
  private let slot: (String) -> UInt8

  init(_ first: [String], _ last: [String], _ slot: @escaping (String) -> UInt8) {
    self.slot = slot
    names = []
    add(first)
    add(last)
  }

  /// Adds the keys that are new, each after the key before it.
  mutating func add(_ keys: [String]) {
    var previous: Int?
    for key in keys {
      let meaning = slot(key)
      let known = names.firstIndex { $0 == key || (meaning != Slot.foreign && slot($0) == meaning) }
      if let known {
        previous = known
      } else if names.count < KeyLayout.limit {
        let at = previous.map { $0 + 1 } ?? 0
        names.insert(key, at: at)
        previous = at
      }
    }
  }
}
