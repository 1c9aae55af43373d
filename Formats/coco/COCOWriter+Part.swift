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
  /// How many pieces ahead of the one being copied are fetched, and how much of each.
  private static let piecesAhead = 8
  private static let bytesAhead = 512

  /// A piece of the spool: annotations that stay together, or one that has a place of its own or needs an id.
  struct Piece {
    /// Where it begins in the spool; it ends where the next begins.
    var start: Int
    /// The position in the file's own order.
    var ordinal: UInt32
    /// Whether it is one annotation that is to be given an id.
    var needsID: Bool
  }

  private let file: OutputFile
  private let spool: Spool
  private let layout: COCOLayout.File?
  private let isOrigin: Bool
  /// Whether the file is a list of records and nothing else.
  private let isList: Bool
  private let renumbersIDs: Bool
  private let mergesFiles: Bool
  private var pieces: [Piece] = []
  private var spooled = 0
  private var lastID: Int64 = 0
  private var hasOrdinals = false
  private var missingIDs = 0
  private var imageCount = 0
  private var imageIDs: [Int64] = []
  private var textImageIDs: Set<UInt64> = []
  private var annotationIDs: [Int64] = []
  private var line = ByteBuffer(capacity: 1 << 16)

  init(
    file: OutputFile, spool: Spool, layout: COCOLayout.File?, labels: [Label], categoryIDs: [RecordID], isOrigin: Bool,
    isList: Bool, renumbersIDs: Bool, mergesFiles: Bool
  ) throws(DatasetError) {
    self.file = file
    self.spool = spool
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

  /// Notes an annotation, whose bytes come with ``appendAnnotations(_:)``.
  func addAnnotation(_ record: EncodedBatch.Record) {
    let needsID = !record.hasID && record.id == EncodedID.missing && !isList
    if record.hasID {
      lastID = max(lastID, record.id)
      if mergesFiles { annotationIDs.append(record.id) }
    }
    if needsID { missingIDs += 1 }
    if record.ordinal != .max { hasOrdinals = true }
    let isPlain = record.ordinal == .max && !needsID
    if let last = pieces.last, isPlain, last.ordinal == .max, !last.needsID {
      // It stays with the one before it.
    } else {
      pieces.append(Piece(start: spooled, ordinal: record.ordinal, needsID: needsID))
    }
    spooled += record.range.count
  }

  /// Appends the bytes of annotations.
  func appendAnnotations(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) { try spool.append(bytes) }

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
    if spooled > 0 {
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
    if spooled > 0 {
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

  /// Writes the annotations in the order they had in their file.
  private func writeAnnotations() throws(DatasetError) {
    guard hasOrdinals || missingIDs > 0 else {
      try file.append(contentsOf: spool, Self.separatorLength..<spooled)
      return
    }
    let mapped = try spool.map()
    // The mapping must outlive its bytes' last use.
    defer { withExtendedLifetime(mapped) {} }
    let bytes = mapped.bytes
    var nextID = renumbersIDs ? 1 : lastID &+ 1
    var isFirst = true
    let order = PieceOrder.positions(pieces)
    line.reserve(1 << 20)
    let pieces = pieces
    for (step, position) in order.enumerated() {
      // Reading ahead lets the waits for memory run beside the copying; the pieces' own places are twice as far ahead.
      if step + 2 * Self.piecesAhead < order.count {
        pieces.withUnsafeBytes {
          ReadAhead.fetch(
            $0, at: Int(order[step + 2 * Self.piecesAhead]) * MemoryLayout<Piece>.stride, count: 2 * MemoryLayout<Piece>.stride)
        }
      }
      if step + Self.piecesAhead < order.count {
        let ahead = Int(order[step + Self.piecesAhead])
        let start = pieces[ahead].start
        let end = ahead + 1 < pieces.count ? pieces[ahead + 1].start : spooled
        ReadAhead.fetch(bytes, at: start, count: min(end - start, Self.bytesAhead))
      }
      let piece = pieces[Int(position)]
      let end = Int(position) + 1 < pieces.count ? pieces[Int(position) + 1].start : spooled
      var start = piece.start
      if isFirst { start += Self.separatorLength }
      isFirst = false
      if piece.needsID {
        // The brace and what stands before it, then the id.
        let head = piece.start + Self.separatorLength + 1
        line.append(UnsafeRawBufferPointer(rebasing: bytes[start..<head]))
        line.put("\"id\":")
        line.append(decimal: Int(nextID))
        line.put(",")
        nextID &+= 1
        start = head
      }
      line.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      if line.count >= 1 << 20 { try flush() }
    }
    try flush()
  }
}
