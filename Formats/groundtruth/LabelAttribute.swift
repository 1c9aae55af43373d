import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// A label attribute of a manifest: its name is free, its metadata tells what it is.
struct LabelAttribute: Sendable {
  /// The key of the labels in a line.
  var name: String
  /// The `type` of its metadata.
  var type: String
  /// What it says.
  var task: LabelTask
  /// Classes by their ids, in the order in which they were met.
  var classes: [(id: String, name: String)] = []
  /// Whether the value of a class is text.
  var isText = false
  /// Orders of keys: of the value, of an object in it, of its size, of the metadata.
  var orders = KeyOrders()
  /// The name of the job as the first line has it, which is not kept again: the inside of a JSON object.
  var others: [UInt8] = []

  /// Whether a writer made it up.
  var isNew = false

  /// The keys of the objects a layout describes.
  struct KeyOrders: Sendable, Equatable {
    var value: [String] = []
    var item: [String] = []
    var size: [String] = []
    var metadata: [String] = []
  }

  /// The media it is about; nil when any will do.
  var media: Media.Kind? { LabelTask.media(ofType: type) }

  /// The key of the metadata.
  var metadataName: String { name + LabelAttribute.suffix }

  /// What the key of metadata ends with.
  static let suffix = "-metadata"

  /// An attribute of a name and a type.
  init(name: String, type: String, task: LabelTask) {
    self.name = name
    self.type = type
    self.task = task
  }

  /// Whether annotations of a task about some media belong here.
  func takes(_ task: LabelTask, _ kind: Media.Kind) -> Bool { self.task == task && (media == nil || media == kind) }

  // MARK: The attribute in the dataset's drawer

  /// Reads what ``append(to:)`` wrote.
  init?(_ value: AttributeValue) {
    guard case .object(let object) = value, case .string(let name)? = object["name"], case .string(let type)? = object["type"],
      let task = LabelTask(type: type)
    else { return nil }
    self.init(name: name, type: type, task: task)
    if case .object(let map)? = object["classes"] {
      for item in map.items { if case .string(let name) = item.value { classes.append((item.name, name)) } }
    }
    isText = object["text"] == .boolean(true)
    orders = KeyOrders(
      value: object["value"].texts, item: object["item"].texts, size: object["size"].texts, metadata: object["metadata"].texts)
    if case .object(let others)? = object["others"], !others.isEmpty {
      var text = ByteBuffer(capacity: 256)
      text.append(json: others)
      self.others = Array(text.bytes.dropFirst().dropLast())
    }
  }

  /// Appends the attribute as JSON.
  func append(to out: inout ByteBuffer) {
    out.append("{\"name\":")
    out.appendJSON(name)
    out.append(",\"type\":")
    out.appendJSON(type)
    if !classes.isEmpty {
      out.append(",\"classes\":{")
      for (index, item) in classes.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.appendJSON(item.id)
        out.append(UInt8(ascii: ":"))
        out.appendJSON(item.name)
      }
      out.append(UInt8(ascii: "}"))
    }
    if isText { out.append(",\"text\":true") }
    out.append(",\"value\":", list: orders.value)
    out.append(",\"item\":", list: orders.item)
    out.append(",\"size\":", list: orders.size)
    out.append(",\"metadata\":", list: orders.metadata)
    if !others.isEmpty {
      out.append(",\"others\":{")
      out.append(others)
      out.append(UInt8(ascii: "}"))
    }
    out.append(UInt8(ascii: "}"))
  }
}

extension ByteBuffer {
  /// Appends a list of texts behind a key; nothing when it is empty.
  mutating func append(_ key: StaticString, list: [String]) {
    guard !list.isEmpty else { return }
    append(key)
    append(UInt8(ascii: "["))
    for (index, text) in list.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendJSON(text)
    }
    append(UInt8(ascii: "]"))
  }
}

extension AttributeValue? {
  /// The texts of a list.
  var texts: [String] {
    guard case .list(let list)? = self else { return [] }
    return list.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  /// The text.
  var text: String? { if case .string(let text)? = self { text } else { nil } }
}
