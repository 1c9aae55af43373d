import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// What the files of samples held when they were last looked through, kept in `.waybill/status.json`.
///
/// It is a cache: what is wrong with it, and what cannot be written, only makes the next look slower. Files in which anything was found wrong are
/// not in it, so that it is found again.
struct StatusCache {
  private let folder: String
  private let path: String
  /// A digest of the settings the entries were counted under.
  private let settings: Int64
  private var entries: [String: (look: FileLook, tally: ShardTally)] = [:]
  private var isChanged = false

  private static let version = 1

  init(_ repository: LabelRepository, _ settings: RepositorySettings) {
    folder = repository.path(LabelRepository.privateFolder)
    path = joinedPath(folder, "status.json")
    let bytes = settings.bytes
    let hash = bytes.withUnsafeBytes { Hash64.hash($0) }
    self.settings = Int64(truncatingIfNeeded: hash)
    if let mapped = try? MappedFile(path: path) { try? read(mapped.bytes) }
  }

  /// What a file holds; nil when it is not known, or has changed.
  func tally(of name: String, _ look: FileLook) -> ShardTally? {
    guard let entry = entries[name], entry.look == look else { return nil }
    return entry.tally
  }

  /// Notes what a file holds that looked so before it was read.
  mutating func note(_ name: String, _ look: FileLook, _ tally: ShardTally) {
    guard look.isSettled else { return }
    entries[name] = (look, tally)
    isChanged = true
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
    var scanner = JSONScanner(bytes)
    var progress = try scanner.beginArray()
    guard try scanner.nextElement(&progress), try scanner.integer() == Int64(StatusCache.version),
      try scanner.nextElement(&progress), try scanner.integer() == settings
    else { return }
    while try scanner.nextElement(&progress) {
      var fields = try scanner.beginArray()
      guard try scanner.nextElement(&fields) else { return }
      let name = try scanner.string().makeString()
      var numbers: [Int64] = []
      while try scanner.nextElement(&fields) { numbers.append(try scanner.integer()) }
      guard numbers.count >= 11, (numbers.count - 11) % 2 == 0 else { return }
      var tally = ShardTally()
      let counts = numbers[4...].map { Int($0) }
      // No file holds more, and sums of what is smaller cannot overflow.
      guard counts.allSatisfy((0...1 << 40).contains) else { return }
      (tally.samples, tally.unlabeled, tally.labeled, tally.unconfirmed) = (counts[0], counts[1], counts[2], counts[3])
      (tally.hard, tally.conflicts, tally.annotations) = (counts[4], counts[5], counts[6])
      for at in stride(from: 7, to: counts.count, by: 2) {
        var use = RepositoryStatus.LabelUse()
        (use.annotations, use.samples) = (counts[at], counts[at + 1])
        tally.labels.append(use)
      }
      entries[name] = (StatusCache.look(numbers), tally)
    }
  }

  private static func look(_ numbers: [Int64]) -> FileLook {
    FileLook(size: numbers[0], modified: numbers[1], changed: numbers[2], inode: UInt64(bitPattern: numbers[3]))
  }

  private static func numbers(_ look: FileLook) -> [Int64] {
    [look.size, look.modified, look.changed, Int64(bitPattern: look.inode)]
  }

  /// Writes what is new.
  func store() {
    guard isChanged, (try? makePrivateFolder(folder)) != nil else { return }
    var out = ByteBuffer()
    out.append(UInt8(ascii: "["))
    out.append(decimal: StatusCache.version)
    out.append(UInt8(ascii: ","))
    out.append("\(settings)")
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      out.append(",\n[")
      out.appendJSON(name)
      for number in StatusCache.numbers(entry.look) { out.append(",\(number)") }
      let tally = entry.tally
      for count in [
        tally.samples, tally.unlabeled, tally.labeled, tally.unconfirmed, tally.hard, tally.conflicts, tally.annotations,
      ] {
        out.append(",\(count)")
      }
      for use in tally.labels { out.append(",\(use.annotations),\(use.samples)") }
      out.append(UInt8(ascii: "]"))
    }
    out.append("]\n")
    try? replaceFile(path, with: out.array())
  }
}
