import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Finds the sequences of an input, and sorts their rows.
final class MOTSurvey {
  let input: DatasetInput
  let context: ReadContext
  private let columns: String
  /// The folder all paths start from.
  let root: String
  /// What a file of results alone is called.
  private let rootName: String
  private var found: [(rows: MOTPlaces.Rows?, sequence: String)] = []
  private var index = MOTIndex()
  private var numbers: [(number: Int, name: String)] = []
  var ids: [String: RecordID] = [:]
  private var rowCount = 0
  private var endings: [String: String] = [:]

  init(_ input: DatasetInput, rows: String, columns: String, _ context: ReadContext) throws(DatasetError) {
    self.input = input
    self.context = context
    self.columns = columns
    if input.isFolder {
      root = input.path
      rootName = ""
      try findAll(rows)
    } else {
      let place = MOTPlaces.alone(input.path)
      root = place.sequence.isEmpty ? "." : place.sequence
      let name = MOTSurvey.rowsName(of: place.name, isSpooled: input.isSpooled)
      let stem = FileName.stem(of: name)
      rootName = stem == "gt" || stem == "det" ? "" : stem
      found = [(MOTPlaces.Rows(sequence: "", name: name, path: place.name, isDetection: place.isDetection), "")]
    }
  }

  /// What a file of rows given by itself is called in a folder: there names tell what holds rows.
  private static func rowsName(of name: String, isSpooled: Bool) -> String {
    if isSpooled { return "gt/gt.txt" }
    return [name, FileName.stem(of: name) + ".txt"].first { MOTPlaces.isRows($0) } ?? "gt/gt.txt"
  }

  /// Finds the sequences of a folder.
  private func findAll(_ wanted: String) throws(DatasetError) {
    let tree = try FileTree(root: root, in: input.files)
    context.reportSkipped(tree)
    let places = MOTPlaces(tree.files)
    endings = places.endings
    var sequences: [String] = []
    var chosen: [String: MOTPlaces.Rows] = [:]
    for rows in places.standard {
      if !sequences.contains(rows.sequence) { sequences.append(rows.sequence) }
      let isWanted = wanted == "auto" ? true : rows.isDetection == (wanted == "det")
      if let other = chosen[rows.sequence] {
        // Ground truth comes before detections.
        let (kept, left) = isWanted && other.isDetection && !rows.isDetection ? (rows, other) : (other, rows)
        chosen[rows.sequence] = kept
        unread(left)
      } else if isWanted {
        chosen[rows.sequence] = rows
      } else {
        unread(rows)
      }
    }
    for info in places.infos where !sequences.contains(FileName.folder(of: info)) { sequences.append(FileName.folder(of: info)) }
    for path in places.others {
      let head = try input.files.readHead(joinedPath(root, path), count: 4096)
      // A tracker that found nothing writes an empty file.
      guard head.isEmpty || MOTDetection.hasRow(head) else { continue }
      let rows = MOTPlaces.alone(path)
      if sequences.isEmpty || !found.isEmpty { found.append((rows, rows.sequence)) } else { unread(path) }
    }
    for sequence in sequences.sorted() { found.append((chosen[sequence], sequence)) }
  }

  private func unread(_ other: String) {
    context.report(
      .warning, "mot.file.unread",
      "\"\(terminalSafe(other))\" is not read beside folders of sequences; it can be given by itself", at: start(of: other))
  }

  private func unread(_ rows: MOTPlaces.Rows) {
    context.report(
      .warning, "mot.file.unread",
      "\"\(terminalSafe(rows.path))\" is not read beside other rows of its sequence; --from mot:rows=gt or det chooses",
      at: start(of: rows.path))
  }

  private func start(of path: String) -> SourceRange {
    SourceRange(file: context.sources.add(joinedPath(root, path)), offset: 0)
  }

  func run(label: String) throws(DatasetError) -> MOTIndex {
    guard !found.isEmpty else { throw DatasetError(.invalidInput, "holds no sequence with rows of boxes", path: input.path) }
    var folders = [root]
    for item in found {
      try InterruptFlag.check()
      try survey(item.rows, item.sequence, &folders)
    }
    index.mediaFolders = folders
    nameClasses(label)
    tellKeysApart()
    var splits: [String] = []
    for sequence in index.sequences {
      for split in [sequence.split] + sequence.facts.sorted(by: { $0.key < $1.key }).map(\.value.split) {
        if let split, !splits.contains(split) { splits.append(split) }
      }
    }
    index.splits = splits
    var members = ByteBuffer(capacity: 1024)
    members.append("\"sequences\":[")
    for (number, sequence) in index.sequences.enumerated() {
      if number > 0 { members.append(UInt8(ascii: ",")) }
      sequence.layout.append(to: &members)
    }
    members.append(UInt8(ascii: "]"))
    index.header.preserved = Preserved(MOTFormat.id, members: members.array())
    index.header.labelsAreComplete = true
    return index
  }

