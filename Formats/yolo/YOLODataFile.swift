import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// `data.yaml`, as it is written.
struct YOLODataFile {
  var task: YOLOTask
  var keypoints: YOLOKeypointShape?
  var labels: [Label]
  /// Names of the lists, without `.txt`.
  var lists: [String]
  var kept: YOLOKeptFields

  /// The bytes of the file.
  ///
  /// There is no `path`: Ultralytics then starts from the folder of the file, wherever that is.
  func bytes() -> [UInt8] {
    var text = ByteBuffer(capacity: 4096)
    text.append("task: ")
    text.append(task.rawValue)
    text.append("\n")
    for list in lists {
      text.append(list)
      text.append(": ")
      text.append(list)
      text.append(".txt\n")
    }
    text.append("nc: ")
    text.append(decimal: labels.count)
    text.append(labels.isEmpty ? "\nnames: {}\n" : "\nnames:\n")
    for (number, label) in labels.enumerated() {
      text.append("  ")
      text.append(decimal: number)
      text.append(": ")
      YOLODataFile.append(label.name, to: &text)
      text.append("\n")
    }
    if task == .pose, let keypoints {
      text.append("kpt_shape: [")
      text.append(decimal: keypoints.count)
      text.append(", ")
      text.append(decimal: keypoints.numbers)
      text.append("]\n")
    }
    text.append(kept.yaml)
    return text.array()
  }

  /// Appends a text as a plain scalar where it cannot mean anything else, else in double quotes.
  static func append(_ name: String, to text: inout ByteBuffer) {
    let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"]
    let isPlain =
      name.utf8.first.map { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 } == true && name.utf8.last != 0x20
      && name.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) || [0x20, 0x2D, 0x5F, 0x2E, 0x2F, 0x28, 0x29].contains(byte)
      }
      && !words.contains(name.lowercased())
    if isPlain { text.append(name) } else { text.appendJSON(name) }
  }
}

/// `obj.data` and `obj.names`, as they are written.
struct YOLODarknetFile {
  var labels: [Label]
  /// Names of the lists, without `.txt`.
  var lists: [String]
  var kept: YOLOKeptFields

  /// Whether a name comes back from a line of `obj.names`.
  static func isLine(_ name: String) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    return !YOLOLines.isBlank(first) && !YOLOLines.isBlank(last) && !name.utf8.contains(0x0A) && !name.utf8.contains(0x0D)
  }

  /// Writes both files; paths begin with `data/`, as Darknet and CVAT have it.
  func write(to output: StagedOutput) throws(DatasetError) {
    var names = ByteBuffer(capacity: 1024)
    for label in labels {
      names.append(label.name)
      names.append(UInt8(ascii: "\n"))
    }
    try output.writeFile("obj.names", names.bytes)
    var text = ByteBuffer(capacity: 1024)
    text.append("classes = ")
    text.append(decimal: labels.count)
    for list in lists {
      text.append("\n")
      text.append(list)
      text.append(" = data/")
      text.append(list)
      text.append(".txt")
    }
    text.append("\nnames = data/obj.names\n")
    text.append(kept.data.isEmpty ? Array("backup = backup/\n".utf8) : kept.data)
    try output.writeFile("obj.data", text.bytes)
  }
}

/// What an earlier reading kept of the data file.
struct YOLOKeptFields {
  var task: YOLOTask?
  var keypoints: YOLOKeypointShape?
  /// Lines that nobody understood, as those of a YAML file.
  var yaml: [UInt8] = []
  /// Lines that nobody understood, as those of Darknet's data file.
  var data: [UInt8] = []

  init(_ preserved: Preserved) {
    var yaml = ByteBuffer(capacity: 64)
    var data = ByteBuffer(capacity: 64)
    PreservedReader(preserved, YOLOFormat.id).forEach { key, value in
      switch key {
      case "task": task = YOLOKeptFields.text(value).flatMap(YOLOTask.init)
      case "kpt_shape":
        let numbers = value.split(whereSeparator: { !(48...57).contains($0) }).map { Int(String(decoding: $0, as: UTF8.self)) }
        if numbers.count == 2, let count = numbers[0], let size = numbers[1] {
          keypoints = YOLOKeypointShape(count: count, numbers: size)
        }
      case "yaml", "data":
        // What was beside one layout goes beside the other as well.
        YOLOKeptFields.forEachMember(value) { name, member in
          guard !YOLOKeptFields.ownKeys.contains(name) else { return }
          YOLODataFile.append(name, to: &yaml)
          yaml.append(": ")
          yaml.append(member)
          yaml.append("\n")
          let text = YOLOKeptFields.text(member) ?? String(decoding: member, as: UTF8.self)
          guard YOLODarknetFile.isLine(name), !name.contains("="), !name.hasPrefix("#"), YOLODarknetFile.isLine(text) else {
            return
          }
          data.append("\(name) = \(text)\n")
        }
      default: break
      }
    }
    self.yaml = yaml.array()
    self.data = data.array()
  }

  private static let ownKeys: Set<String> = [
    "path", "nc", "names", "task", "kpt_shape", "classes", "train", "val", "valid", "test", YOLOSplit.none,
  ]

  private static func text(_ json: UnsafeRawBufferPointer) -> String? {
    var scanner = JSONScanner(json)
    return (try? scanner.string())?.makeString()
  }

  /// Calls a closure with the members of a JSON object.
  private static func forEachMember(_ json: UnsafeRawBufferPointer, _ body: (String, UnsafeRawBufferPointer) -> Void) {
    guard json.count > 2, json.first == UInt8(ascii: "{") else { return }
    let inner = Preserved(YOLOFormat.id, members: Array(json[1..<(json.count - 1)]))
    PreservedReader(inner, YOLOFormat.id).forEach { key, value in body(key.makeString(), value) }
  }
}
