import WaybillDiagnostics
import WaybillLocks

@testable import WaybillFiles

/// Files in memory, as an archive would show them, that counts how often one is mapped.
final class FakeTree: MountedTree {
  let paths: [String]
  let skipped: [FileTree.Skipped]
  let origins: [String]
  private let texts: [String]
  private let count = Lock(0)

  init(_ files: [String: String], skipped: [FileTree.Skipped] = [], origins: [String] = []) {
    let sorted = files.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
    paths = sorted.map(\.key)
    texts = sorted.map(\.value)
    self.skipped = skipped
    self.origins = origins
  }

  /// How many files were mapped so far.
  var mapCount: Int { count.withLock { $0 } }

  func size(at position: Int) -> Int { texts[position].utf8.count }

  func map(_ position: Int, as path: String) throws(DatasetError) -> MappedFile {
    count.withLock { $0 += 1 }
    guard texts[position] != "damaged" else { throw DatasetError(.invalidInput, "is damaged", path: path) }
    return MappedFile(adopting: memory(texts[position]), path: path)
  }
}

/// The bytes of a text in memory of their own.
func memory(_ text: String) -> UnsafeMutableRawBufferPointer {
  let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 16)
  bytes.copyBytes(from: Array(text.utf8))
  return bytes
}
