import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// How many samples differ between two native manifests, by their bytes alone.
public struct ManifestCounts: Sendable, Equatable {
  /// Samples that only the new manifest has.
  public var added = 0
  /// Samples that both have, with other bytes.
  public var changed = 0
  /// Samples that only the old manifest has.
  public var removed = 0
  /// Samples that both have, with the same bytes.
  public var unchanged = 0

  /// No samples.
  public init() {}
}

/// Counts the samples that differ between two native manifests whose lines are in the order of their keys, without decoding them.
///
/// A sample with other bytes counts as changed, also when it says the same in another spelling. Headers, blank lines and byte order marks
/// are passed over; of lines with one key the first counts. It costs about one pass over the bytes of both, and no memory to speak of.
///
/// - Throws: ``DatasetError`` with the code `invalid-input` for a manifest whose lines are not in the order of their keys, or that has a
///   line without a key.
public func compareSortedManifests(_ old: MappedFile, _ new: MappedFile) throws(DatasetError) -> ManifestCounts {
  var counts = ManifestCounts()
  var (first, second) = (OrderedRecords(ManifestLines(old)), OrderedRecords(ManifestLines(new)))
  let isSorted = try SortedMerge.run(&first, &second) { (outcome, _, _, _) throws(DatasetError) in
    switch outcome {
    case .same: counts.unchanged += 1
    case .changed: counts.changed += 1
    case .added: counts.added += 1
    case .removed: counts.removed += 1
    }
  }
  guard isSorted else {
    throw DatasetError(
      .invalidInput, "The samples of this manifest are not in the order of their keys",
      path: first.isInDisorder ? old.path : new.path)
  }
  return counts
}

/// The samples of a native manifest, line by line.
struct ManifestLines: RecordSource {
  private static let window = 4 << 20

  private let file: MappedFile
  private var lines: LineScanner
  private var released = 0

  /// The lines of a manifest.
  init(_ file: MappedFile) {
    self.file = file
    lines = LineScanner(file.bytes)
    file.willReadSequentially()
  }

  mutating func next() throws(DatasetError) -> RecordStep {
    while var line = lines.next() {
      if line.lowerBound - released > 2 * ManifestLines.window {
        try InterruptFlag.check()
        // The line before is still needed, and so is the one before that.
        file.release(released..<(line.lowerBound - ManifestLines.window))
        released = line.lowerBound - ManifestLines.window
      }
      if line.count >= 3, file.bytes[line.lowerBound] == 0xEF, file.bytes[line.lowerBound + 1] == 0xBB {
        // A byte order mark.
        line = (line.lowerBound + 3)..<line.upperBound
      }
      switch ManifestLine(file.bytes, line) {
      case .sample(let key):
        return .record(SampleRecord(bytes: UnsafeRawBufferPointer(rebasing: file.bytes[line]), key: key))
      case .header: continue
      case .other:
        if file.bytes[line].allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
        throw DatasetError(
          .invalidInput, "The line at offset \(line.lowerBound) is no sample with a key and no header", path: file.path)
      }
    }
    return .end
  }
}
