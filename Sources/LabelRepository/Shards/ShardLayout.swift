import WaybillBytes
import WaybillNative

/// Which file of a repository holds a sample.
///
/// One file holds all, or they are spread by the FNV-1a hash (64 bits, both halves joined by exclusive or) of the UTF-8 of the key, modulo
/// the number of files; so a sample that is added or removed moves no other.
public struct ShardLayout: Sendable, Equatable {
  /// Number of files.
  public let count: Int

  /// A number of files.
  public init(count: Int) { self.count = count }

  /// The file of a key.
  public func shard(of key: String) -> Int {
    if count == 1 { return 0 }
    return key.withBytes { shard(ofKey: UnsafeRawBufferPointer($0)) }
  }

  /// The file of a key given as UTF-8.
  @inline(__always) func shard(ofKey key: UnsafeRawBufferPointer) -> Int {
    if count == 1 { return 0 }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return Int((hash ^ hash >> 32) & 0xFFFF_FFFF) % count
  }

  /// The path of a file, from the root of the repository.
  public func path(of shard: Int) -> String { "\(NativeHeaderText.labelFolder)/\(name(of: shard))" }

  /// The name of a file: `all`, or the number in as many hexadecimal digits as the last one has, two at least.
  func name(of shard: Int) -> String {
    if count == 1 { return "all\(ShardLayout.ending)" }
    let width = max(2, String(count - 1, radix: 16).count)
    let digits = String(shard, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits + ShardLayout.ending
  }

  /// The names of all files.
  var names: Set<String> { Set((0..<count).map(name)) }

  /// The ending of the files.
  static let ending = ".waybill.jsonl"
}
