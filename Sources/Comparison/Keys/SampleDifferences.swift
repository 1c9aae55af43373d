import WaybillFormatSupport

/// The samples that may differ, in the order of their keys: sixteen bytes each.
struct SampleDifferences: Sendable {
  /// The positions of a sample on both sides; -1 where it is not there.
  struct Entry: Sendable {
    var old: Int
    var new: Int
  }

  /// The samples that may differ.
  var entries: [Entry] = []
  /// How many are known to be the same.
  var unchanged = 0
}

/// Samples that may differ, with their keys, until they can be put in order.
struct UnorderedDifferences {
  private var entries: [(entry: SampleDifferences.Entry, key: Range<Int>)] = []
  /// The keys end to end.
  private var keys: [UInt8] = []

  /// Adds a sample.
  mutating func add(_ entry: SampleDifferences.Entry, key: UnsafeRawBufferPointer) {
    let start = keys.count
    keys.append(contentsOf: key)
    entries.append((entry, start..<keys.count))
  }

  /// The samples in the order of their keys.
  consuming func sorted() -> [SampleDifferences.Entry] {
    keys.withUnsafeBytes { bytes in
      entries.sort { a, b in
        SampleRecord.order(UnsafeRawBufferPointer(rebasing: bytes[a.key]), UnsafeRawBufferPointer(rebasing: bytes[b.key])) < 0
      }
    }
    return entries.map(\.entry)
  }
}
