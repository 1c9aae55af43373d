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
    settings.shardCount = new.count
    repair.settings = try settingsDiffer()
    let strays = repository.strays.map { "\(NativeHeaderText.labelFolder)/\($0)" }
    let names = (0..<old.count).map { old.path(of: $0) } + strays
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      var shards: [ShardFile] = []
      for name in names { shards.append(try ShardFile(path: repository.path(name), context)) }
      let isMoving = old != new || !strays.isEmpty || hasMisplaced(shards, new)
      try checkReadable()
      if isMoving {
        repair.moved = try move(shards, new)
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

  private func checkReadable() throws(DatasetError) {
    if context.diagnostics.hasErrors { throw DatasetError(.invalidInput, "Nothing was changed", path: repository.root) }
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
      guard canonical(line, of: shard, records, &out), !out.bytes.dropLast().elementsEqual(shard.bytes(of: line)) else {
        rewriter.keep()
        continue
      }
      try rewriter.replace(with: out.bytes)
      repair.rewritten += 1
    }
    try rewriter.finish()
    if rewriter.hasChanges { add(rewriter) }
  }

  /// Writes all files anew, each sample into the one it belongs to.
  private func move(_ shards: [ShardFile], _ layout: ShardLayout) throws(DatasetError) -> Int {
    struct Place {
      var shard: Int
      var line: ShardFile.Line
    }
    var places: [[Place]] = Array(repeating: [], count: layout.count)
    var moved = 0
    for (number, shard) in shards.enumerated() {
      for line in shard.lines {
        let target = shard.withKey(of: line) { layout.shard(ofKey: $0) }
        if repository.path(layout.path(of: target)) != shard.path { moved += 1 }
        places[target].append(Place(shard: number, line: line))
      }
    }
    let records = NativeRecords(labels: settings.header.labels, context: context)
    var out = ByteBuffer()
    for (target, list) in places.enumerated() {
      let sorted = list.sorted { a, b in
        shards[a.shard].withKey(of: a.line) { first in
          shards[b.shard].withKey(of: b.line) { SampleRecord.order(first, $0) < 0 }
        }
      }
      for (before, after) in zip(sorted, sorted.dropFirst()) where before.shard != after.shard {
        let key = shards[after.shard].key(of: after.line)
        guard ExactText(shards[before.shard].key(of: before.line)) == ExactText(key) else { continue }
        context.diagnostics.report(
          Diagnostic(
            .error, "repository.duplicate-key", "There are two samples with the key \"\(terminalSafe(key))\"",
            at: shards[after.shard].place(of: after.line),
            related: [.init(range: shards[before.shard].place(of: before.line), message: "the other one")]))
      }
      let empty = try ShardFile(path: repository.path(layout.path(of: target)), ReadContext(sources: SourceMap()))
      var rewriter = try ShardRewriter(replacing: empty)
      for place in sorted where canonical(place.line, of: shards[place.shard], records, &out) { try rewriter.insert(out.bytes) }
      try rewriter.finish()
      add(rewriter)
    }
    return moved
  }
}
