import Testing

@testable import WaybillFiles

/// Archives made to surprise their reader: each is refused by the rule it breaks, in memory and fetched alike.
@Suite struct ZipAttackTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var rule: String
    var stage: ZipVerdict.Stage
    var bytes: [UInt8]

    init(_ what: String, _ rule: String, _ archive: ForgedArchive) { self.init(what, rule, .open, archive) }

    init(_ what: String, _ rule: String, _ stage: ZipVerdict.Stage, _ archive: ForgedArchive) {
      testDescription = what
      self.rule = rule
      self.stage = stage
      bytes = archive.bytes
    }
  }

  static let honest = ForgedEntry("a.txt")

  private static func one(_ change: (inout ForgedEntry) -> Void) -> ForgedArchive {
    ForgedArchive([honest.with(change), ForgedEntry("z.txt")])
  }

  private static func named(_ names: String...) -> ForgedArchive { ForgedArchive(names.map { ForgedEntry($0) }) }

  private static func raw(_ name: [UInt8]) -> ForgedArchive { ForgedArchive([ForgedEntry(name, [1])]) }

  private static func archive(_ change: (inout ForgedArchive) -> Void) -> ForgedArchive { named("a.txt", "z.txt").with(change) }

  static let names: [Attack] = [
    Attack("climbs", "zip.entry.outside", named("../a")),
    Attack("climbs inside", "zip.entry.outside", named("a/../../b")),
    Attack("climbs and stays", "zip.entry.outside", named("a/../b")),
    Attack("climbs at the end", "zip.entry.outside", named("a/..")),
    Attack("climbs after a dot", "zip.entry.outside", named("./../a")),
    Attack("the folder above", "zip.entry.outside", named("../")),
    Attack("absolute", "zip.entry.absolute", named("/etc/passwd")),
    Attack("absolute after a dot", "zip.entry.absolute", named(".//etc/passwd")),
    Attack("a drive", "zip.entry.absolute", named("C:\\a")),
    Attack("a drive with a slash", "zip.entry.absolute", named("c:/a")),
    Attack("a drive without one", "zip.entry.absolute", named("c:a")),
    Attack("a server", "zip.entry.absolute", named("\\\\server\\a")),
    Attack("a backslash", "zip.entry.backslash", named("a\\..\\..\\b")),
    Attack("no name", "zip.entry.empty-name", named("")),
    Attack("a slash", "zip.entry.absolute", named("/")),
    Attack("an empty part", "zip.entry.unclean", named("a//b")),
    Attack("two slashes", "zip.entry.unclean", named("a//")),
    Attack("a dot inside", "zip.entry.unclean", named("a/./b")),
    Attack("dots before", "zip.entry.unclean", named("././a")),
    Attack("a zero byte", "zip.entry.control", raw([0x61, 0, 0x62])),
    Attack("an escape", "zip.entry.control", raw(Array("a\u{1B}[31m".utf8))),
    Attack("a line feed", "zip.entry.control", named("a\nb")),
    Attack("delete", "zip.entry.control", raw([0x61, 0x7F])),
    Attack("a control character beyond ASCII", "zip.entry.control", named("a\u{9B}31m")),
    Attack("Latin 1", "zip.entry.encoding", raw([0x61, 0xE9])),
    Attack("GBK", "zip.entry.encoding", raw([0xD6, 0xD0, 0xCE, 0xC4])),
    Attack("an overlong slash", "zip.entry.encoding", raw([0x61, 0xC0, 0xAF])),
    Attack("half a pair", "zip.entry.encoding", raw([0xED, 0xA0, 0x80])),
    Attack("twice", "zip.entry.duplicate", named("a", "b", "a")),
    Attack("twice with a dot", "zip.entry.duplicate", named("a", "./a")),
    Attack("a folder twice", "zip.entry.duplicate", ForgedArchive([ForgedEntry("a/", []), ForgedEntry("a/", [])])),
    Attack("in another case", "zip.entry.case", named("a/B.txt", "a/b.TXT")),
    Attack("folders in another case", "zip.entry.case", named("A/x", "a/y")),
    Attack("a folder like a file in another case", "zip.entry.case", named("A", "a/y")),
    Attack("composed and not", "zip.entry.case", named("\u{E9}", "e\u{301}")),
    Attack("another case beyond ASCII", "zip.entry.case", named("Ä", "ä")),
    Attack("a Kelvin sign", "zip.entry.case", named("k", "\u{212A}")),
    Attack("file and folder", "zip.entry.file-and-folder", named("a", "a/b")),
    Attack("file and folder far apart", "zip.entry.file-and-folder", named("a/b", "a/b-c", "a/b/c/d")),
    Attack(
      "file and folder of its own", "zip.entry.file-and-folder", ForgedArchive([ForgedEntry("a/b/", []), ForgedEntry("a/b")])),
    Attack(
      "a second name", "zip.entry.two-names",
      one { entry in
        var field: [UInt8] = [1]
        withUnsafeBytes(of: CRC32(of: entry.name).value.littleEndian) { field += $0 }
        entry.extra = extraField(0x7075, field + Array("../../b".utf8))
      }),
  ]

  static let entries: [Attack] = [
    Attack("a link", "zip.entry.link", one { $0.attributes = 0o120777 << 16 }),
    Attack(
      "a link by DOS", "zip.entry.link",
      one { entry in
        entry.madeBy = 20; entry.attributes = 0o120777 << 16
      }),
    Attack("a device", "zip.entry.special", one { $0.attributes = 0o060600 << 16 }),
    Attack("a pipe", "zip.entry.special", one { $0.attributes = 0o010600 << 16 }),
    Attack("a set of no known kind", "zip.entry.special", one { $0.attributes = 0o170000 << 16 }),
    Attack("a folder without a slash", "zip.entry.kind", one { $0.attributes = 0o040755 << 16 }),
    Attack("a file with a slash", "zip.entry.kind", ForgedArchive([ForgedEntry("a/", []).with { $0.attributes = 0o100644 << 16 }])),
    Attack(
      "a folder of DOS without a slash", "zip.entry.kind",
      one { entry in
        entry.madeBy = 20; entry.attributes = 0x10
      }),
    Attack("a folder with bytes", "zip.entry.size", named("a/")),
    Attack("encrypted", "zip.entry.encrypted", one { $0.flags = 1 }),
    Attack("strongly encrypted", "zip.entry.encrypted", one { $0.flags = 0x41 }),
    Attack("masked", "zip.entry.encrypted", one { $0.flags = 1 << 13 }),
    Attack("bzip2", "zip.entry.method", one { $0.method = 12 }),
    Attack("zstd", "zip.entry.method", one { $0.method = 93 }),
    Attack("AES", "zip.entry.method", one { $0.method = 99 }),
    Attack("a patch", "zip.entry.method", one { $0.flags = 1 << 5 }),
    Attack("stored with two sizes", "zip.entry.size", one { $0.size = 9 }),
    Attack(
      "deflated to nothing", "zip.entry.size",
      one { entry in
        entry.method = 8; entry.data = []
      }),
    Attack("on another disk", "zip.end.split", one { $0.disk = 3 }),
    Attack("behind the directory", "zip.entry.place", one { $0.directoryOffset = 1 << 30 }),
    Attack(
      "too large for its place", "zip.entry.place",
      one { entry in
        entry.directoryStoredSize = 1 << 20; entry.size = 1 << 20
      }),
    Attack("ZIP64 missing", "zip.entry.zip64", one { $0.directoryOffset = 0xFFFF_FFFF }),
    Attack(
      "ZIP64 too short", "zip.entry.zip64",
      one { entry in
        entry.directoryOffset = 0xFFFF_FFFF; entry.extra = extraField(1, [0, 0, 0])
      }),
    Attack("ZIP64 twice", "zip.entry.zip64", one { $0.extra = zip64Field([7]) + zip64Field([7]) }),
    Attack("ZIP64 that says more", "zip.entry.zip64", one { $0.extra = zip64Field([8]) }),
    Attack(
      "ZIP64 in two ways", "zip.entry.zip64",
      one { entry in
        entry.directoryOffset = 0xFFFF_FFFF
        entry.extra = zip64Field([0, 7, 0])
      }),
    Attack(
      "ZIP64 beyond all numbers", "zip.entry.zip64",
      one { entry in
        entry.directoryOffset = 0xFFFF_FFFF
        entry.extra = zip64Field([1 << 63])
      }),
    Attack("an endless extra field", "zip.entry.header", one { $0.extra = [1, 0, 200, 0, 1] }),
    Attack("a bomb", "zip.limit.ratio", ForgedArchive([ForgedEntry("bomb", [UInt8](repeating: 0, count: 2_000_000)).deflated()])),
    Attack(
      "a bomb of nothing", "zip.limit.ratio",
      one { entry in
        entry = entry.deflated()
        entry.size = 1 << 40
        entry.extra = zip64Field([1 << 40])
      }),
    Attack("all in one place", "zip.entry.overlap", named("a", "b").with { $0.entries[1].directoryOffset = 0 }),
    Attack(
      "one inside another", "zip.entry.overlap",
      ForgedArchive([
        ForgedEntry("a", ForgedArchive([ForgedEntry("b")]).bytes), ForgedEntry("b").with { $0.directoryOffset = 31 },
      ])),
    Attack("a shorter name in its header", "zip.entry.overlap", one { $0.localName = Array("a".utf8) }),
    Attack(
      "a tail inside another", "zip.entry.overlap",
      ForgedArchive([
        ForgedEntry("a", [1, 2, 3, 4]).with {
          $0.directoryStoredSize = 10; $0.size = 10
        }, ForgedEntry("b"),
      ])),
  ]

  static let headers: [Attack] = [
    Attack("no header", "zip.entry.header", .headers, one { $0.localSignature = 0x0403_4B51 }),
    Attack("another name", "zip.entry.header", .headers, one { $0.localName = Array("b.txt".utf8) }),
    Attack(
      "a longer name", "zip.entry.header", .headers,
      one { entry in
        entry.localName = Array("a.text".utf8)
        entry.directoryStoredSize = 6
        entry.size = 6
      }),
    Attack(
      "a name without its dot", "zip.entry.header", .headers,
      named("./a.txt").with { $0.entries[0].localName = Array("xxa.txt".utf8) }),
    Attack("another method", "zip.entry.header", .headers, one { $0.localMethod = 8 }),
    Attack("another size", "zip.entry.header", .headers, one { $0.localSize = 8 }),
    Attack("another stored size", "zip.entry.header", .headers, one { $0.localStoredSize = 6 }),
    Attack("another checksum", "zip.entry.header", .headers, one { $0.localCRC32 = 1 }),
    Attack("no checksum", "zip.entry.header", .headers, one { $0.localCRC32 = 0 }),
    Attack("encrypted in its header", "zip.entry.header", .headers, one { $0.localFlags = 1 }),
    Attack("another alphabet", "zip.entry.header", .headers, named("é").with { $0.entries[0].localFlags = ZipFormat.flagUTF8 }),
    Attack(
      "other sizes before a descriptor", "zip.entry.header", .headers,
      one { entry in
        entry.localFlags = 8
        entry.localSize = 5
        entry.after = entry.descriptor()
      }),
    Attack("ZIP64 in the header only", "zip.entry.zip64", .headers, one { $0.localSize = 0xFFFF_FFFF }),
    Attack(
      "other sizes in ZIP64", "zip.entry.header", .headers,
      one { entry in
        entry.localSize = 0xFFFF_FFFF
        entry.localStoredSize = 0xFFFF_FFFF
        entry.localExtra = zip64Field([7, 8])
      }),
    Attack(
      "extra fields into the next entry", "zip.entry.overlap", .headers,
      ForgedArchive([
        ForgedEntry("a", [1, 2]).with {
          $0.localExtra = extraField(0x9999, [1, 2, 3]); $0.directoryOffset = nil
        },
        ForgedEntry("b").with { $0.directoryOffset = 37 },
      ])),
    Attack("bytes between entries", "zip.entry.gap", .headers, one { $0.after = [0] }),
    Attack("an entry that is not listed", "zip.entry.gap", .headers, one { _ in }.with { $0.entries[0].isListed = false }),
    Attack(
      "one in between that is not listed", "zip.entry.gap", .headers, named("a", "b", "c").with { $0.entries[1].isListed = false }),
    Attack("bytes before the directory", "zip.entry.gap", .headers, archive { $0.gap = Array("PK\u{3}\u{4}".utf8) }),
    Attack("no descriptor", "zip.entry.descriptor", .headers, one { $0.flags = 8 }),
    Attack(
      "half a descriptor", "zip.entry.descriptor", .headers,
      one { entry in
        entry.flags = 8
        entry.after = Array(entry.descriptor().dropLast())
      }),
    Attack(
      "another descriptor", "zip.entry.descriptor", .headers,
      one { entry in
        entry.flags = 8
        entry.after = entry.with { $0.size = 8 }.descriptor()
      }),
    Attack(
      "a descriptor with another signature", "zip.entry.descriptor", .headers,
      one { entry in
        entry.flags = 8
        entry.after = [0, 0, 0, 0] + entry.descriptor(hasSignature: false)
      }),
  ]

  static let contents: [Attack] = [
    Attack("other bytes", "zip.entry.crc", .contents, one { $0.data[0] ^= 1 }),
    Attack(
      "other deflated bytes", "zip.entry.crc", .contents,
      one { entry in
        entry = entry.deflated(); entry.crc32 ^= 1
      }),
    Attack(
      "no deflated bytes", "zip.entry.data", .contents,
      one { entry in
        entry.method = 8; entry.data = [7, 0, 0]
      }),
    Attack(
      "fewer bytes", "zip.entry.data", .contents,
      one { entry in
        entry = entry.deflated(); entry.size += 1
      }),
    Attack(
      "more bytes", "zip.entry.data", .contents,
      one { entry in
        entry = entry.deflated(); entry.size -= 1
      }),
    Attack(
      "a bomb that says it is none", "zip.entry.data", .contents,
      ForgedArchive([
        ForgedEntry("bomb", [UInt8](repeating: 0, count: 2_000_000)).deflated().with { $0.size = 1000 }
      ])),
    Attack(
      "bytes after the deflated ones", "zip.entry.data", .contents,
      one { entry in
        entry = entry.deflated(); entry.data += [1, 2]
      }),
  ]

  private static let end: [UInt8] = [0x50, 0x4B, 5, 6]
  private static let empty = ForgedArchive([]).bytes

  static let ends: [Attack] = [
    Attack("nothing", "zip.end.missing", archive { $0 = ForgedArchive([]) }.with { $0.after = [] }).with([]),
    Attack("a text", "zip.end.missing", archive { _ in }).with(Array("This is not a zip archive, and it never was.".utf8)),
    Attack("an entry without an end", "zip.end.missing", archive { _ in }).with(Array(named("a").bytes.prefix(60))),
    Attack("bytes after the end", "zip.end.trailing", archive { $0.after = [0] }),
    Attack("a missing byte of the comment", "zip.end.trailing", archive { _ in }).with(
      Array(archive { $0.comment = [1, 2] }.bytes.dropLast())),
    Attack("another archive after it", "zip.directory.place", archive { $0.after = named("b").bytes }),
    Attack("an end in the comment", "zip.end.doubled", archive { $0.comment = empty }),
    Attack("the mark of an end in the comment", "zip.end.doubled", archive { $0.comment = end + [UInt8](repeating: 7, count: 30) }),
    Attack(
      "an end whose comment holds the other", "zip.end.doubled",
      archive { archive in
        archive.gap = Array(empty.dropLast(2))
        // Its comment reaches to the end of all.
        let rest = archive.bytes.count - named("a.txt", "z.txt").entries.reduce(0) { $0 + 30 + $1.name.count + $1.data.count } - 20
        archive.gap += [UInt8(rest & 255), UInt8(rest >> 8)]
        archive.gap = Array(archive.gap)
      }),
    Attack("split", "zip.end.split", archive { $0.disk = 1 }),
    Attack("with entries elsewhere", "zip.end.split", archive { $0.countHere = 1 }),
    Attack("more entries than it says", "zip.directory.count", archive { $0.count = 1 }),
    Attack(
      "fewer entries than it says", "zip.directory.record",
      archive { archive in
        archive.count = 3
        archive.entries[0].comment = [UInt8](repeating: 7, count: 50)
      }),
    Attack("no room for its entries", "zip.directory.count", archive { $0.count = 60_000 }),
    Attack("bytes before all", "zip.directory.place", archive { $0.before = [1, 2, 3] }.shifted(by: -3)),
    Attack("another offset", "zip.directory.place", archive { $0.directoryOffset = 10 }),
    Attack("an offset behind it", "zip.directory.place", archive { $0.directoryOffset = 5000 }),
    Attack("another size", "zip.directory.place", archive { $0.directorySize = 46 }),
    Attack("bytes after the directory", "zip.directory.place", archive { $0.afterDirectory = [0] }),
    Attack(
      "bytes in the directory", "zip.directory.count",
      archive { archive in
        archive.afterDirectory = [0]
        let plain = named("a.txt", "z.txt").bytes
        archive.directorySize = Int(plain[plain.count - 10]) + 1
      }),
    Attack("no record", "zip.directory.record", archive { $0.entries[0].comment = [0x50] }).patched { bytes in
      let start = bytes.lastRange(of: [0x50, 0x4B, 1, 2])
      bytes[start] = 0
    },
    Attack("a record that is cut off", "zip.directory.record", archive { _ in }).patched { bytes in
      bytes[bytes.lastRange(of: [0x50, 0x4B, 1, 2]) + 32] = 9
    },
    Attack(
      "an entry before all that is not listed", "zip.entry.gap", .headers,
      archive { $0.before = Array("PK\u{3}\u{4} and so on".utf8) }),
    Attack(
      "ZIP64 with another count", "zip.end.zip64",
      archive { archive in
        archive.saysBoth = true
        archive.zip64 = {
          $0.record[32] += 1; $0.record[24] += 1
        }
      }),
    Attack("ZIP64 elsewhere", "zip.end.zip64", archive { $0.zip64 = { $0.locator[8] &+= 1 } }),
    Attack("ZIP64 without a record", "zip.end.zip64", archive { $0.zip64 = { $0.record[0] = 0 } }),
    Attack(
      "ZIP64 with bytes of its own", "zip.end.zip64",
      archive {
        $0.zip64 = {
          $0.record[4] += 8; $0.record += [0, 0, 0, 0, 0, 0, 0, 0]
        }
      }),
    Attack("ZIP64 of several parts", "zip.end.split", archive { $0.zip64 = { $0.locator[16] = 2 } }),
    Attack("ZIP64 with entries elsewhere", "zip.end.split", archive { $0.zip64 = { $0.record[24] = 1 } }),
    Attack("ZIP64 with an endless directory", "zip.end.zip64", archive { $0.zip64 = { $0.record[47] = 0x80 } }),
    Attack("ZIP64 with a huge directory", "zip.directory.place", archive { $0.zip64 = { $0.record[46] = 0x80 } }),
    Attack(
      "ZIP64 with a huge count", "zip.limit.entries",
      archive {
        $0.zip64 = {
          $0.record[29] = 1; $0.record[37] = 1
        }
      }),
    Attack("ZIP64 with no record before it", "zip.end.zip64", archive { _ in }).with(
      [0x50, 0x4B, 6, 7] + [UInt8](repeating: 0, count: 16) + end + [UInt8](repeating: 0xFF, count: 16) + [0, 0]),
  ]

  @Test(arguments: names + entries + headers + contents + ends, [true, false])
  func isRefused(attack: Attack, isMapped: Bool) {
    #expect(judge(attack.bytes, isMapped: isMapped) == .refused(rule: attack.rule, stage: attack.stage))
  }

  /// What breaks an entry's header is found as well by who only reads that entry.
  @Test(arguments: headers.filter { !["zip.entry.gap", "zip.entry.descriptor"].contains($0.rule) }, [true, false])
  func isRefusedOnReading(attack: Attack, isMapped: Bool) {
    #expect(judge(attack.bytes, isMapped: isMapped, stages: [.contents]) == .refused(rule: attack.rule, stage: .contents))
  }

  /// Every rule of the reader has an attack that shows it at work.
  @Test func everyRuleIsShown() {
    let shown = Set((Self.names + Self.entries + Self.headers + Self.contents + Self.ends).map(\.rule))
    // Limits of numbers and the second reader have tests of their own; no archive can hold a longer name.
    let elsewhere: Set<String> = ["zip.limit.total", "zip.readers.differ", "zip.entry.long-name"]
    #expect(Set(ZipRule.allCases.map(\.rawValue)).subtracting(shown) == elsewhere)
  }

  @Test func limitsAreExact() {
    let archive = ForgedArchive([ForgedEntry("a", [UInt8](repeating: 0, count: 1500)).deflated(), ForgedEntry("b", [1, 2, 3])])
    let stored = archive.entries[0].data.count
    func verdict(_ change: (inout ZipLimits) -> Void) -> String? {
      var limits = ZipLimits()
      change(&limits)
      return judge(archive.bytes, limits: limits).rule
    }
    #expect(verdict { $0.entries = 2 } == nil)
    #expect(verdict { $0.entries = 1 } == "zip.limit.entries")
    #expect(verdict { $0.totalSize = 1503 } == nil)
    #expect(verdict { $0.totalSize = 1502 } == "zip.limit.total")
    #expect(
      verdict { limits in
        limits.ratioThreshold = 1499; limits.ratio = 1500 / stored
      } == "zip.limit.ratio")
    #expect(
      verdict { limits in
        limits.ratioThreshold = 1499; limits.ratio = 1500 / stored + 1
      } == nil)
    #expect(
      verdict { limits in
        limits.ratioThreshold = 1500; limits.ratio = 1
      } == nil)
    #expect(
      verdict { limits in
        limits.ratioThreshold = 0; limits.ratio = Int.max
      } == nil)
  }

  @Test func caseMayBeAllowed() {
    var limits = ZipLimits()
    limits.allowsCaseConflicts = true
    let files = ["a/B": [1], "a/b": [2], "A/b": [3], "é": [4], "e\u{301}": [5]] as KeyValuePairs<String, [UInt8]>
    let bytes = ForgedArchive(files.map { ForgedEntry($0, $1) }).bytes
    let archive = try? ZipArchive(TestSource(bytes), limits: limits)
    #expect(archive?.map { Array($0.name.utf8) } == files.map { Array($0.key.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    for (name, content) in files {
      let entry = archive?.entry(named: name)
      #expect((try? entry?.contents()).map { copied($0) } == content)
    }
    let doubled = ForgedArchive([ForgedEntry("a/B"), ForgedEntry("a/b"), ForgedEntry("a/b/c")])
    #expect(judge(doubled.bytes, limits: limits).rule == "zip.entry.file-and-folder")
  }
}

extension ZipAttackTests.Attack {
  /// The attack with other bytes.
  fileprivate func with(_ bytes: [UInt8]) -> Self {
    var attack = self
    attack.bytes = bytes
    return attack
  }

  /// The attack with its bytes changed.
  fileprivate func patched(_ change: (inout [UInt8]) -> Void) -> Self {
    var attack = self
    change(&attack.bytes)
    return attack
  }
}

extension ForgedArchive {
  /// The archive as if bytes had been put before it: all its offsets say what was true without them.
  fileprivate func shifted(by amount: Int) -> ForgedArchive {
    var archive = self
    var offset = before.count
    for index in entries.indices {
      archive.entries[index].directoryOffset = offset + amount
      offset += 30 + entries[index].name.count + entries[index].data.count
    }
    archive.directoryOffset = offset + amount
    return archive
  }
}

extension [UInt8] {
  /// Where some bytes stand last.
  fileprivate func lastRange(of mark: [UInt8]) -> Int {
    indices.reversed().first { self[$0...].starts(with: mark) } ?? 0
  }
}
