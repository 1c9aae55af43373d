import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One COCO file being written.
///
/// Records come with a comma and a line feed before them, so that they can be joined as they are; the first one's are left out.
final class COCOPart {
  /// The length of the comma and line feed before a record.
  static let separatorLength = 2

  /// A piece of the spool: annotations that stay together, or one that needs an id.
  private struct Piece {
    /// Where it begins in the spool; it ends where the next begins.
    var start: Int
    /// Whether it is one annotation that is to be given an id.
    var needsID: Bool
  }

  private let file: OutputFile
  private let output: StagedOutput
  /// The annotations that have no place of their own.
  private let spool: Spool
  private let layout: COCOLayout.File?
  private let isOrigin: Bool
  /// Whether the file is a list of records and nothing else.
  private let isList: Bool
  private let renumbersIDs: Bool
  private let mergesFiles: Bool
  // The writer alone reaches a part, one record after the other: an access is never checked against another.
  @exclusivity(unchecked) private var pieces: [Piece] = []
  @exclusivity(unchecked) private var spooled = 0
  @exclusivity(unchecked) private var lastID: Int64 = 0
  @exclusivity(unchecked) private var nextID: Int64 = 1
  /// The annotations that have a place in the order of their file.
  @exclusivity(unchecked) private var placed: AnnotationSpool?
  @exclusivity(unchecked) private var missingIDs = 0
  @exclusivity(unchecked) private var imageCount = 0
  @exclusivity(unchecked) private var imageIDs: [Int64] = []
  private var textImageIDs: Set<UInt64> = []
  @exclusivity(unchecked) private var annotationIDs: [Int64] = []
  @exclusivity(unchecked) private var line = ByteBuffer(capacity: 1 << 16)

  init(
    file: OutputFile, _ output: StagedOutput, layout: COCOLayout.File?, labels: [Label], categoryIDs: [RecordID], isOrigin: Bool,
    isList: Bool, renumbersIDs: Bool, mergesFiles: Bool
  ) throws(DatasetError) {
    self.file = file
    self.output = output
    spool = try output.openSpool()
    self.layout = layout
    self.isOrigin = isOrigin
    self.isList = isList
    self.renumbersIDs = renumbersIDs
    self.mergesFiles = mergesFiles
    if !isList { try writeTop(labels, categoryIDs) }
  }

  /// Whether a member is written though it has no records: only a file that had none goes without.
  private func writesEmpty(_ member: String) -> Bool { layout.map { $0.order.isEmpty || $0.order.contains(member) } ?? true }

  /// Writes what stands before the images.
  private func writeTop(_ labels: [Label], _ categoryIDs: [RecordID]) throws(DatasetError) {
    line.put("{")
    let members = layout?.members ?? []
    let reader = PreservedReader(Preserved(COCOFormat.id, members: members), COCOFormat.id)
    for name in ["info", "licenses"] {
      if let value = reader.value(name) { value.withUnsafeBytes { appendMember(name, $0) } }
    }
    reader.forEach { key, value in
      let name = key.makeString()
      if !["info", "licenses", "images", "annotations", "categories"].contains(name) { appendMember(name, value) }
    }
    if !labels.isEmpty || writesEmpty("categories") {
      beginMember("categories")
      line.put("[")
      for (index, label) in labels.enumerated() {
        line.put(index == 0 ? "\n" : ",\n")
        line.append(category: label, id: categoryIDs[index])
      }
      line.put(labels.isEmpty ? "]" : "\n]")
    }
    try flush()
  }

  private func beginMember(_ name: String) {
    if line.count > 1 || !isAtTop { line.put(",") }
    line.appendJSON(name)
    line.put(":")
  }

  private var isAtTop = true

  private func appendMember(_ name: String, _ value: UnsafeRawBufferPointer) {
    beginMember(name)
    line.append(value)
  }

  private func flush() throws(DatasetError) {
    if line.count > 1 { isAtTop = false }
    try file.append(line.bytes)
    line.removeAll()
  }