  /// Reads what lies around the rows of one sequence, and sorts them.
  private func survey(_ rows: MOTPlaces.Rows?, _ folder: String, _ folders: inout [String]) throws(DatasetError) {
    var sequence = MOTSequence()
    sequence.layout.path = folder
    sequence.firstRow = rowCount
    sequence.firstSample = index.count
    if let rows { sequence.layout.rows = rows.name } else { sequence.layout.hasRows = false }
    var (key, split) = MOTFolder.key(ofPath: folder)
    if let split {
      let parts = folder.split(separator: "/")
      sequence.split = MOTSplit.name(ofFolder: String(parts[split]))
      let below = joinedPath(root, parts[...split].joined(separator: "/"))
      if !folders.contains(below) { folders.append(below) }
    }
    if let rows, !["gt", "det"].contains(FileName.stem(of: rows.name)), input.isFolder {
      // Results of a tracker are called by their sequence.
      key = joinedPath(key, FileName.stem(of: rows.name))
    }
    sequence.layout.key = key.isEmpty ? rootName : key
    if let ending = endings[folder] { sequence.layout.pictureEnding = ending }
    if !input.isSpooled { try readAround(&sequence) }
    var sort = MOTRowSort()
    var classes: Set<Int> = []
    if let rows {
      let path = input.isFolder ? joinedPath(root, rows.path) : input.path
      let file = try input.files.map(path)
      guard file.bytes.count <= UInt32.max else {
        throw DatasetError(.invalidInput, "A file of rows is at most four gigabytes long", path: path)
      }
      sequence.file = file
      sequence.fileID = context.sources.add(path)
      let scan = MOTRowScan(file, sequence.fileID, tail: MOTStyle.Tail(rawValue: columns))
      sequence.layout.style = try scan.run(&sort, &classes, context)
    }
    rowCount += sort.offsets.count
    let hasZero = sort.numbers.contains(0)
    var listed = sequence.facts.keys.sorted()
    if listed.isEmpty, let length = sequence.layout.length, length > 0 {
      let first: Int32 = hasZero ? 0 : 1
      listed = Array(first..<(first + Int32(truncatingIfNeeded: length)))
    }
    sort.finish(listed: listed, into: &sequence)
    sequence.layout.isVoid = sequence.frames.isEmpty
    collect(classes, &sequence)
    if !sequence.ordinals.isEmpty { index.isScattered = true }
    index.sequences.append(sequence)
  }

  // MARK: Classes

  /// Notes the classes of a sequence: those of its list, then those of its rows.
  private func collect(_ classes: Set<Int>, _ sequence: inout MOTSequence) {
    let listed = sequence.layout.labels.map { text in Array(text.utf8).withUnsafeBytes { MOTClasses.list($0) } }
    var missing: [Int] = []
    for item in listed ?? [] { add(item.number, item.name, &sequence) }
    for number in classes.sorted() where number >= 0 && number <= 1_000_000 && sequence.classes[number] == nil {
      if listed != nil { missing.append(number) }
      add(number, listed == nil ? MOTClasses.name(number) : "\(number)", &sequence)
    }
    if let first = missing.first {
      context.report(
        .warning, "mot.class.unknown",
        "labels.txt does not name the class \(first)\(missing.count > 1 ? " and \(missing.count - 1) more" : ""); they are called by number",
        at: SourceRange(file: sequence.fileID, offset: 0))
    }
  }

  private func add(_ number: Int, _ name: String, _ sequence: inout MOTSequence) {
    if let at = numbers.firstIndex(where: { $0.name == name }) {
      sequence.add(number, LabelID(index: UInt32(truncatingIfNeeded: at)))
      return
    }
    sequence.add(number, LabelID(index: UInt32(truncatingIfNeeded: numbers.count)))
    numbers.append((number, name))
  }

  /// Makes the label table; a label has the number of its class, unless another has it already.
  private func nameClasses(_ label: String) {
    var labels: [Label] = []
    var taken: Set<RecordID> = []
    for item in numbers {
      let id = ids[item.name] ?? .integer(Int64(item.number))
      labels.append(Label(name: item.name, id: taken.insert(id).inserted ? id : nil))
    }
    index.header.labels = LabelTable(labels)
    if !label.isEmpty { index.label = index.header.labels.intern(label) }
  }

  /// Sequences of two splits may be called the same: their keys then name the split.
  private func tellKeysApart() {
    var seen: [String: Int] = [:]
    for sequence in index.sequences { seen[sequence.layout.key, default: 0] += 1 }
    for at in index.sequences.indices where (seen[index.sequences[at].layout.key] ?? 0) > 1 {
      let path = index.sequences[at].layout.path
      if !path.isEmpty { index.sequences[at].layout.key = path }
    }
  }
}

extension MOTSequenceLayout {
  /// The name of a class of this sequence.
  func name(ofClass number: Int) -> String? {
    guard let labels else { return MOTClasses.name(number) }
    return Array(labels.utf8).withUnsafeBytes { MOTClasses.list($0) }.first { $0.number == number }?.name
  }
}
