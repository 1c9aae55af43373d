import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What the model has no place for about whole files: their other members, and which members they have.
///
/// It lives in the header's preserved section: the members of the one file as they are, with ``key`` before them; for several files
/// all of it is in the value of ``key``: `{"files":[{"name":..,"split":..,"order":[..],"members":{..}}]}`.
struct COCOLayout {
  /// The name of the member that tells that the dataset was COCO, and the order of the members.
  static let key: StaticString = "waybill:layout"

  /// One file.
  struct File {
    var split: String?
    /// Names of the members, in order.
    var order: [String] = []
    /// The other members, as the inside of an object.
    var members: [UInt8] = []
    var name = ""
    /// What the file was.
    var kind = COCOKind.instances
  }

  private(set) var files: [File] = []

  init() {}

  /// Adds what a survey found.
  mutating func add(_ survey: FileSurvey, split: String?, as kind: COCOKind) {
    files.append(File(split: split, order: survey.order, members: survey.preserved, name: survey.file.name, kind: kind))
  }

  /// What the files were; `instances` unless all were the same.
  var kind: COCOKind {
    guard let first = files.first, !files.contains(where: { $0.kind != first.kind }) else { return .instances }
    return first.kind
  }

  /// Whether every file was of a kind.
  func isAll(_ kind: COCOKind) -> Bool { files.allSatisfy { $0.kind == kind } }

  /// Whether a file had segments, whose ids are unique in their image alone.
  var hasSegments: Bool { files.contains { $0.kind == .panoptic } }

  /// The preserved section of the header.
  var preserved: Preserved {
    var text = ByteBuffer()
    let keyText = Self.key
    if files.count == 1 {
      // A file that has the member already, as single files made from several do, keeps it.
      guard PreservedReader(Preserved(COCOFormat.id, members: files[0].members), COCOFormat.id).value(keyText.description) == nil
      else { return Preserved(COCOFormat.id, members: files[0].members) }
      text.put("\"")
      text.append(keyText)
      text.put("\":{\"order\":")
      Self.append(files[0].order, to: &text)
      Self.append(files[0].kind, to: &text)
      text.put("}")
      if !files[0].members.isEmpty {
        text.put(",")
        text.append(files[0].members)
      }
      return Preserved(COCOFormat.id, members: text.array())
    }
    text.put("\"")
    text.append(keyText)
    text.put("\":{\"files\":[")
    for (index, file) in files.enumerated() {
      if index > 0 { text.put(",") }
      text.put("{\"name\":")
      text.appendJSON(file.name)
      if let split = file.split {
        text.put(",\"split\":")
        text.appendJSON(split)
      }
      text.put(",\"order\":")
      Self.append(file.order, to: &text)
      Self.append(file.kind, to: &text)
      text.put(",\"members\":{")
      text.append(file.members)
      text.put("}}")
    }
    text.put("]}")
    return Preserved(COCOFormat.id, members: text.array())
  }

  private static func append(_ kind: COCOKind, to text: inout ByteBuffer) {
    if kind == .instances { return }
    text.put(",\"kind\":")
    text.appendJSON(kind.rawValue)
  }

  private static func append(_ names: [String], to text: inout ByteBuffer) {
    text.put("[")
    for (index, name) in names.enumerated() {
      if index > 0 { text.put(",") }
      text.appendJSON(name)
    }
    text.put("]")
  }

  /// Reads the preserved section of a header again; no files when there is none.
  init(_ preserved: Preserved) {
    let section = preserved[COCOFormat.id]
    if section.isEmpty { return }
    var shared = ByteBuffer()
    var layout: [UInt8]?
    PreservedReader(preserved, COCOFormat.id).forEach { key, value in
      if key == Self.key {
        layout = Array(value)
      } else {
        Self.append(member: key, value, to: &shared)
      }
    }
    let parsed = layout.flatMap { Self.parse($0) }
    if let parsed, !parsed.files.isEmpty, shared.isEmpty {
      files = parsed.files
    } else {
      if let layout, parsed.map({ !$0.files.isEmpty }) ?? true {
        Self.append(member: Self.key, layout, to: &shared)
      }
      files = [File(order: parsed?.order ?? [], members: shared.array(), kind: parsed?.kind ?? .instances)]
    }
  }

  private static func append(member key: JSONString, _ value: UnsafeRawBufferPointer, to text: inout ByteBuffer) {
    if !text.isEmpty { text.put(",") }
    text.put("\"")
    text.append(key.raw)
    text.put("\":")
    text.append(value)
  }

  private static func append(member key: StaticString, _ value: [UInt8], to text: inout ByteBuffer) {
    if !text.isEmpty { text.put(",") }
    text.put("\"")
    text.append(key)
    text.put("\":")
    text.append(value)
  }

  /// Reads the value of the layout member; nil when it is not one of ours.
  private static func parse(_ json: [UInt8]) -> (order: [String], files: [File], kind: COCOKind)? {
    json.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      var order: [String]?
      var files: [File]?
      var kind = COCOKind.instances
      do throws(JSONFault) {
        var progress = try scanner.beginObject()
        while let key = try scanner.nextKey(&progress) {
          switch key {
          case "order": order = try strings(&scanner)
          case "kind":
            guard let known = COCOKind(rawValue: try scanner.string().makeString()) else { return nil }
            kind = known
          case "files":
            var list = try scanner.beginArray()
            var found: [File] = []
            while try scanner.nextElement(&list) { found.append(try file(&scanner)) }
            files = found
          default: return nil
          }
        }
      } catch {
        return nil
      }
      return order == nil && files == nil ? nil : (order ?? [], files ?? [], kind)
    }
  }

  private static func strings(_ scanner: inout JSONScanner) throws(JSONFault) -> [String] {
    var list = try scanner.beginArray()
    var result: [String] = []
    while try scanner.nextElement(&list) { result.append(try scanner.string().makeString()) }
    return result
  }

  private static func file(_ scanner: inout JSONScanner) throws(JSONFault) -> File {
    var file = File()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "name": file.name = try scanner.string().makeString()
      case "split": file.split = try scanner.string().makeString()
      case "order": file.order = try strings(&scanner)
      case "kind": file.kind = COCOKind(rawValue: try scanner.string().makeString()) ?? .instances
      case "members":
        let range = try scanner.skipValue()
        let object = scanner.bytes(from: range.lowerBound, to: range.upperBound)
        if object.first != UInt8(ascii: "{") { throw JSONFault(.expected(.object), at: range.lowerBound) }
        file.members = Array(object.dropFirst().dropLast())
      default: try scanner.skipValue()
      }
    }
    return file
  }
}

extension COCOLayout {
  /// The other members for one file in place of all: the first file's, and all of them beside where they differ.
  var merged: File? {
    guard let first = files.first, files.count > 1 else { return files.first }
    var result = File()
    var names = SeenTexts()
    for file in files { for name in file.order where names.insert(name) { result.order.append(name) } }
    result.members = first.members
    result.kind = kind
    if files.contains(where: { $0.members != first.members }) {
      let all = preserved[COCOFormat.id]
      if !result.members.isEmpty { result.members.append(UInt8(ascii: ",")) }
      result.members.append(contentsOf: all)
    }
    return result
  }
}
