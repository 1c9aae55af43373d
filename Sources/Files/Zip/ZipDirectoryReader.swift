import WaybillDiagnostics

/// Reads the central directory of an archive into a table, and refuses what no entry may say (4.3.12).
struct ZipDirectoryReader: ~Copyable {
  let path: String
  let limits: ZipLimits
  let directory: Range<Int>
  private(set) var table = ZipTable()
  private var total = 0
  private var isSorted = true
  private var isInPlace = true

  init(path: String, limits: ZipLimits, directory: Range<Int>) {
    self.path = path
    self.limits = limits
    self.directory = directory
  }

  /// Reads all records, and puts them in order.
  mutating func read(_ window: inout ByteWindow, count: Int) throws(DatasetError) {
    guard count <= limits.entries else {
      throw ZipRule.limitEntries.error("has \(count) entries, more than the \(limits.entries) allowed", path: path)
    }
    guard count <= directory.count / ZipFormat.directorySize else {
      throw ZipRule.directoryCount.error("has no room for the \(count) entries it says it has", path: path)
    }
    table.records.reserveCapacity(count)
    table.names.reserveCapacity(min(directory.count - count * ZipFormat.directorySize, 1 << 26))
    var at = directory.lowerBound
    for number in 0..<count {
      if number & 0xFFFF == 0xFFFF { try InterruptFlag.check() }
      at = try readRecord(&window, at, number)
    }
    guard at == directory.upperBound else {
      throw ZipRule.directoryCount.error("has more in its directory than the \(count) entries it says it has", path: path)
    }
    try setLimits()
    if !isSorted { table.sortByName() }
    try checkNames()
  }

  /// Reads one record; returns where the next begins.
  private mutating func readRecord(_ window: inout ByteWindow, _ at: Int, _ number: Int) throws(DatasetError) -> Int {
    let end = directory.upperBound
    let fixed = ZipFormat.directorySize
    guard end - at >= fixed, let head = try window.bytes(at, fixed, readAheadTo: end),
      head.load32(0) == ZipFormat.directorySignature
    else { throw recordError(number) }
    let nameLength = Int(head.load16(28))
    let extraLength = Int(head.load16(30))
    let length = fixed + nameLength + extraLength + Int(head.load16(32))
    guard end - at >= length, let record = try window.bytes(at, length, readAheadTo: end) else { throw recordError(number) }
    let name = record.part(fixed, nameLength)
    do throws(ZipExtra.Problem) {
      var values = [Int(record.load32(24)), Int(record.load32(20)), Int(record.load32(42))]
      if extraLength > 0 || values[0] == ZipFormat.limit32 || values[1] == ZipFormat.limit32 || values[2] == ZipFormat.limit32 {
        let extra = try ZipExtra(record.part(fixed + nameLength, extraLength), name: name)
        try extra.resolve(&values, isDirectory: true)
      }
      try add(record, name, size: values[0], storedSize: values[1], headerOffset: values[2])
    } catch {
      throw error.rule.error(entry: name, error.phrase, path: path)
    }
    return at + length
  }

  private func recordError(_ number: Int) -> DatasetError {
    ZipRule.directoryRecord.error("has no directory record where that of entry \(number + 1) should be", path: path)
  }

  private mutating func add(
    _ record: UnsafeRawBufferPointer, _ raw: UnsafeRawBufferPointer, size: Int, storedSize: Int, headerOffset: Int
  ) throws(ZipExtra.Problem) {
    let flags = record.load16(8)
    let method = record.load16(10)
    let name = try Self.checkName(raw)
    let isFolder = try Self.checkKind(record, hasSlash: name.isFolder)
    try checkMethod(flags, method)
    try checkSizes(size, storedSize, isDeflated: method == 8, isFolder: isFolder)
    guard record.load16(34) == 0 || record.load16(34) == 0xFFFF else {
      throw ZipExtra.Problem(rule: .endSplit, phrase: "lies in another part of a split archive")
    }
    guard headerOffset <= directory.lowerBound,
      directory.lowerBound - headerOffset - ZipFormat.localSize - raw.count >= storedSize
    else { throw ZipExtra.Problem(rule: .place, phrase: "does not lie before the directory") }
    if let last = table.records.last {
      isSorted = isSorted && table.withName(last) { compare($0, name.bytes) } < 0
      isInPlace = isInPlace && last.headerOffset < headerOffset
    }
    table.records.append(
      ZipRecord(
        nameStart: table.names.count, headerOffset: headerOffset, size: size, storedSize: storedSize, crc32: record.load32(16),
        nameLength: UInt16(name.bytes.count), flags: flags, isDeflated: method == 8, isFolder: isFolder, isDotted: name.isDotted))
    table.names.append(contentsOf: name.bytes)
  }

  // MARK: One entry

