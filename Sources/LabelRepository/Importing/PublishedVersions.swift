import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// One published version, as `versions.json` of a repository lists it.
public struct PublishedVersionNote: Sendable, Equatable {
  /// `DATASET@VERSION`.
  public var name: String
  /// The store it is in, as it was named.
  public var store: String
  /// The digest of the version's record.
  public var digest: String
  /// The commit it was published from; nil outside of git.
  public var commit: String?
  /// Number of samples.
  public var samples: Int
  /// Number of annotations.
  public var annotations: Int

  /// A version with its facts.
  public init(name: String, store: String, digest: String, commit: String?, samples: Int, annotations: Int) {
    (self.name, self.store, self.digest, self.commit) = (name, store, digest, commit)
    (self.samples, self.annotations) = (samples, annotations)
  }
}

/// The published versions a repository knows of: `versions.json`, an array with a version on each line.
public enum PublishedVersions {
  /// Reads the list; none where there is no file.
  public static func read(_ repository: LabelRepository) throws(DatasetError) -> [PublishedVersionNote] {
    let path = repository.path(LabelRepository.versionsName)
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    let mapped = try MappedFile(path: path)
    do throws(JSONFault) { return try notes(mapped.bytes) } catch {
      throw DatasetError(.invalidInput, "is not as it was written: byte \(error.offset) cannot be read", path: path)
    }
  }

  private static func notes(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) -> [PublishedVersionNote] {
    var notes: [PublishedVersionNote] = []
    var scanner = JSONScanner(bytes)
    var elements = try scanner.beginArray()
    while try scanner.nextElement(&elements) {
      var note = PublishedVersionNote(name: "", store: "", digest: "", commit: nil, samples: 0, annotations: 0)
      var members = try scanner.beginObject()
      while let key = try scanner.nextKey(&members) {
        switch key {
        case "name": note.name = try scanner.string().makeString()
        case "store": note.store = try scanner.string().makeString()
        case "digest": note.digest = try scanner.string().makeString()
        case "commit": note.commit = try scanner.string().makeString()
        case "samples": note.samples = Int(try scanner.integer())
        case "annotations": note.annotations = Int(try scanner.integer())
        default: try scanner.skipValue()
        }
      }
      notes.append(note)
    }
    return notes
  }

  /// Adds a version to the list.
  public static func add(_ note: PublishedVersionNote, to repository: LabelRepository) throws(DatasetError) {
    let lock = try RepositoryLock(repository)
    defer { withExtendedLifetime(lock) {} }
    var notes = try read(repository)
    notes.removeAll { $0.name == note.name && $0.store == note.store }
    notes.append(note)
    var out = ByteBuffer()
    out.append("[\n")
    for (index, note) in notes.enumerated() {
      if index > 0 { out.append(",\n") }
      out.append("{\"name\":")
      out.appendJSON(note.name)
      out.append(",\"store\":")
      out.appendJSON(note.store)
      out.append(",\"digest\":")
      out.appendJSON(note.digest)
      if let commit = note.commit {
        out.append(",\"commit\":")
        out.appendJSON(commit)
      }
      out.append(",\"samples\":")
      out.append(decimal: note.samples)
      out.append(",\"annotations\":")
      out.append(decimal: note.annotations)
      out.append(UInt8(ascii: "}"))
    }
    out.append("\n]\n")
    try replaceFile(repository.path(LabelRepository.versionsName), with: out.array())
  }
}
