import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

extension LabelEdit {
  /// What was repaired.
  public struct Repair: Sendable {
    /// Samples written in the canonical way.
    public internal(set) var rewritten = 0
    /// Samples moved to the file they belong into.
    public internal(set) var moved = 0
    /// Files whose lines were put in order.
    public internal(set) var files = 0
    /// Whether the settings were written in the canonical way.
    public internal(set) var settings = false

    /// Whether there was nothing to repair.
    public var isEmpty: Bool { rewritten == 0 && moved == 0 && files == 0 && !settings }
  }

  /// Brings everything into its canonical form: the bytes of samples, the order of lines, and the file each sample is in.
  ///
  /// Nothing is changed where a line cannot be read, or a key stands twice: that is reported, and an error. A sample that breaks a rule stays as it is.
  ///
  /// - Parameter shardCount: The number of files from now on; nil keeps it.
  public func repair(shardCount: Int? = nil) throws(RepositoryFailure) -> Repair {
    var repair = Repair()
    let old = ShardLayout(count: settings.shardCount)
    let new = ShardLayout(count: shardCount ?? settings.shardCount)
    guard (1...RepositorySettings.shardLimit).contains(new.count) else {
      throw RepositoryFailure(
        DatasetError(.usage, "Samples are spread over 1 to \(RepositorySettings.shardLimit) files, not \(new.count)"))
    }
    settings.shardCount = new.count
    repair.settings = try settingsDiffer()
    rewritesSettings = repair.settings
    let strays = repository.strays.map { "\(NativeHeaderText.labelFolder)/\($0)" }
    let names = (0..<old.count).map { old.path(of: $0) } + strays
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      var shards: [ShardFile] = []
      for name in names { shards.append(try ShardFile(path: repository.path(name), context)) }
      let isMoving = old != new || !strays.isEmpty || hasMisplaced(shards, new)
      try checkReadable()
      if isMoving {
        repair.moved = try move(shards, new)
        moving = shards.filter { !$0.lines.isEmpty }.map { String(FileName.basename(of: $0.path)) }
      } else {
        for shard in shards { try rewrite(shard, &repair) }
      }
      try checkReadable()
      obsolete = names.filter { name in !(0..<new.count).contains { new.path(of: $0) == name } }
    }
    return repair
  }

  private func settingsDiffer() throws(RepositoryFailure) -> Bool {
    try RepositoryFailure.wrap { () throws(DatasetError) in
      let mapped = try MappedFile(path: repository.path(NativeHeaderText.fileName))
      return !mapped.bytes.elementsEqual(settings.bytes)
    }
  }

  private func hasMisplaced(_ shards: [ShardFile], _ layout: ShardLayout) -> Bool {
    if layout.count == 1 { return false }
    for (number, shard) in shards.enumerated() {
      for line in shard.lines where shard.withKey(of: line, { layout.shard(ofKey: $0) }) != number { return true }
    }
    return false
  }

  /// The canonical line of a sample; the line itself for one in conflict.
  private func canonical(_ line: ShardFile.Line, of shard: ShardFile, _ records: NativeRecords, _ out: inout ByteBuffer) -> Bool {
    out.removeAll()
    if ConflictLine.isConflict(shard.bytes(of: line)) {
      out.append(shard.bytes(of: line))
      out.append(UInt8(ascii: "\n"))
      return true
    }
    guard let sample = records.sample(shard.bytes, line.range, of: shard.file) else { return false }
    return records.append(sample, to: &out)
  }

  private func rewrite(_ shard: ShardFile, _ repair: inout Repair) throws(DatasetError) {
    let records = NativeRecords(labels: settings.header.labels, context: context)
    var rewriter = ShardRewriter(shard)
    var out = ByteBuffer()
    if !shard.isSorted || !shard.isPlain {
      try rewriter.force()
      repair.files += 1
    }
    for line in shard.lines {
      guard canonical(line, of: shard, records, &out), !shard.holds(out.bytes, at: line) else {
        rewriter.keep()
        continue
      }
      try rewriter.replace(with: out.bytes)
      repair.rewritten += 1
    }
    try rewriter.finish()
    if rewriter.hasChanges { add(rewriter) }
  }

  /// Where a line was before files were written anew.
  private struct Place {
    var shard: ShardFile
    var line: ShardFile.Line
  }

  /// Writes all files anew, each sample into the one it belongs to.
  private func move(_ shards: [ShardFile], _ layout: ShardLayout) throws(DatasetError) -> Int {
    var places: [[Place]] = Array(repeating: [], count: layout.count)
    for shard in shards {
      for line in shard.lines {
        places[shard.withKey(of: line) { layout.shard(ofKey: $0) }].append(Place(shard: shard, line: line))
      }
    }
    let records = NativeRecords(labels: settings.header.labels, context: context)
    var out = ByteBuffer()
    var moved = 0
    for (target, list) in places.enumerated() {
      let path = repository.path(layout.path(of: target))
      let sorted = list.sorted { a, b in
        a.shard.withKey(of: a.line) { first in b.shard.withKey(of: b.line) { SampleRecord.order(first, $0) < 0 } }
      }
      var rewriter = try ShardRewriter(replacing: try ShardFile(path: path, ReadContext(sources: SourceMap())))
      for (number, place) in sorted.enumerated() {
        if number > 0, isTwin(place, of: sorted[number - 1], records) { continue }
        if place.shard.path != path { moved += 1 }
        if canonical(place.line, of: place.shard, records, &out) { try rewriter.insert(out.bytes) }
      }
      try rewriter.finish()
      add(rewriter)
    }
    return moved
  }

  /// Whether a sample stands in another file already: the same one is left by a move that was broken off, another one is an error.
  private func isTwin(_ place: Place, of other: Place, _ records: NativeRecords) -> Bool {
    let key = place.shard.key(of: place.line)
    guard other.shard !== place.shard, ExactText(other.shard.key(of: other.line)) == ExactText(key) else { return false }
    var first = ByteBuffer()
    var second = ByteBuffer()
    if canonical(other.line, of: other.shard, records, &first), canonical(place.line, of: place.shard, records, &second),
      first.bytes.elementsEqual(second.bytes)
    {
      return true
    }
    context.diagnostics.report(
      Diagnostic(
        .error, "repository.duplicate-key", "There are two samples with the key \"\(terminalSafe(key))\"",
        at: place.shard.place(of: place.line),
        related: [.init(range: other.shard.place(of: other.line), message: "the other one")]))
    return false
  }
}
