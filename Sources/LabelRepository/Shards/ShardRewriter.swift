import WaybillBytes
import WaybillDiagnostics
import WaybillFiles

/// Writes one file of samples anew, with lines replaced, removed and added; what is not touched is copied as it is.
///
/// Lines are decided on in the order of their keys. Nothing is staged until the first change, and nothing is visible until ``commit()``.
struct ShardRewriter {
  private let shard: ShardFile
  private var output: (staged: StagedOutput, file: OutputFile)?
  /// Number of lines copied or decided on.
  private var position = 0
  /// The first line of the run that is still to be copied.
  private var runStart = 0
  /// Whether nothing of the file is copied.
  private var isNew = false

  init(_ shard: ShardFile) {
    self.shard = shard
  }

  /// Writes a file that holds nothing of what it held.
  init(replacing shard: ShardFile) throws(DatasetError) {
    self.shard = shard
    isNew = true
    _ = try open()
  }

  /// Whether anything is staged.
  var hasChanges: Bool { output != nil }

  private mutating func open() throws(DatasetError) -> OutputFile {
    if let output { return output.file }
    let staged = try StagedOutput(target: shard.path, kind: .file, overwrite: true)
    let file = try staged.openFile(FileName.basename(of: shard.path))
    output = (staged, file)
    return file
  }

  /// Keeps the next line.
  mutating func keep() { position += 1 }

  /// Puts a line, with its line feed, in the place of the next one.
  mutating func replace(with line: UnsafeRawBufferPointer) throws(DatasetError) {
    try copyRun()
    position += 1
    runStart = position
    try open().append(line)
  }

  /// Leaves the next line out.
  mutating func remove() throws(DatasetError) {
    try copyRun()
    _ = try open()
    position += 1
    runStart = position
  }

  /// Puts a line, with its line feed, before the next one.
  mutating func insert(_ line: UnsafeRawBufferPointer) throws(DatasetError) {
    try copyRun()
    runStart = position
    try open().append(line)
  }

  /// Makes the file be written even if no line changes, such as to put its lines in order.
  mutating func force() throws(DatasetError) {
    try copyRun()
    runStart = position
    _ = try open()
  }

  private mutating func copyRun() throws(DatasetError) {
    guard runStart < position else { return }
    let file = try open()
    if shard.isSorted, shard.isPlain {
      let range = shard.lines[runStart].start..<shard.lines[position - 1].end + 1
      try file.append(UnsafeRawBufferPointer(rebasing: shard.bytes[range]))
    } else {
      for line in shard.lines[runStart..<position] {
        try file.append(shard.bytes(of: line))
        try file.append([0x0A])
      }
    }
    runStart = position
  }

  /// Copies the lines that are left; the file can then be committed.
  mutating func finish() throws(DatasetError) {
    guard hasChanges else { return }
    if !isNew {
      position = shard.lines.count
      try copyRun()
    }
    try output?.file.close()
  }

  /// Makes the new file visible.
  func commit() throws(DatasetError) { try output?.staged.commit() }

  /// Takes everything back.
  func abort() { output?.staged.abort() }
}
