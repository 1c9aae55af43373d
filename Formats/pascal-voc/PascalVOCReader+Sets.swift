import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension PascalVOCReader {
  /// The split a set or folder name means.
  static func split(named name: String) -> String { SplitName.canonical(name) }

  /// Reads the image sets, and takes folders named train, val, valid, validation and test for splits where no set says otherwise.
  func readSets(_ index: inout PascalVOCIndex, _ bases: inout [String], _ context: ReadContext) throws(DatasetError) {
    index.splitOf = Array(repeating: -1, count: index.files.count)
    let sets = setFiles(index)
    if !sets.isEmpty {
      var positions: [ExactText: Int] = [:]
      positions.reserveCapacity(index.files.count)
      for (position, file) in index.files.enumerated() { positions[ExactText(file)] = position }
      var listed: [ExactText: Int] = [:]
      for set in sets {
        if bases.last != set.base { bases.append(set.base) }
        try readSet(set, positions, &listed, &index, context)
      }
    }
    if !sets.isEmpty, let kind = sets.first?.kind {
      index.setKind = kind
      if kind == "Main" { try readSegmentationSets(&index) }
    }
    for (position, file) in index.files.enumerated() where index.splitOf[position] < 0 {
      guard let name = PascalVOCReader.folderSplit(file) else { continue }
      index.splitOf[position] = index.splitIndex(name)
    }
  }

  /// The split that the folders of a file tell; those below `Annotations` say nothing.
  static func folderSplit(_ file: String) -> String? {
    guard file.utf8.contains(0x2F) else { return nil }
    let place = PascalVOCIndex.place(of: file)
    for component in place.isDevkit ? place.base.split(separator: "/")[...] : file.split(separator: "/").dropLast() {
      switch component.lowercased() {
      case "train": return "train"
      case "val", "valid", "validation": return "validation"
      case "test": return "test"
      default: continue
      }
    }
    return nil
  }

  /// Reads which images `ImageSets/Segmentation` lists; all of them are in `ImageSets/Main` as well, if need be under another split.
  private func readSegmentationSets(_ index: inout PascalVOCIndex) throws(DatasetError) {
    guard let folder = index.folder else { return }
    for set in setFiles(index, ["Segmentation"]) {
      let split = index.splitIndex(PascalVOCReader.split(named: set.name))
      for line in PascalVOCReader.lines(try folder.map(set.path)) {
        let key = ExactText(set.base + line.text)
        if index.segmentationSets[key] == nil { index.segmentationSets[key] = split }
      }
    }
  }

  /// Makes samples of masks without an annotation file.
  func findMasksAlone(_ index: inout PascalVOCIndex, _ bases: inout [String], _ context: ReadContext) {
    var known: Set<ExactText> = []
    for file in index.files {
      let place = PascalVOCIndex.place(of: file)
      known.insert(ExactText(place.base + place.id))
    }
    var listed: [ExactText: Int] = [:]
    for (position, item) in index.unlabeled.enumerated() { listed[ExactText(item.base + item.id)] = position }
    for path in index.others {
      guard let place = PascalVOCIndex.maskPlace(of: path) else { continue }
      let key = ExactText(place.base + place.id)
      guard !known.contains(key) else { continue }
      if let position = listed[key] {
        index.unlabeled[position].hasMask = true
        continue
      }
      if bases.last != place.base { bases.append(place.base) }
      let split = PascalVOCReader.folderSplit(place.base + "Annotations/x.xml").map { index.splitIndex($0) } ?? -1
      let file = context.sources.add(joinedPath(input.path, path))
      listed[key] = index.unlabeled.count
      index.unlabeled.append(
        .init(base: place.base, id: place.id, split: split, source: SourceRange(file: file, offset: 0), hasMask: true))
    }
    for item in index.unlabeled where !item.hasMask { reportUnlabeled(item, context) }
  }

  private func reportUnlabeled(_ item: PascalVOCIndex.Unlabeled, _ context: ReadContext) {
    context.report(
      .warning, "voc.set.no-annotation",
      "The set lists \"\(terminalSafe(item.id))\", for which there is no annotation file; it is read as unlabeled", at: item.source)
  }

  private struct SetFile {
    var kind: String
    var path: String
    var base: String
    var name: String
  }

  /// The set files in the order in which they count: `trainval` is last, being the sum of two others.
  private func setFiles(
    _ index: PascalVOCIndex, _ kinds: [String] = ["Main", "Segmentation", "Layout", "Action"]
  ) -> [SetFile] {
    var found: [SetFile] = []
    for kind in kinds where found.isEmpty {
      for path in index.others where path.hasSuffix(".txt") {
        guard let mark = path.firstRange(of: "ImageSets/\(kind)/") else { continue }
        let base = String(path[..<mark.lowerBound])
        let name = String(path[mark.upperBound...].dropLast(4))
        if (base.isEmpty || base.hasSuffix("/")) && !name.contains("/") {
          found.append(SetFile(kind: kind, path: path, base: base, name: name))
        }
      }
    }
    let ranks = ["train": 0, "val": 1, "validation": 1, "test": 2, "trainval": 9]
    return found.enumerated().sorted { a, b in
      let (first, second) = (ranks[a.element.name] ?? 5, ranks[b.element.name] ?? 5)
      return first != second ? first < second : a.offset < b.offset
    }.map(\.element)
  }

  private func readSet(
    _ set: SetFile, _ positions: [ExactText: Int], _ listed: inout [ExactText: Int], _ index: inout PascalVOCIndex,
    _ context: ReadContext
  ) throws(DatasetError) {
    guard let folder = index.folder else { return }
    let mapped = try folder.map(set.path)
    let lines = PascalVOCReader.lines(mapped)
    // `car_train.txt` says of each image whether a car is in it; that is no split.
    if set.name.utf8.contains(0x5F), !lines.isEmpty, lines.allSatisfy({ PascalVOCReader.isVerdict($0.text) }) { return }
    guard !lines.isEmpty else { return }
    let file = context.sources.add(joinedPath(input.path, set.path))
    let split = index.splitIndex(PascalVOCReader.split(named: set.name))
    for line in lines {
      let range = line.range(in: file)
      guard line.isUTF8 else {
        context.report(.error, "voc.set.utf8", "A line of an image set is not UTF-8 text", at: range)
        continue
      }
      if let position = positions[ExactText("\(set.base)Annotations/\(line.text).xml")]
        ?? positions[ExactText("\(set.base)\(line.text).xml")]
      {
        let known = index.splitOf[position]
        if known < 0 { index.splitOf[position] = split } else { compare(known, split, set, line.text, index, context, range) }
        continue
      }
      let key = ExactText("\(set.base)\(line.text)")
      if let known = listed[key] {
        compare(index.unlabeled[known].split, split, set, line.text, index, context, range)
        continue
      }
      listed[key] = index.unlabeled.count
      index.unlabeled.append(.init(base: set.base, id: line.text, split: split, source: range))
      // A mask may yet tell of it.
      if !index.hasMasks, let item = index.unlabeled.last { reportUnlabeled(item, context) }
    }
  }

  private func compare(
    _ known: Int32, _ split: Int32, _ set: SetFile, _ id: String, _ index: PascalVOCIndex, _ context: ReadContext,
    _ range: SourceRange
  ) {
    guard known != split, set.name != "trainval" else { return }
    context.report(
      .warning, "voc.set.two-splits",
      "The image \"\(terminalSafe(id))\" is in the split \"\(terminalSafe(index.splits[Int(known)]))\" already", at: range)
  }

  /// A line of a list, without white space at its ends.
  struct Line {
    var text: String
    /// Whether the text is what the bytes say.
    var isUTF8: Bool
    var bytes: Range<Int>

    func range(in file: FileID) -> SourceRange { SourceRange(file: file, offset: bytes.lowerBound, length: bytes.count) }
  }

  /// Lines that are not empty, and where they are.
  static func lines(_ file: MappedFile) -> [Line] { withExtendedLifetime(file) { lines(file.bytes) } }

  private static func lines(_ bytes: UnsafeRawBufferPointer) -> [Line] {
    var found: [Line] = []
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      let next = end + 1
      while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 || bytes[end - 1] == 0x0D { end -= 1 }
      while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
      if end > start {
        let line = bytes[start..<end]
        let text = String(validating: line, as: UTF8.self)
        found.append(Line(text: text ?? String(decoding: line, as: UTF8.self), isUTF8: text != nil, bytes: start..<end))
      }
      start = next
    }
    return found
  }

  /// Whether a line ends in the column -1, 0 or 1.
  private static func isVerdict(_ line: String) -> Bool {
    guard let space = line.utf8.lastIndex(where: { $0 == 0x20 || $0 == 0x09 }) else { return false }
    return ["-1", "0", "1"].contains(String(line[space...].dropFirst()))
  }

  // MARK: Label lists

  /// Reads `labelmap.txt` and `class_names.txt`, which give the order of the labels.
  func readLabelLists(_ index: inout PascalVOCIndex, _ context: ReadContext) throws(DatasetError) {
    guard let folder = index.folder else { return }
    var labels: [Label] = []
    var names: Set<ExactText> = []
    func isOuter(_ path: String) -> Bool { path.utf8.filter { $0 == 0x2F }.count <= 1 }
    for path in index.others where isOuter(path) && FileName.basename(of: path) == "labelmap.txt" {
      let file = context.sources.add(joinedPath(input.path, path))
      for line in PascalVOCReader.lines(try folder.map(path)) where !line.text.hasPrefix("#") {
        guard line.isUTF8, let label = PascalVOCReader.label(line.text) else {
          context.report(
            .warning, "voc.labelmap.line", "A line is \"label:color_rgb:parts:actions\"; this one is left out",
            at: line.range(in: file))
          continue
        }
        if names.insert(ExactText(label.name)).inserted { labels.append(label) }
      }
    }
    if labels.isEmpty {
      for path in index.others where isOuter(path) && FileName.basename(of: path) == "class_names.txt" {
        let file = context.sources.add(joinedPath(input.path, path))
        for line in PascalVOCReader.lines(try folder.map(path)) where names.insert(ExactText(line.text)).inserted {
          guard line.isUTF8 else {
            context.report(.error, "voc.labelmap.utf8", "A line of class_names.txt is not UTF-8 text", at: line.range(in: file))
            continue
          }
          labels.append(Label(name: line.text))
        }
      }
      if !labels.isEmpty {
        index.maskClasses = MaskClasses(.names, labels)
        index.header.preserved = Preserved(PascalVOCFormat.id, members: Array("\"layout\":\"folder\",\"class_names\":true".utf8))
      }
    }
    guard !labels.isEmpty else { return }
    if index.maskClasses.source == .standard { index.maskClasses = MaskClasses(.labelmap, labels) }
    index.header.labels = LabelTable(labels)
  }

  /// The label of a line `label:r,g,b:parts:actions`; the line stays as it is beside the label.
  static func label(_ line: String) -> Label? {
    let fields = line.split(separator: ":", omittingEmptySubsequences: false)
    guard fields.count >= 4 else { return nil }
    let name = fields[..<(fields.count - 3)].joined(separator: ":")
    guard !name.isEmpty else { return nil }
    var label = Label(name: name)
    let color = fields[fields.count - 3].split(separator: ",").compactMap { UInt8($0) }
    if color.count == 3 {
      label.style.color =
        "#"
        + color.map { value in
          let digits = String(value, radix: 16)
          return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
    var json = ByteBuffer(capacity: 64)
    json.appendJSON(fields[(fields.count - 3)...].joined(separator: ":"))
    label.preserved = Preserved(PascalVOCFormat.id, members: Array("\"labelmap\":".utf8) + json.array())
    return label
  }
}
