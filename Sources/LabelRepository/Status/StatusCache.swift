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
  /// What a file looks like; while it looks the same, it holds the same.
  struct Look: Hashable {
    var size: Int64
    var modified: Int64
    var changed: Int64
    var inode: Int64

    /// The look of a file; nil when it is not there.
    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      size = Int64(status.st_size)
      modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
      changed = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
      inode = Int64(truncatingIfNeeded: status.st_ino)
    }

    init(numbers: [Int64]) { (size, modified, changed, inode) = (numbers[0], numbers[1], numbers[2], numbers[3]) }

    var numbers: [Int64] { [size, modified, changed, inode] }

    /// Whether a change from now on would show: times come in steps.
    var isSettled: Bool {
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      let step: Int64 = changed % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
      return max(changed, modified) &+ step <= Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
    }
  }

  private let folder: String
  private let path: String
  /// A digest of the settings the entries were counted under.
  private let settings: Int64
  private var entries: [String: (look: Look, tally: ShardTally)] = [:]
  private var isChanged = false

  private static let version = 1

  init(_ repository: LabelRepository, _ settings: RepositorySettings, checksBytes: Bool) {
    folder = repository.path(LabelRepository.privateFolder)
    path = joinedPath(folder, "status.json")
    let bytes = settings.bytes
    let hash = bytes.withUnsafeBytes { Hash64.hash($0) }
    self.settings = Int64(truncatingIfNeeded: hash) &+ (checksBytes ? 1 : 0)
    if let mapped = try? MappedFile(path: path) { try? read(mapped.bytes) }
  }

  /// What a file holds; nil when it is not known, or has changed.
  func tally(of name: String, _ look: Look) -> ShardTally? {
    guard let entry = entries[name], entry.look == look else { return nil }
    return entry.tally
  }

  /// Notes what a file holds that looked so before it was read.
  mutating func note(_ name: String, _ look: Look, _ tally: ShardTally) {
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
      entries[name] = (Look(numbers: numbers), tally)
    }
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
      for number in entry.look.numbers { out.append(",\(number)") }
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
