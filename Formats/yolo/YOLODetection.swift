import WaybillBytes
import WaybillFiles
import WaybillFormatSupport

extension YOLOFormat {
  /// Judges a data file by its keys, and a folder by the data file in it, else by rows of numbers beside a file of names.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else {
      let ending = FileName.extension(of: probe.input.path).lowercased()
      if ending == "yaml" || ending == "yml", YOLODetection.isYAML(probe.head) {
        return Detection(.certain, ["the file has names of classes and splits"])
      }
      if ending == "data", YOLODetection.isDarknet(probe.head) {
        return Detection(.certain, ["the file has the keys names and train of Darknet"])
      }
      return nil
    }
    if let file = YOLOSurvey.dataFile(among: probe.files, probe.head(of:)) {
      return Detection(.certain, ["\(file) has names of classes and splits"])
    }
    let texts = probe.files.filter { $0.hasSuffix(".txt") && !YOLODetection.isNames($0) && !YOLOPlaces.isNoLabel($0) }
    let step = max(1, texts.count / 5)
    let found = stride(from: 0, to: texts.count, by: step).prefix(6).first { YOLODetection.isRows(probe.head(of: texts[$0])) }
    guard let found else { return nil }
    let reason = "\(texts[found]) has rows of a class and coordinates"
    if let names = probe.files.first(where: YOLODetection.isNames) { return Detection(.likely, [reason, "\(names) has names"]) }
    let folders = FileName.folder(of: texts[found]).split(separator: "/")
    return Detection(folders.contains("labels") ? .likely : .possible, [reason])
  }
}

/// What the first bytes of files say.
enum YOLODetection {
  /// Whether a YAML file has names, and splits, a path or a task.
  static func isYAML(_ head: [UInt8]) -> Bool {
    let keys = Set(keys(head, UInt8(ascii: ":")))
    let hasNames = keys.contains("names") || keys.contains("nc")
    return hasNames && !keys.isDisjoint(with: ["train", "val", "valid", "test", "path", "task", YOLOSplit.none])
  }

  /// Whether a file has the keys of a data file of Darknet.
  static func isDarknet(_ head: [UInt8]) -> Bool {
    let keys = Set(keys(head, UInt8(ascii: "=")))
    return keys.contains("names") && !keys.isDisjoint(with: ["train", "valid", "test", "classes", YOLOSplit.none])
  }

  /// The words before a mark at the start of lines.
  private static func keys(_ head: [UInt8], _ mark: UInt8) -> [String] {
    var found: [String] = []
    for line in head.split(separator: 0x0A) {
      let line = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
      guard let end = line.firstIndex(of: mark) else { continue }
      var key = line[..<end]
      while let last = key.last, YOLOLines.isBlank(last) { key.removeLast() }
      if let first = key.first, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { key = key.dropFirst().dropLast() }
      found.append(String(decoding: key, as: UTF8.self))
    }
    return found
  }

  /// Whether a path is one of the usual files of names.
  static func isNames(_ path: String) -> Bool {
    let name = FileName.basename(of: path)
    return name.hasSuffix(".names") || ["classes.txt", "names.txt", "_darknet.labels", "predefined_classes.txt"].contains(name)
  }

  /// Whether the first line that is not blank is a whole number and four other numbers or more, and nothing else.
  static func isRows(_ head: [UInt8]) -> Bool {
    guard let line = firstLine(head) else { return false }
    let columns = line.split(whereSeparator: YOLOLines.isBlank)
    guard columns.count >= 5, let first = columns.first else { return false }
    let isClass = first.withUnsafeBytes { YOLONumber.classNumber($0) != nil }
    return isClass
      && columns.dropFirst().allSatisfy { column in
        column.withUnsafeBytes { bytes in
          guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
          var value = 0.0
          return YOLONumber.read(start, start + bytes.count, &value) != nil
        }
      }
  }

  /// Whether the first line that is not blank names an image.
  static func isList(_ head: [UInt8]) -> Bool {
    firstLine(head).map { YOLOPlaces.isImage(String(decoding: $0, as: UTF8.self)) } ?? true
  }

  private static func firstLine(_ head: [UInt8]) -> ArraySlice<UInt8>? {
    let rest = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
    for line in rest.split(separator: 0x0A) {
      var line = line
      while let last = line.last, YOLOLines.isBlank(last) { line.removeLast() }
      if !line.isEmpty { return line }
    }
    return nil
  }
}
