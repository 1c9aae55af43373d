import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative
import WaybillSyntax

/// Merges three versions of one file of samples, sample by sample.
///
/// Lines are walked side by side in the order of their keys; only samples that both sides changed are decoded. What cannot be merged becomes a
/// ``ConflictLine``.
public struct ShardMerge {
  /// What came of a merge.
  public struct Outcome: Sendable {
    /// Samples in which both sides changed something, and which could be merged.
    public var merged = 0
    /// Keys of samples that hold both sides, with the reasons.
    public var conflicts: [(key: String, about: [String])] = []
  }

  private let context: ReadContext
  private let base: ShardFile
  private let ours: ShardFile
  private let theirs: ShardFile
  private let records: NativeRecords
  private let samples: SampleMerge

  /// A merge of three files, any of which may be missing.
  ///
  /// - Throws: An error of the code `invalidInput` when one of them is no file of samples; the context says where.
  public init(base: String, ours: String, theirs: String, _ context: ReadContext) throws(DatasetError) {
    self.context = context
    self.base = try ShardFile(path: base, context)
    self.ours = try ShardFile(path: ours, context)
    self.theirs = try ShardFile(path: theirs, context)
    guard !context.diagnostics.hasErrors else { throw DatasetError(.invalidInput, "Not all of the versions can be read") }
    let labels = LabelTable()
    records = NativeRecords(labels: labels, context: context)
    samples = SampleMerge(labels: labels)
  }

  /// Merges into a file, which may be one of the three.
  public func run(into output: String) throws(DatasetError) -> Outcome {
    let staged = try StagedOutput(target: output, kind: .file, overwrite: true)
    defer { staged.abort() }
    let file = try staged.openFile(FileName.basename(of: output))
    var outcome = Outcome()
    var at = (base: 0, ours: 0, theirs: 0)
    var out = ByteBuffer()
    while true {
      let next = lowest(at)
      guard next.base != nil || next.ours != nil || next.theirs != nil else { break }
      if next.base != nil { at.base += 1 }
      if next.ours != nil { at.ours += 1 }
      if next.theirs != nil { at.theirs += 1 }
      let lines = (
        base: next.base.map { base.bytes(of: $0) }, ours: next.ours.map { ours.bytes(of: $0) }, theirs: next.theirs.map { theirs.bytes(of: $0) }
      )
      if let unchanged = ShardMerge.easy(lines.base, lines.ours, lines.theirs) {
        if let line = unchanged {
          try file.append(line)
          try file.append([0x0A])
        }
        continue
      }
      out.removeAll()
      try merge(next, lines, &out, &outcome)
      try file.append(out.bytes)
    }
    try file.close()
    try staged.commit()
    return outcome
  }

  private typealias Lines = (base: ShardFile.Line?, ours: ShardFile.Line?, theirs: ShardFile.Line?)
  private typealias Bytes = (base: UnsafeRawBufferPointer?, ours: UnsafeRawBufferPointer?, theirs: UnsafeRawBufferPointer?)

  /// The lines of the lowest key that is left, on each side that has it.
  private func lowest(_ at: (base: Int, ours: Int, theirs: Int)) -> Lines {
    let a = at.base < base.lines.count ? base.lines[at.base] : nil
    let b = at.ours < ours.lines.count ? ours.lines[at.ours] : nil
    let c = at.theirs < theirs.lines.count ? theirs.lines[at.theirs] : nil
    func order(_ one: (ShardFile, ShardFile.Line?), _ other: (ShardFile, ShardFile.Line?)) -> Int {
      guard let first = one.1 else { return other.1 == nil ? 0 : 1 }
      guard let second = other.1 else { return -1 }
      return one.0.withKey(of: first) { mine in other.0.withKey(of: second) { SampleRecord.order(mine, $0) } }
    }
    let (ab, ac, bc) = (order((base, a), (ours, b)), order((base, a), (theirs, c)), order((ours, b), (theirs, c)))
    let hasA = a != nil && ab <= 0 && ac <= 0
    let hasB = b != nil && ab >= 0 && bc <= 0
    let hasC = c != nil && ac >= 0 && bc >= 0
    return (hasA ? a : nil, hasB ? b : nil, hasC ? c : nil)
  }

  /// The line that stays when one side left it alone or both did the same; nil when both changed it.
  private static func easy(
    _ base: UnsafeRawBufferPointer?, _ ours: UnsafeRawBufferPointer?, _ theirs: UnsafeRawBufferPointer?
  ) -> UnsafeRawBufferPointer?? {
    func same(_ a: UnsafeRawBufferPointer?, _ b: UnsafeRawBufferPointer?) -> Bool {
      guard let a, let b else { return a == nil && b == nil }
      return SampleRecord.order(a, b) == 0
    }
    if same(ours, theirs) || same(base, theirs) { return .some(ours) }
    if same(base, ours) { return .some(theirs) }
    return nil
  }

  private func merge(_ lines: Lines, _ bytes: Bytes, _ out: inout ByteBuffer, _ outcome: inout Outcome) throws(DatasetError) {
    let key = lines.ours.map { ours.key(of: $0) } ?? lines.theirs.map { theirs.key(of: $0) } ?? ""
    func conflict(_ about: [String], _ mine: UnsafeRawBufferPointer?, _ other: UnsafeRawBufferPointer?) {
      outcome.conflicts.append((key, about))
      ConflictLine(about: about, base: before, ours: mine, theirs: other).append(key: key, to: &out)
    }
    // What was in conflict itself is looked at as it was before that.
    let before = bytes.base.flatMap { line in ConflictLine(line).map(\.base) ?? line }
    let isOpen = [bytes.ours, bytes.theirs].contains { $0.map(ConflictLine.isConflict) ?? false }
    if isOpen { return conflict(["one of the sides holds an older conflict"], bytes.ours, bytes.theirs) }
    guard let oursLine = lines.ours else { return conflict(["removed here, changed there"], nil, bytes.theirs) }
    guard let theirsLine = lines.theirs else { return conflict(["changed here, removed there"], bytes.ours, nil) }
    let mine = try sample(ours.bytes, oursLine.range, ours.file)
    let other = try sample(theirs.bytes, theirsLine.range, theirs.file)
    let old = try before.map { (line) throws(DatasetError) in try sample(line, 0..<line.count, base.file) }
    let result = samples.merge(old, mine, other)
    if result.conflicts.isEmpty {
      outcome.merged += 1
      return try append(result.ours, to: &out)
    }
    var first = ByteBuffer()
    var second = ByteBuffer()
    try append(result.ours, to: &first)
    try append(result.theirs, to: &second)
    conflict(
      result.conflicts.about, UnsafeRawBufferPointer(rebasing: first.bytes.dropLast()),
      UnsafeRawBufferPointer(rebasing: second.bytes.dropLast()))
  }

  private func sample(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ file: FileID) throws(DatasetError) -> Sample {
    guard let sample = records.sample(bytes, range, of: file) else {
      throw DatasetError(.invalidInput, "Not all of the samples can be read")
    }
    return sample
  }

  private func append(_ sample: Sample, to out: inout ByteBuffer) throws(DatasetError) {
    guard records.append(sample, to: &out) else { throw DatasetError(.invalidInput, "A merged sample cannot be written") }
  }
}
