import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The member `waybill` of a row: what a sample says and the row could not say otherwise, such as a key that is not the path of the file.
struct OwnMembers {
  var key: String?
  var location: String?
  var kind: Media.Kind?
  /// The split, where the folders of the path say something else; the inner nil is none.
  var split: String??
  /// Attributes that are called like columns that mean something.
  var attributes = Attributes()
  /// For each annotation, its place among classes, captions and boxes in this order.
  var order: [Int] = []

  /// Nothing to say.
  init() {}

  /// Reads the member; what nobody has heard of is refused, for it would be lost.
  init(_ scanner: inout JSONScanner) throws {
    let start = scanner.offset
    func fault(_ message: String) -> RowFault { RowFault(rule: "media-folder.row.waybill", message: message, offset: start) }
    if scanner.skipNull() { return }
    guard case .object(let members) = try scanner.attributeValue() else { throw fault("The member waybill is an object") }
    for member in members.items {
      switch (member.name, member.value) {
      // A table of other programs fills what a row does not say with null.
      case ("key", .null), ("location", .null), ("kind", .null), ("attributes", .null), ("order", .null): continue
      case ("key", .string(let text)): key = text
      case ("location", .string(let text)): location = text
      case ("kind", .string(let text)):
        guard let found = Media.Kind(rawValue: text), [.image, .audio, .video].contains(found) else {
          throw fault("A kind is image, audio or video")
        }
        kind = found
      case ("split", .string(let text)): split = .some(text)
      case ("split", .null): split = .some(nil)
      case ("attributes", .object(let found)): attributes = found
      case ("order", .list(let list)):
        for item in list {
          guard case .integer(let place) = item, place >= 0, place < list.count else { throw fault("An order is a list of places") }
          order.append(Int(place))
        }
        guard Set(order).count == order.count else { throw fault("An order has each place once") }
      default: throw fault("The member waybill has no \"\(member.name)\" of this type")
      }
    }
  }

  /// Applies what it says to the sample of its row.
  func apply(to sample: inout Sample, at offset: Int) throws(RowFault) {
    if let key {
      sample.key = key
      sample.media.location = key
    }
    if let location { sample.media.location = location }
    if let kind { sample.media.kind = kind }
    if let split { sample.split = split }
    for item in attributes.items {
      guard sample.attributes[item.name] == nil else {
        throw RowFault(
          rule: "media-folder.row.waybill", message: "The attribute \"\(item.name)\" is given twice", offset: offset)
      }
      sample.attributes.items.append(item)
    }
    guard !order.isEmpty else { return }
    guard order.count == sample.annotations.count else {
      throw RowFault(
        rule: "media-folder.row.waybill",
        message: "The order has \(order.count) places, and the row \(sample.annotations.count) annotations", offset: offset)
    }
    sample.annotations = order.map { sample.annotations[$0] }
  }

  var isEmpty: Bool {
    key == nil && location == nil && kind == nil && split == nil && attributes.isEmpty && order.isEmpty
  }

  /// Appends the member's value.
  func append(to out: inout ByteBuffer) {
    var members = Attributes()
    func add(_ name: String, _ text: String?) { if let text { members.items.append(.init(name: name, value: .string(text))) } }
    add("key", key)
    add("location", location)
    add("kind", kind?.rawValue)
    if let split { members.items.append(.init(name: "split", value: split.map(AttributeValue.string) ?? .null)) }
    if !attributes.isEmpty { members.items.append(.init(name: "attributes", value: .object(attributes))) }
    if !order.isEmpty { members.items.append(.init(name: "order", value: .list(order.map { .integer(Int64($0)) }))) }
    out.append(json: members)
  }
}
