import Glibc
import TestSupport
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillObjectStore

extension StoreCheck {
  /// What is in a store, and what is not.
  static let contents = [
    StoreCheck("isEmptyAtFirst") { store, findings in
      findings.expect(try store.list("", after: nil, limit: 10), ObjectPage(objects: [], isLast: true))
      findings.expect(try store.info(key("a/b")), nil)
      findings.expect(try store.open(key("a/b")) == nil, "something is there")
      try store.delete(key("a/b"))
      try store.delete(key("a"))
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("keepsBytes") { store, findings in
      for (number, size) in [0, 1, 4095, 70_000, (1 << 20) - 1, 3 << 20].enumerated() {
        let name = "folder/object-\(number).bin"
        let upload = try store.upload(near: "folder")
        var bytes: [UInt8] = []
        while bytes.count < size {
          var piece = [UInt8](repeating: UInt8(number), count: min(size - bytes.count, 700_001))
          piece[piece.count / 2] = UInt8(truncatingIfNeeded: bytes.count)
          try upload.append(piece)
          bytes += piece
          findings.expect(upload.size, bytes.count)
        }
        findings.expect(try upload.commit(as: key(name)), true)
        findings.expect(try store.bytes(name) == bytes, "\(name) has other bytes")
        let info = try store.info(key(name))
        findings.expect(info?.size, size)
        findings.expect(info?.key.text, name)
        findings.expect(abs((info?.modifiedSeconds ?? 0) - Int64(time(nil))) < 86_400, "modified \(info?.modifiedSeconds ?? 0)")
      }
    },
    StoreCheck("readsAnywhere") { store, findings in
      var numbers = SeededNumbers(7)
      let words = (0..<2500).map { _ in [UInt8](repeating: UInt8(numbers.below(256)), count: 120) }
      let bytes = Array(words.joined())
      findings.expect(try store.create(key("a/b"), bytes), true)
      guard let source = try store.open(key("a/b")) else { return findings.add("is not there") }
      findings.expect(source.size, bytes.count)
      findings.expect(source.path.hasSuffix("a/b"), source.path)
      if let mapped = source.mapped { withExtendedLifetime(source) { findings.expect(Array(mapped) == bytes, "mapped") } }
      for (offset, count) in [(0, 0), (0, 1), (299_999, 1), (300_000, 0), (1, 299_998), (131_071, 131_074), (65_536, 65_536)] {
        findings.expect(try source.part(offset, count) == Array(bytes[offset..<(offset + count)]), "\(count) bytes at \(offset)")
      }
      for (offset, count) in [(300_000, 1), (0, 300_001), (-1, 1), (Int.max, 1), (300_001, 0), (Int.min, 0)] {
        findings.expect([.io]) { _ = try source.part(offset, count) }
      }
      findings.expect([.invalidInput]) { _ = try store.read(key("a/b"), limit: 299_999) }
    },
    StoreCheck("createsOnce") { store, findings in
      findings.expect(try store.create(key("a/b"), [1, 2, 3]), true)
      let first = try store.info(key("a/b"))
      findings.expect(try store.create(key("a/b"), [4]), false)
      findings.expect(try store.bytes("a/b"), [1, 2, 3])
      findings.expect(try store.info(key("a/b")), first)
      findings.expect(try store.keys(), ["a/b"])
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("createsFromBytesThatCanBeReadAgain") { store, findings in
      for (number, size) in [0, 1, 3_000_000].enumerated() {
        let bytes = [UInt8](repeating: UInt8(number + 1), count: size)
        let source = MemorySource(bytes, path: "memory")
        let digest = SHA256Digest(of: bytes).hex
        findings.expect(try store.create(key("a/\(number)"), copying: source, digest: digest), true)
        // Others, for who brings the same may be told that it was he.
        let other = MemorySource([0], path: "memory")
        findings.expect(
          try store.create(key("a/\(number)"), copying: other, digest: SHA256Digest(of: [0]).hex), false)
        findings.expect(try store.bytes("a/\(number)") == bytes, "\(size) bytes")
      }
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("showsNothingBeforeTheCommit") { store, findings in
      let upload = try store.upload(near: "a")
      try upload.append([UInt8](repeating: 7, count: 2 << 20))
      findings.expect(try store.keys(), [])
      findings.expect(try store.info(key("a/b")), nil)
      findings.expect(try upload.commit(as: key("a/b")), true)
      findings.expect(try store.keys(), ["a/b"])
      findings.expect([.io]) { try upload.append([1]) }
      findings.expect([.io]) { _ = try upload.commit(as: key("a/c")) }
      upload.abort()
      findings.expect(try store.info(key("a/b"))?.size, 2 << 20)
    },
    StoreCheck("forgetsWhatIsGivenUp") { store, findings in
      let upload = try store.upload(near: "a/deep/er")
      try upload.append([1, 2])
      upload.abort()
      upload.abort()
      findings.expect([.io]) { try upload.append([1]) }
      findings.expect([.io]) { _ = try upload.commit(as: key("a/b")) }
      try store.upload(near: "").append([1])
      findings.expect(try store.keys(), [])
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("discardsLeftovers") { store, findings in
      let upload = try store.upload(near: "a")
      try upload.append([1, 2])
      // A store may leave out what is still being written; what it names it must be able to discard, more than once.
      let leftovers = try store.leftovers()
      for leftover in leftovers {
        findings.expect(abs(leftover.modifiedSeconds - Int64(time(nil))) < 86_400, "\(leftover)")
        try store.discard(leftover)
        try store.discard(leftover)
      }
      findings.expect(try store.leftovers(), [])
      if !leftovers.isEmpty { findings.expect([.conflict, .io]) { _ = try upload.commit(as: key("a/b")) } }
      upload.abort()
      findings.expect(try store.keys(), [])
    },
    StoreCheck("takesKeysAtTheEnd") { store, findings in
      for (near, name) in [("", "top"), ("a", "b/c/d"), ("a/b/c", "e"), ("x", "x/y")] {
        let upload = try store.upload(near: near)
        try upload.append(Array(name.utf8))
        findings.expect(try upload.commit(as: key(name)), true)
        findings.expect(try store.bytes(name), Array(name.utf8))
        let second = try store.upload(near: near)
        try second.append([0])
        findings.expect(try second.commit(as: key(name)), false)
        findings.expect(try store.bytes(name), Array(name.utf8))
      }
      findings.expect(try store.keys(), ["b/c/d", "e", "top", "x/y"])
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("deletes") { store, findings in
      for name in ["a/b", "a/bc", "a/b-", "d/e/f"] { findings.expect(try store.create(key(name), [1]), true) }
      try store.delete(key("a/b"))
      findings.expect(try store.keys(), ["a/b-", "a/bc", "d/e/f"])
      try store.delete(key("a/b"))
      // Folders are no objects.
      try store.delete(key("d"))
      try store.delete(key("d/e"))
      try store.delete(key("d/e/f/g"))
      findings.expect(try store.keys(), ["a/b-", "a/bc", "d/e/f"])
      findings.expect(try store.open(key("a/b")) == nil, "is still there")
      findings.expect(try store.info(key("d/e")), nil)
      findings.expect(try store.open(key("d/e")) == nil, "a folder is no object")
      findings.expect(try store.create(key("a/b"), [2]), true)
      findings.expect(try store.bytes("a/b"), [2])
      for name in try store.keys() { try store.delete(key(name)) }
      findings.expect(try store.keys(), [])
    },
    StoreCheck("keepsWhatIsOpen") { store, findings in
      let bytes = [UInt8](repeating: 1, count: 200_000)
      findings.expect(try store.create(key("a/b"), bytes), true)
      guard let source = try store.open(key("a/b")), let old = try store.info(key("a/b")) else {
        return findings.add("is not there")
      }
      try store.replace(key("a/b"), with: [UInt8](repeating: 2, count: 200_000), expecting: old.revision)
      // The old bytes, or an error; never the new ones.
      for offset in [0, 100_000, 199_999] {
        do throws(DatasetError) { findings.expect(try source.bytes(offset..<(offset + 1)), [1]) } catch {
          findings.expect(error.code, .io)
        }
      }
      findings.expect(try store.bytes("a/b")?.first, 2)
      try store.delete(key("a/b"))
      findings.expect(source.size, 200_000)
    },
  ]
}

extension ByteSource {
  /// Some bytes from an offset on, which need not be there.
  func part(_ offset: Int, _ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xEE, count: count)
    try bytes.withUnsafeMutableBytes { try read(at: offset, into: $0) }
    return bytes
  }
}
