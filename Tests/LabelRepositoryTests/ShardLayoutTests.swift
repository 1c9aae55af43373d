import TestSupport
import Testing

@testable import WaybillLabelRepository

@Suite struct ShardLayoutTests {
  /// The FNV-1a hash of 64 bits, as its authors give it for some texts.
  @Test(arguments: [
    ("", 0xCBF2_9CE4_8422_2325 as UInt64), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
  ]) func theHashIsFNV(_ key: String, _ hash: UInt64) {
    let folded = Int((hash ^ (hash >> 32)) & 0xFFFF_FFFF)
    for count in [2, 3, 8, 64, 1000, 4096] { #expect(ShardLayout(count: count).shard(of: key) == folded % count) }
    #expect(ShardLayout(count: 1).shard(of: key) == 0)
  }

  @Test func keysAreHashedAsUTF8() {
    let layout = ShardLayout(count: 4096)
    for key in ["a.jpg", "\u{E9}", "e\u{301}", "street/\u{1F600}.png", ""] {
      #expect(Array(key.utf8).withUnsafeBytes { layout.shard(ofKey: $0) } == layout.shard(of: key))
    }
    #expect(layout.shard(of: "\u{E9}") != layout.shard(of: "e\u{301}"))
  }

  @Test(arguments: [2, 3, 8, 64, 256]) func keysAreSpreadEvenly(_ count: Int) {
    let layout = ShardLayout(count: count)
    var found = Array(repeating: 0, count: count)
    let total = 400 * count
    for number in 0..<total { found[layout.shard(of: "images/street_\(number).jpg")] += 1 }
    #expect(found.min() ?? 0 > 280 && found.max() ?? 0 < 540, "\(found)")
  }

  @Test(arguments: [
    (1, 0, "all"), (2, 0, "00"), (2, 1, "01"), (16, 15, "0f"), (256, 255, "ff"), (257, 0, "000"), (257, 256, "100"),
    (4096, 4095, "fff"), (4096, 10, "00a"),
  ]) func filesHaveNames(_ count: Int, _ shard: Int, _ name: String) {
    let layout = ShardLayout(count: count)
    #expect(layout.name(of: shard) == "\(name).waybill.jsonl")
    #expect(layout.path(of: shard) == "labels/\(name).waybill.jsonl")
  }

  @Test(arguments: [1, 2, 255, 256, 257, 4096]) func namesDifferAndStandInOrder(_ count: Int) {
    let layout = ShardLayout(count: count)
    let names = (0..<count).map(layout.name)
    #expect(names == names.sorted() && layout.names == Set(names) && layout.names.count == count)
  }
}