  /// Appends an image.
  func addImage(_ bytes: UnsafeRawBufferPointer, _ record: EncodedBatch.Record) throws(DatasetError) {
    if record.hasID {
      imageIDs.append(record.id)
    } else {
      // The id is a text; the record carries its hash.
      guard textImageIDs.insert(UInt64(bitPattern: record.id)).inserted else { throw Self.sameImageID() }
    }
    var range = record.range
    if imageCount == 0 {
      beginMember("images")
      line.put("[\n")
      try flush()
      range = (range.lowerBound + Self.separatorLength)..<range.upperBound
    }
    imageCount += 1
    try file.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  /// Notes an annotation without a place of its own, whose bytes come with ``appendAnnotations(_:)``.
  func addAnnotation(_ record: EncodedBatch.Record) {
    let needsID = note(record)
    if let last = pieces.last, !needsID, !last.needsID {
      // It stays with the one before it.
    } else {
      pieces.append(Piece(start: spooled, needsID: needsID))
    }
    spooled += record.range.count
  }

  /// Notes the id of an annotation; true when it is to be given one.
  private func note(_ record: EncodedBatch.Record) -> Bool {
    let needsID = !record.hasID && record.id == EncodedID.missing && !isList
    if record.hasID {
      lastID = max(lastID, record.id)
      if mergesFiles { annotationIDs.append(record.id) }
    }
    if needsID { missingIDs += 1 }
    return needsID
  }

  /// Appends the bytes of annotations.
  func appendAnnotations(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) { try spool.append(bytes) }

  /// Adds an annotation that has a place in the order of its file.
  func addPlaced(_ record: EncodedBatch.Record, _ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    let needsID = note(record)
    if placed == nil { placed = AnnotationSpool(try output.openSpool()) }
    try placed?.append(bytes, place: record.ordinal, needsID: needsID)
  }

  /// Ends the file.
  func finish() throws(DatasetError) {
    try checkIDs()
    if isList { return try finishList() }
    if imageCount > 0 {
      line.put("\n]")
    } else if writesEmpty("images") {
      beginMember("images")
      line.put("[]")
    }
    if spooled > 0 || placed != nil {
      beginMember("annotations")
      line.put("[\n")
      try flush()
      try writeAnnotations()
      line.put("\n]")
    } else if writesEmpty("annotations") {
      beginMember("annotations")
      line.put("[]")
    }
    line.put("}\n")
    try file.append(line.bytes)
    try file.close()
  }

  /// Ends a file that is a list of records.
  private func finishList() throws(DatasetError) {
    line.put("[")
    if spooled > 0 || placed != nil {
      line.put("\n")
      try flush()
      try writeAnnotations()
      line.put("\n")
    }
    line.put("]\n")
    try file.append(line.bytes)
    try file.close()
  }

  /// Refuses ids that would join annotations to the wrong images.
  private func checkIDs() throws(DatasetError) {
    if !IDTable.isRising(imageIDs) {
      var hasDuplicate = false
      _ = IDTable(imageIDs) { _ in hasDuplicate = true }
      if hasDuplicate { throw Self.sameImageID() }
    }
    imageIDs = []
    if mergesFiles, !IDTable.isRising(annotationIDs) {
      var hasDuplicate = false
      _ = IDTable(annotationIDs) { _ in hasDuplicate = true }
      if hasDuplicate {
        throw DatasetError(
          .invalidInput, "Two annotations would have the same id in one COCO file; the option ids=annotations numbers them anew")
      }
    }
    if missingIDs > 0, !renumbersIDs, lastID > Int64.max - Int64(missingIDs) { throw COCOWriter.noIDsLeft("annotation") }
  }

  private static func sameImageID() -> DatasetError {
    DatasetError(
      .invalidInput, "Two images would have the same id in one COCO file; the option ids=renumber numbers them anew")
  }

  /// Writes the annotations: those that have a place in that order, then the others as they came.
  private func writeAnnotations() throws(DatasetError) {
    nextID = renumbersIDs ? 1 : lastID &+ 1
    line.reserve(1 << 20)
    var isFirst = true
    try placed?.drain { (bytes, needsID) throws(DatasetError) in
      try write(bytes, needsID: needsID, isFirst: isFirst)
      isFirst = false
    }
    try flush()
    guard spooled > 0 else { return }
    guard missingIDs > 0 else {
      return try file.append(contentsOf: spool, (isFirst ? Self.separatorLength : 0)..<spooled)
    }
    let mapped = try spool.map()
    // The mapping must outlive its bytes' last use.
    defer { withExtendedLifetime(mapped) {} }
    for (position, piece) in pieces.enumerated() {
      let end = position + 1 < pieces.count ? pieces[position + 1].start : spooled
      try write(UnsafeRawBufferPointer(rebasing: mapped.bytes[piece.start..<end]), needsID: piece.needsID, isFirst: isFirst)
      isFirst = false
    }
    try flush()
  }

  /// Writes one annotation or several, as they were encoded.
  private func write(_ bytes: UnsafeRawBufferPointer, needsID: Bool, isFirst: Bool) throws(DatasetError) {
    var start = isFirst ? Self.separatorLength : 0
    if needsID {
      // The brace and what stands before it, then the id.
      let head = Self.separatorLength + 1
      line.append(UnsafeRawBufferPointer(rebasing: bytes[start..<head]))
      line.put("\"id\":")
      line.append(decimal: Int(nextID))
      line.put(",")
      nextID &+= 1
      start = head
    }
    line.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    if line.count >= 1 << 20 { try flush() }
  }
}