  /// The name without `./` before it and a slash after it.
  private static func checkName(
    _ raw: UnsafeRawBufferPointer
  ) throws(ZipExtra.Problem) -> (bytes: UnsafeRawBufferPointer, isFolder: Bool, isDotted: Bool) {
    // bsdtar and jar write `./` for the folder they were given.
    let isDotted = raw.count >= 2 && raw[0] == 0x2E && raw[1] == 0x2F
    let rest = isDotted ? raw.part(2, raw.count - 2) : raw
    if isDotted && rest.isEmpty { return (raw.part(0, 0), false, true) }
    let isFolder = rest.count > 1 && rest.last == 0x2F
    let bytes = isFolder ? rest.part(0, rest.count - 1) : rest
    if let rule = ZipName.problem(bytes) { throw ZipExtra.Problem(rule: rule, phrase: rule.namePhrase) }
    return (bytes, isFolder, isDotted)
  }

  private static func checkKind(_ record: UnsafeRawBufferPointer, hasSlash: Bool) throws(ZipExtra.Problem) -> Bool {
    switch ZipKind(host: record[5], attributes: record.load32(38), hasSlash: hasSlash) {
    case .file: return false
    case .folder: return true
    case .link: throw ZipExtra.Problem(rule: .link, phrase: "is a link")
    case .special: throw ZipExtra.Problem(rule: .special, phrase: "is neither a file nor a folder")
    case nil: throw ZipExtra.Problem(rule: .kind, phrase: "is a folder by its name or its attributes, but not by both")
    }
  }

  private func checkMethod(_ flags: UInt16, _ method: UInt16) throws(ZipExtra.Problem) {
    if flags & (ZipFormat.flagEncrypted | ZipFormat.flagStronglyEncrypted | ZipFormat.flagMasked) != 0 {
      throw ZipExtra.Problem(rule: .encrypted, phrase: "is encrypted")
    }
    guard method == 0 || method == 8, flags & ZipFormat.flagPatched == 0 else {
      throw ZipExtra.Problem(rule: .method, phrase: "is compressed by method \(method); only stored and deflated entries are read")
    }
  }

  private mutating func checkSizes(
    _ size: Int, _ storedSize: Int, isDeflated: Bool, isFolder: Bool
  ) throws(ZipExtra.Problem) {
    if !isDeflated && size != storedSize { throw ZipExtra.Problem(rule: .size, phrase: "is stored with another size than its own") }
    if isFolder && size != 0 { throw ZipExtra.Problem(rule: .size, phrase: "is a folder with bytes of its own") }
    if isDeflated && storedSize == 0 { throw ZipExtra.Problem(rule: .size, phrase: "is deflated to nothing") }
    if size > limits.ratioThreshold, size / max(1, storedSize) >= limits.ratio,
      size > storedSize.multipliedReportingOverflow(by: limits.ratio).partialValue
    {
      throw ZipExtra.Problem(
        rule: .limitRatio, phrase: "inflates to \(size) bytes, more than \(limits.ratio) times its \(storedSize) in the archive")
    }
    let (sum, isOver) = total.addingReportingOverflow(size)
    guard !isOver, sum <= limits.totalSize else {
      throw ZipExtra.Problem(rule: .limitTotal, phrase: "brings the archive to more than the \(limits.totalSize) bytes allowed")
    }
    total = sum
  }

  // MARK: All entries

  /// Finds where each entry must end, which is where the next begins.
  private mutating func setLimits() throws(DatasetError) {
    let order = isInPlace ? [] : table.positionsByOffset()
    var next = directory.lowerBound
    var following: Int?
    for index in table.records.indices.reversed() {
      let position = isInPlace ? index : order[index]
      let record = table.records[position]
      // Its extra fields come to this; they are looked at with the header.
      guard next - record.headerOffset >= ZipFormat.localSize + record.rawNameLength + record.storedSize else {
        let other = following.map { table.withName(table.records[$0], ZipName.shown) } ?? "the directory"
        throw table.withName(record) { ZipRule.overlap.error(entry: $0, "overlaps entry \(other)", path: path) }
      }
      table.records[position].limit = next
      next = record.headerOffset
      following = position
    }
  }

  private func checkNames() throws(DatasetError) {
    for position in table.records.indices.dropFirst() {
      let record = table.records[position]
      let before = table.records[position - 1]
      let isSame = table.withName(record) { name in table.withName(before) { $0.isSame(as: name) } }
      guard isSame else { continue }
      throw table.withName(record) { name in
        record.isFolder == before.isFolder
          ? ZipRule.duplicate.error(entry: name, "is there twice", path: path)
          : ZipRule.fileAndFolder.error(entry: name, "is both a file and a folder", path: path)
      }
    }
    var names = ZipPathTable(foldsCase: !limits.allowsCaseConflicts, capacity: table.records.count)
    if let conflict = names.firstConflict(in: table) {
      throw conflict.rule.error("\(conflict.sentence)", path: path)
    }
  }
}
