import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillDigests

extension VersionRecord {
  /// Reads the bytes of `version.json`; the digest in them must be theirs.
  ///
  /// - Throws: An error of the code `corrupt` with file, line and column for bytes that are no record, or not as they were written.
  public static func read(_ bytes: [UInt8], path: String) throws(DatasetError) -> (record: VersionRecord, digest: SHA256Digest) {
    let result: Result<(VersionRecord, SHA256Digest), DatasetError> = bytes.withUnsafeBytes { raw in
      do throws(DatasetError) {
        var scanner = try RecordScanner(raw, path: path)
        var reading = VersionRecordReading()
        try reading.read(&scanner)
        let (record, digest) = try reading.result(scanner)
        // One record has one spelling, so a changed byte shows here even where the digest was made to fit.
        let encoded = record.encoded()
        guard encoded.digest == digest else {
          throw DatasetError(
            .corrupt, "The record was changed after it was written: its digest is not that of its bytes", path: path)
        }
        guard encoded.bytes.elementsEqual(raw) else {
          throw DatasetError(.corrupt, "The record is not spelled as it was written", path: path)
        }
        return .success((record, digest))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// The members of a record as they are found.
private struct VersionRecordReading {
  var schema: Int?
  var dataset: DatasetName?
  var version: VersionName?
  var created: Timestamp?
  var publisher: String?
  var message: String?
  var commit: String?
  var tool: String?
  var parent: VersionRecord.Parent?
  var content: SHA256Digest?
  var statistics: VersionStatistics?
  var changes: VersionRecord.Changes?
  var splitting: VersionRecord.Splitting?
  var dropsHardMarks = false
  var media: VersionRecord.Media?
  var renderings: [VersionRecord.Rendering] = []
  var objects: [VersionRecord.Object] = []
  var digest: SHA256Digest?

  mutating func read(_ scanner: inout RecordScanner) throws(DatasetError) {
    var new = self
    try scanner.object("a version record") { (scanner, name) throws(DatasetError) in
      let place = scanner.offset
      switch name {
      case "waybill_version":
        let number = try scanner.count()
        guard number == VersionRecord.schemaVersion else {
          throw scanner.problem(
            "The record has schema version \(number); this program knows version \(VersionRecord.schemaVersion)", at: place)
        }
        new.schema = number
      case "dataset": new.dataset = try scanner.dataset()
      case "version": new.version = try scanner.version()
      case "created":
        guard let time = Timestamp(try scanner.string()) else { throw scanner.problem("A time is YYYY-MM-DDTHH:MM:SSZ", at: place) }
        new.created = time
      case "by": new.publisher = try scanner.string()
      case "message": new.message = try scanner.string()
      case "commit": new.commit = try scanner.string()
      case "tool": new.tool = try scanner.string()
      case "parent": new.parent = try scanner.parent()
      case "content": new.content = try scanner.digest()
      case "statistics": new.statistics = try scanner.statistics()
      case "changes": new.changes = try scanner.changes()
      case "splitting": new.splitting = try scanner.splitting()
      case "hard_marks": new.dropsHardMarks = try scanner.string() == "dropped"
      case "media": new.media = try scanner.media()
      case "formats":
        try scanner.array { (scanner) throws(DatasetError) in new.renderings.append(try scanner.rendering()) }
      case "objects": try scanner.array { (scanner) throws(DatasetError) in new.objects.append(try scanner.versionObject()) }
      case "sha256": new.digest = try scanner.digest()
      default: return false
      }
      return true
    }
    try scanner.end()
    self = new
  }

  func result(_ scanner: RecordScanner) throws(DatasetError) -> (VersionRecord, SHA256Digest) {
    guard schema != nil, let dataset, let version, let created, let tool, let content, let statistics, let media, let digest else {
      throw scanner.problem("The record lacks one of the members it must have", at: 0)
    }
    var record = VersionRecord(
      dataset: dataset, version: version, created: created, tool: tool, content: content, statistics: statistics, media: media)
    record.publisher = publisher
    record.message = message
    record.commit = commit
    record.parent = parent
    record.changes = changes
    record.splitting = splitting
    record.dropsHardMarks = dropsHardMarks
    record.renderings = renderings
    record.objects = objects
    guard record.labels != nil else { throw scanner.problem("The record names no object with labels", at: 0) }
    return (record, digest)
  }
}

extension RecordScanner {
  fileprivate mutating func parent() throws(DatasetError) -> VersionRecord.Parent {
    let place = offset
    var version: VersionName?
    var digest: SHA256Digest?
    try object("a parent") { (scanner, name) throws(DatasetError) in
      switch name {
      case "version": version = try scanner.version()
      case "sha256": digest = try scanner.digest()
      default: return false
      }
      return true
    }
    guard let version, let digest else { throw problem("A parent has a version and a digest", at: place) }
    return VersionRecord.Parent(version: version, digest: digest)
  }

  fileprivate mutating func statistics() throws(DatasetError) -> VersionStatistics {
    var found = VersionStatistics()
    try object("the statistics") { (scanner, name) throws(DatasetError) in
      switch name {
      case "samples": found.samples = try scanner.count()
      case "labeled": found.labeled = try scanner.count()
      case "annotations": found.annotations = try scanner.count()
      case "unsplit": found.unsplit = try scanner.count()
      case "labels":
        try scanner.array { (scanner) throws(DatasetError) in
          let row = try scanner.counts("a label", first: "annotations", second: "samples")
          found.labels.append(.init(name: row.name, annotations: row.first, samples: row.second))
        }
      case "splits":
        try scanner.array { (scanner) throws(DatasetError) in
          let row = try scanner.counts("a split", first: "samples", second: "annotations")
          found.splits.append(.init(name: row.name, samples: row.first, annotations: row.second))
        }
      case "media":
        try scanner.array { (scanner) throws(DatasetError) in
          let row = try scanner.counts("a kind of media", name: "kind", first: "samples", second: nil)
          found.media.append((row.name, row.first))
        }
      default: return false
      }
      return true
    }
    return found
  }

  private mutating func counts(
    _ what: String, name key: String = "name", first: String, second: String?
  ) throws(DatasetError) -> (name: String, first: Int, second: Int) {
    let place = offset
    var row: (name: String?, first: Int, second: Int) = (nil, 0, 0)
    try object(what) { (scanner, name) throws(DatasetError) in
      switch name {
      case key: row.name = try scanner.string()
      case first: row.first = try scanner.count()
      case second: row.second = try scanner.count()
      default: return false
      }
      return true
    }
    guard let name = row.name else { throw problem("The name of \(what) is missing", at: place) }
    return (name, row.first, row.second)
  }

  fileprivate mutating func changes() throws(DatasetError) -> VersionRecord.Changes {
    var changes = VersionRecord.Changes()
    try object("the changes") { (scanner, name) throws(DatasetError) in
      switch name {
      case "added": changes.added = try scanner.count()
      case "changed": changes.changed = try scanner.count()
      case "removed": changes.removed = try scanner.count()
      case "unchanged": changes.unchanged = try scanner.count()
      default: return false
      }
      return true
    }
    return changes
  }

  fileprivate mutating func splitting() throws(DatasetError) -> VersionRecord.Splitting {
    var splitting = VersionRecord.Splitting()
    try object("the splitting") { (scanner, name) throws(DatasetError) in
      switch name {
      case "seed": splitting.seed = UInt64(try scanner.count())
      case "train_ratio": splitting.trainRatio = try scanner.double()
      case "stratified": splitting.isStratified = try scanner.boolean()
      case "earlier_splits": splitting.dropsExisting = try scanner.string() == "dropped"
      default: return false
      }
      return true
    }
    return splitting
  }

  fileprivate mutating func media() throws(DatasetError) -> VersionRecord.Media {
    let place = offset
    var mode: MediaPublishing?
    var media = VersionRecord.Media(mode: .none)
    try object("the media") { (scanner, name) throws(DatasetError) in
      switch name {
      case "mode": mode = MediaPublishing(rawValue: try scanner.string())
      case "files": media.files = try scanner.count()
      case "bytes": media.bytes = try scanner.count()
      case "missing": media.missing = try scanner.count()
      default: return false
      }
      return true
    }
    guard let mode else { throw problem("The mode of media is pack, reference or none", at: place) }
    media.mode = mode
    return media
  }

  fileprivate mutating func rendering() throws(DatasetError) -> VersionRecord.Rendering {
    let place = offset
    var format: String?
    var folder: String?
    try object("a format") { (scanner, name) throws(DatasetError) in
      switch name {
      case "format": format = try scanner.string()
      case "folder": folder = try scanner.string()
      default: return false
      }
      return true
    }
    guard let format, let folder else { throw problem("A format has a name and a folder", at: place) }
    return VersionRecord.Rendering(format: format, folder: folder)
  }

  fileprivate mutating func versionObject() throws(DatasetError) -> VersionRecord.Object {
    let place = offset
    var key: String?
    var role: VersionRecord.Object.Role?
    var size: Int?
    var digest: SHA256Digest?
    var files: Int?
    try object("an object") { (scanner, name) throws(DatasetError) in
      switch name {
      case "key": key = try scanner.string()
      case "role": role = VersionRecord.Object.Role(rawValue: try scanner.string())
      case "size": size = try scanner.count()
      case "sha256": digest = try scanner.digest()
      case "files": files = try scanner.count()
      default: return false
      }
      return true
    }
    guard let key, let role, let size, let digest else {
      throw problem("An object has a key, a role, a size and a digest", at: place)
    }
    return VersionRecord.Object(key: key, role: role, size: size, digest: digest, files: files)
  }
}
