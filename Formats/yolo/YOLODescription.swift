import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What `data.yaml`, or `obj.data` with `obj.names`, says about a dataset.
struct YOLODescription {
  /// A folder or a list of images of a split, as it is written.
  struct Entry {
    /// The split; nil for images in none.
    var split: String?
    var text: String
    var range: SourceRange
  }

  /// The most bytes a data file may have: a hundred thousand classes with long names take half of it.
  static let byteLimit = 16 << 20

  /// Whether it comes from a YAML or data file, rather than from names alone.
  var isGiven = false
  /// Where the YAML or data file begins.
  var place: SourceRange?
  var isDarknet = false
  /// The folder of images and labels, as it is written.
  var path: String?
  var task: YOLOTask?
  var keypoints: YOLOKeypointShape?
  var entries: [Entry] = []
  /// The labels; nil when no names are given.
  var labels: [Label]?
  /// Labels by class number, where that is not the position in ``labels``.
  var positions: [Int: Int]?
  /// The number of classes, when that is all that is given.
  var count: Int?
  /// The file with the names, as it is written.
  var namesFile: Entry?
  /// Fields that are kept and not understood, as JSON members.
  var others: [UInt8] = []

  /// Keeps a field.
  mutating func keep(_ key: String, _ write: (inout ByteBuffer) -> Void) {
    var member = ByteBuffer(capacity: 64)
    if !others.isEmpty { member.append(UInt8(ascii: ",")) }
    member.appendJSON(key)
    member.append(UInt8(ascii: ":"))
    write(&member)
    others += member.array()
  }
}

extension YOLODescription {
  /// Reads a YAML file; problems go to the context.
  mutating func readYAML(_ bytes: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) {
    isGiven = true
    let root: YAMLNode
    do throws(YAMLFault) { root = try YAMLReader.read(bytes) } catch {
      return context.report(.error, error.rule, error.message, at: SourceRange(file: file, offset: error.offset, length: 1))
    }
    guard let members = root.members else {
      return context.report(
        .error, "yolo.yaml.root", "A data file of YOLO is a mapping with the keys train, val and names",
        at: SourceRange(file: file, offset: root.range.lowerBound, length: root.range.count))
    }
    for member in members {
      let place = SourceRange(file: file, offset: member.value.range.lowerBound, length: max(1, member.value.range.count))
      switch member.key {
      case "path": path = member.value.text
      case "names": readNames(member.value, file, place, context)
      case "nc":
        count = member.value.integer
        if count.map({ $0 < 0 || $0 > 100_000 }) ?? true {
          count = nil
          context.report(.warning, "yolo.yaml.nc", "The number of classes \"nc\" is a whole number up to 100000", at: place)
        }
      case "task":
        task = member.value.text.flatMap(YOLOTask.init)
        if task == nil {
          context.report(
            .error, "yolo.yaml.task",
            "The task \"\(terminalSafe(member.value.text ?? ""))\" is not read here; there are \(YOLOTask.names.joined(separator: ", "))",
            at: place)
        }
      case "kpt_shape":
        let numbers = (member.value.items ?? []).map(\.integer)
        if numbers.count == 2, let points = numbers[0], let size = numbers[1] {
          keypoints = YOLOKeypointShape(count: points, numbers: size)
        }
        if keypoints == nil {
          context.report(
            .error, "yolo.yaml.kpt-shape", "The value of kpt_shape is the number of keypoints and 2 or 3, such as [17, 3]",
            at: place)
        }
      default:
        if isSplit(member) {
          addEntries(member.key, member.value, file, context)
        } else {
          keep(member.key) { $0.appendJSON(member.value) }
        }
      }
    }
    if task == nil, keypoints != nil { task = .pose }
    readKeypointNames(root["kpt_names"])
    if let count, let labels, labels.count != count {
      context.report(
        .warning, "yolo.yaml.nc", "There are \(labels.count) names, and \"nc\" says \(count)",
        at: SourceRange(file: file, offset: 0))
    }
  }

  /// Whether a key names a split: the usual ones, and any other whose value is a list file.
  private func isSplit(_ member: YAMLNode.Member) -> Bool {
    if ["train", "val", "valid", "validation", "test", YOLOSplit.none].contains(member.key) { return true }
    guard !YOLOSplit.otherKeys.contains(member.key), let text = member.value.text else { return false }
    return text.hasSuffix(".txt") && YOLOSplit.fileName(member.key, isDarknet: false) != nil
  }

