import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Reads the categories of files into one list of labels.
struct CategoryMerge {
  /// The labels, in the order of the files.
  private(set) var labels: [Label] = []
  /// Where each label's category stands.
  private var places: [SourceRange] = []
  private var table = CategoryTable()
  /// Labels by category id, over all files.
  private var known: [RecordID: Int] = [:]

  /// The categories of the file read last.
  mutating func takeTable() -> CategoryTable {
    defer { table = CategoryTable() }
    return table
  }

  /// Reads the list of categories at an offset, whose brackets have been checked.
  mutating func read(_ file: COCOFile, at offset: Int, _ context: ReadContext) throws(SurveyStop) {
    var scanner = JSONScanner(file.mapped.bytes, from: offset)
    var members = PreservedMembers()
    var seen: [RecordID: SourceRange] = [:]
    do throws(JSONFault) {
      if try scanner.peekKind() == .array {
        var progress = try scanner.beginArray()
        while try scanner.nextElement(&progress) {
          let start = scanner.offset
          var next = scanner
          try next.skipValueStructurally()
          do throws(JSONFault) {
            if let label = try category(&scanner, &members, file, context) {
              add(label, file.range(start, scanner.offset), &seen, context)
            }
          } catch {
            context.diagnostics.report(error.diagnostic(in: file.id))
          }
          scanner.offset = next.offset
        }
        return
      }
    } catch { throw .fault(error) }
    throw .refused(rule: "coco.file.structure", message: "The member categories is a list of objects", at: offset)
  }

  /// Adds a label, unless another file has the same category.
  mutating func add(
    _ label: Label, _ range: SourceRange, _ seen: inout [RecordID: SourceRange], _ context: ReadContext
  ) {
    guard let id = label.id else { return }
    if let first = seen[id] {
      context.diagnostics.report(
        Diagnostic(
          .error, "coco.category.duplicate-id", "The category id \(id.safeText) stands for two categories", at: range,
          related: [.init(range: first, message: "first used here")]))
      return
    }
    seen[id] = range
    if let position = known[id] {
      let related = [Diagnostic.Related(range: places[position], message: "the other category")]
      if labels[position].name != label.name {
        context.diagnostics.report(
          Diagnostic(
            .error, "coco.category.conflict",
            "The category id \(id.safeText) is \"\(terminalSafe(label.name))\" here and "
              + "\"\(terminalSafe(labels[position].name))\" in another file of the dataset", at: range, related: related))
        return
      }
      if labels[position] != label {
        context.diagnostics.report(
          Diagnostic(
            .warning, "coco.category.difference",
            "The category \(id.safeText) says more or less than in another file of the dataset, which counts", at: range,
            related: related))
      }
      table.add(id, LabelID(index: UInt32(position)))
      return
    }
    known[id] = labels.count
    table.add(id, LabelID(index: UInt32(truncatingIfNeeded: labels.count)))
    labels.append(label)
    places.append(range)
  }

  /// Reads one category; nil when it has no id or no name, which is reported.
  private func category(
    _ scanner: inout JSONScanner, _ members: inout PreservedMembers, _ file: COCOFile, _ context: ReadContext
  ) throws(JSONFault) -> Label? {
    members.removeAll()
    let start = scanner.offset
    let bytes = file.mapped.bytes
    var label = Label(name: "")
    var hasName = false
    var seen = KeySet()
    var progress = try scanner.beginObject()
    while true {
      guard let key = try scanner.nextKey(&progress) else { break }
      let value = scanner.offset
      switch key {
      case "id":
        try seen.insert(0, key, in: bytes)
        label.id = try Self.unless(&scanner) { (scanner) throws(JSONFault) in try scanner.recordID() }
      case "name":
        try seen.insert(1, key, in: bytes)
        guard try scanner.peekKind() == .string else {
          try scanner.skipValue()
          continue
        }
        label.name = try scanner.string().makeString()
        hasName = true
      case "supercategory":
        try seen.insert(2, key, in: bytes)
        guard try scanner.peekKind() == .string else {
          try members.take(key, from: &scanner)
          continue
        }
        label.parent = try scanner.string().makeString()
      case "keypoints":
        try seen.insert(3, key, in: bytes)
        label.keypointNames = try Self.unless(&scanner, Self.names)
        if label.keypointNames == nil { try members.take(key, from: &scanner, at: value) }
      case "skeleton":
        try seen.insert(4, key, in: bytes)
        label.skeleton = try Self.unless(&scanner, Self.pairs)
        if label.skeleton == nil { try members.take(key, from: &scanner, at: value) }
      default: try members.take(key, from: &scanner)
      }
    }
    let range = file.range(start, scanner.offset)
    guard let id = label.id else {
      context.report(.error, "coco.category.id", "A category has an id, a whole number or a text", at: range)
      return nil
    }
    guard hasName else {
      context.report(.error, "coco.category.name", "The category \(id.safeText) has no name", at: range)
      return nil
    }
    label.preserved = members.preserved(COCOFormat.id)
    return label
  }

  /// Reads a value, or passes over it strictly and gives nil when it is of another kind.
  private static func unless<Value>(
    _ scanner: inout JSONScanner, _ read: (inout JSONScanner) throws(JSONFault) -> Value
  ) throws(JSONFault) -> Value? {
    let start = scanner.offset
    do throws(JSONFault) { return try read(&scanner) } catch {
      scanner.offset = start
      try scanner.skipValue()
      return nil
    }
  }

  private static func names(_ scanner: inout JSONScanner) throws(JSONFault) -> [String] {
    var names: [String] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) { names.append(try scanner.string().makeString()) }
    return names
  }

  private static func pairs(_ scanner: inout JSONScanner) throws(JSONFault) -> [[Int]] {
    var pairs: [[Int]] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      var pair: [Int] = []
      var inner = try scanner.beginArray()
      while try scanner.nextElement(&inner) { pair.append(Int(try scanner.integer())) }
      pairs.append(pair)
    }
    return pairs
  }
}

/// The known keys of an object met so far, to find one that stands twice.
struct KeySet {
  private(set) var bits: UInt32 = 0

  /// Notes a key.
  @inline(__always) mutating func insert(_ number: UInt32, _ key: JSONString, in bytes: UnsafeRawBufferPointer) throws(JSONFault) {
    let bit: UInt32 = 1 &<< number
    if bits & bit != 0 { throw JSONFault(.duplicateKey(key.makeString()), at: key.offset(in: bytes)) }
    bits |= bit
  }
}

extension JSONString {
  /// The offset of the string, with its quotes, in the bytes it was read from.
  func offset(in bytes: UnsafeRawBufferPointer) -> Int {
    guard let base = bytes.baseAddress, let start = raw.baseAddress else { return 0 }
    return UnsafeRawPointer(start) - base - 1
  }
}

extension PreservedMembers {
  /// Takes the value at an offset that the scanner has passed already, and leaves the scanner behind it.
  mutating func take(_ key: JSONString, from scanner: inout JSONScanner, at offset: Int) throws(JSONFault) {
    scanner.offset = offset
    try take(key, from: &scanner)
  }
}
