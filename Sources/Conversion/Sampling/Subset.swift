import WaybillBytes

/// A part of a dataset, the same every time: each sample is in or out by a hash of the seed and its key.
///
/// No other property of the sample counts, nor its place, nor the number of threads; samples that share a key share their fate in
/// a share. The hash of a key is the same in every version of this library.
public struct Subset: Sendable, Equatable {
  /// How many samples.
  public enum Size: Sendable, Equatable {
    /// So many, those with the smallest hashes; all when there are not so many.
    case count(Int)
    /// So large a share, above 0 and at most 1: those with hashes below it, so that adding samples moves no other in or out.
    case share(Double)
  }

  /// How many samples.
  public var size: Size
  /// Another seed gives another subset.
  public var seed: UInt64
  /// Whether the labels keep their shares.
  ///
  /// Every sample belongs to the one of its labels that the fewest samples have (to the earlier one in the table where there are as
  /// many), or to none when it is unlabeled. Each of these groups gives its share of the subset, rounded by largest remainders, and
  /// of it the samples with the smallest hashes.
  public var isStratified: Bool

  /// A part of a dataset.
  public init(_ size: Size, seed: UInt64 = 0, isStratified: Bool = false) {
    self.size = size
    self.seed = seed
    self.isStratified = isStratified
  }

  /// The hash by which a key is in or out.
  public static func hash(of key: String, seed: UInt64) -> UInt64 {
    var key = key
    return key.withUTF8 { Hash64.hash(UnsafeRawBufferPointer($0), seed: Hash64.fold(seed &+ 0x9E37_79B9_7F4A_7C15)) }
  }

  /// The first hash that is out of a share; nil when none is.
  static func bound(ofShare share: Double) -> UInt64? {
    share >= 1 ? nil : UInt64(exactly: (max(0, share) * 0x1p64).rounded(.down))
  }
}
