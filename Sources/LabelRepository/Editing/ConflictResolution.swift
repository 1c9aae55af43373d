import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative
import WaybillSyntax

/// How a conflict ends.
public enum ConflictChoice: Sendable {
  /// As our side would have it.
  case ours
  /// As the other side would have it.
  case theirs
  /// With the annotations of both sides.
  case both
}

extension LabelEdit {
  /// Ends the conflicts of samples.
  ///
  /// - Parameter keys: The samples; nil ends all there are.
  /// - Returns: The number of conflicts that ended.
  public func resolve(_ keys: [String]?, _ choice: ConflictChoice) throws(RepositoryFailure) -> Int {
    let layout = ShardLayout(count: settings.shardCount)
    let records = NativeRecords(labels: settings.header.labels, context: context)
    var wanted = keys.map { Set($0.map(ExactText.init)) }
    var ended = 0
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      for number in 0..<layout.count {
        let shard = try ShardFile(path: repository.path(layout.path(of: number)), context)
        if context.diagnostics.hasErrors { continue }
        var rewriter = ShardRewriter(shard)
        for line in shard.lines {
          let bytes = shard.bytes(of: line)
          guard ConflictLine.isConflict(bytes) else {
            rewriter.keep()
            continue
          }
          let key = shard.key(of: line)
          if wanted != nil, wanted?.remove(ExactText(key)) == nil {
            rewriter.keep()
            continue
          }
          guard let conflict = ConflictLine(bytes) else {
            throw DatasetError(.invalidInput, "The conflict of \"\(terminalSafe(key))\" cannot be read", path: shard.path)
          }
          ended += 1
          try end(conflict, choice, shard, line, records, &rewriter)
        }
        try rewriter.finish()
        if rewriter.hasChanges { add(rewriter) }
      }
      try checkReadable()
      if let missing = wanted?.min(by: { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }) {
        throw DatasetError(.usage, "The sample \"\(terminalSafe(missing.text))\" is not in conflict")
      }
    }
    return ended
  }

  private func end(
    _ conflict: ConflictLine, _ choice: ConflictChoice, _ shard: ShardFile, _ place: ShardFile.Line, _ records: NativeRecords,
    _ rewriter: inout ShardRewriter
  ) throws(DatasetError) {
    for side in [conflict.ours, conflict.theirs] {
      guard let side else { continue }
      guard case .sample(let key) = ManifestLine(side, 0..<side.count), shard.order(place, toKey: Array(key.makeString().utf8)) == 0
      else {
        context.report(
          .error, "repository.conflict", "A side of this conflict is no sample of its key", at: shard.place(of: place))
        return rewriter.keep()
      }
    }
    var line: UnsafeRawBufferPointer?
    switch choice {
    case .ours: line = conflict.ours
    case .theirs: line = conflict.theirs
    case .both:
      // Where one side removed the sample, keeping both is keeping it.
      guard let ours = conflict.ours, let theirs = conflict.theirs else {
        line = conflict.ours ?? conflict.theirs
        break
      }
      var out = ByteBuffer()
      guard let mine = records.sample(shard.bytes, shard.range(of: ours), of: shard.file),
        let other = records.sample(shard.bytes, shard.range(of: theirs), of: shard.file),
        records.append(union(mine, other), to: &out)
      else { throw DatasetError(.invalidInput, "The sides of a conflict cannot be read", path: shard.path) }
      return try rewriter.replace(with: out.bytes)
    }
    guard let line else { return try rewriter.remove() }
    var out = ByteBuffer()
    out.append(line)
    out.append(UInt8(ascii: "\n"))
    try rewriter.replace(with: out.bytes)
  }

  /// Our sample with the annotations of the other side that it does not have.
  private func union(_ mine: Sample, _ other: Sample) -> Sample {
    var known: [AnnotationPlace: [Annotation]] = [:]
    for annotation in mine.annotations { known[AnnotationPlace(annotation), default: []].append(annotation) }
    var sample = mine
    sample.adopt(other.annotations.filter { known[AnnotationPlace($0)]?.contains($0) != true }, context)
    return sample
  }

  /// Ends the conflicts of the settings; says how many.
  ///
  /// A conflict that does not hold what the other side has, such as one about the name, ends as ours alone, once the file says what it shall say.
  public func resolveSettings(_ choice: ConflictChoice) -> Int {
    let count = settings.conflicts.count
    guard choice == .theirs else {
      settings.conflicts = []
      return count
    }
    var set = settings.labels
    settings.conflicts.removeAll { conflict in
      guard let theirs = conflict.theirs, let name = conflict.label,
        let index = set.firstIndex(where: { ExactText($0.name) == ExactText(name) })
      else { return false }
      var label = theirs
      var names = set[index].formerNames + [name]
      names.removeAll { ExactText($0) == ExactText(theirs.name) }
      label.formerNames = names
      set[index] = label
      LabelEdit.renameEnds(of: &set, [ExactText(name): theirs.name])
      return true
    }
    settings.labels = set
    return count - settings.conflicts.count
  }
}