  private mutating func addEntries(_ key: String, _ value: YAMLNode, _ file: FileID, _ context: ReadContext) {
    let split = key == YOLOSplit.none ? nil : SplitName.canonical(key)
    for node in value.items ?? [value] where !node.isNull {
      let place = SourceRange(file: file, offset: node.range.lowerBound, length: max(1, node.range.count))
      guard let text = node.text else {
        context.report(
          .error, "yolo.yaml.split", "The split \"\(terminalSafe(key))\" is a folder, a list file, or several of them", at: place)
        continue
      }
      entries.append(Entry(split: split, text: text, range: place))
    }
  }

  private mutating func readNames(_ node: YAMLNode, _ file: FileID, _ place: SourceRange, _ context: ReadContext) {
    var found: [Label] = []
    var numbers: [Int: Int] = [:]
    func refuse(_ range: Range<Int>, _ message: String) {
      context.report(
        .error, "yolo.yaml.names", message, at: SourceRange(file: file, offset: range.lowerBound, length: max(1, range.count)))
    }
    if let items = node.items {
      for item in items {
        guard case .scalar(let name, _) = item.content else {
          refuse(item.range, "The name of a class is a text")
          continue
        }
        found.append(Label(name: name))
      }
    } else if let members = node.members {
      var isInOrder = true
      for (position, member) in members.enumerated() {
        guard let number = Int(member.key), number >= 0, case .scalar(let name, _) = member.value.content else {
          refuse(member.keyRange, "The names of classes are given by number, from 0 on")
          continue
        }
        if number != position { isInOrder = false }
        numbers[number] = found.count
        found.append(Label(name: name, id: .integer(Int64(number))))
      }
      if isInOrder, found.count == members.count {
        for index in found.indices { found[index].id = nil }
      } else {
        positions = numbers
      }
    } else if !node.isNull {
      return context.report(
        .error, "yolo.yaml.names", "The value of names is a list, or a mapping from class numbers to names", at: place)
    }
    labels = found
    YOLODescription.checkNames(found, place, context)
  }

  /// Reports names that stand twice.
  static func checkNames(_ labels: [Label], _ place: SourceRange, _ context: ReadContext) {
    var seen: Set<ExactText> = []
    for label in labels where !seen.insert(ExactText(label.name)).inserted {
      context.report(.warning, "yolo.names.duplicate", "Two classes have the name \"\(terminalSafe(label.name))\"", at: place)
    }
  }

  private mutating func readKeypointNames(_ node: YAMLNode?) {
    guard var labels, let members = node?.members else { return }
    for member in members {
      guard let number = Int(member.key), let at = positions == nil ? number : positions?[number], labels.indices.contains(at),
        let names = member.value.items
      else { continue }
      labels[at].keypointNames = names.map { $0.text ?? "" }
    }
    self.labels = labels
  }

  /// Reads a data file of Darknet: `key = value` lines.
  ///
  /// A key that stands twice is an error: which of the two counts, programs do not agree on.
  mutating func readDarknet(_ bytes: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) {
    isGiven = true
    isDarknet = true
    task = .detect
    var keys = SeenTexts()
    for line in YOLOLines(bytes) {
      guard let mark = line.text.firstIndex(of: "="), !line.text.hasPrefix("#") else { continue }
      let key = YOLOLines.trimmed(line.text[..<mark])
      let value = YOLOLines.trimmed(line.text[line.text.index(after: mark)...])
      let place = SourceRange(file: file, offset: line.offset, length: line.length)
      guard keys.insert(key) else {
        context.report(
          .error, "yolo.data.duplicate-key", "The key \"\(terminalSafe(key))\" stands twice in one data file", at: place)
        continue
      }
      switch key {
      case "classes": count = Int(value).flatMap { $0 >= 0 && $0 <= 100_000 ? $0 : nil }
      case "names": namesFile = Entry(split: nil, text: value, range: place)
      case "train", "valid", "val", "test": entries.append(Entry(split: SplitName.canonical(key), text: value, range: place))
      case YOLOSplit.none: entries.append(Entry(split: nil, text: value, range: place))
      default:
        if value.hasSuffix(".txt"), YOLOSplit.fileName(key, isDarknet: true) != nil {
          entries.append(Entry(split: key, text: value, range: place))
        } else {
          keep(key) { $0.appendJSON(value) }
        }
      }
    }
  }

  /// Reads a file of names, one a line; blank lines at its end say nothing.
  mutating func readNames(_ bytes: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) {
    var names: [Label] = []
    var lines = LineScanner(bytes, from: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    while let range = lines.next() {
      names.append(Label(name: YOLOLines.trimmed(String(decoding: bytes[range], as: UTF8.self)[...])))
    }
    while names.last?.name.isEmpty == true { names.removeLast() }
    labels = names
    YOLODescription.checkNames(names, SourceRange(file: file, offset: 0), context)
  }
}
