import WaybillBytes

/// The keys of the record before, in order and with their punctuation: most records of a list have the same ones.
///
/// A key that stands where it stood before is recognised by one comparison of up to 32 bytes, and its meaning is not asked for again.
/// What is not recognised is read as ever, so a trail changes the cost of a record and never what is read.
public struct JSONKeyTrail: ~Copyable {
  /// Most keys a trail follows; those behind them are read as ever.
  @usableFromInline static let limit = 32

  /// A key with all that stands between the value before it and its own: a comma, white space, quotes, a colon.
  @usableFromInline struct Step {
    /// The bytes, and which of them count.
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    @usableFromInline var masks: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    /// How many bytes there are; none where a key is too long for a trail.
    @usableFromInline var length = 0
    /// Where the key stands among them.
    @usableFromInline var keyStart = 0
    @usableFromInline var keyLength = 0
    @usableFromInline var meaning: UInt8 = 0

    @usableFromInline init() {}
  }

  @usableFromInline let steps: UnsafeMutablePointer<Step>
  @usableFromInline var position = 0

  /// A trail that knows nothing yet.
  public init() {
    steps = .allocate(capacity: JSONKeyTrail.limit)
    steps.initialize(repeating: Step(), count: JSONKeyTrail.limit)
  }

  deinit { steps.deallocate() }

  /// Notes what a key looked like, for the next record.
  @usableFromInline @inline(never)
  mutating func note(_ start: UnsafePointer<UInt8>, _ length: Int, _ key: JSONString, _ meaning: UInt8) {
    guard position < JSONKeyTrail.limit else { return }
    var step = Step()
    if length <= 32, !key.hasEscape {
      step.length = length
      step.keyStart = key.raw.baseAddress.unsafelyUnwrapped - start
      step.keyLength = key.raw.count
      step.meaning = meaning
      withUnsafeMutableBytes(of: &step.words) { $0.copyMemory(from: UnsafeRawBufferPointer(start: start, count: length)) }
      withUnsafeMutableBytes(of: &step.masks) { masks in
        for at in 0..<length { masks[at] = 0xFF }
      }
    }
    steps[position] = step
  }
}

/// A key and what it means to the one who reads.
public struct JSONMeantKey {
  /// The key.
  public let key: JSONString
  /// What the reader said it means.
  public let meaning: UInt8

  @inlinable init(key: JSONString, meaning: UInt8) {
    self.key = key
    self.meaning = meaning
  }
}

extension JSONScanner {
  /// Enters an object whose keys are looked for on a trail.
  @inlinable @inline(__always) public mutating func beginObject(_ trail: inout JSONKeyTrail) throws(JSONFault) -> Progress {
    trail.position = 0
    return try beginObject()
  }

  /// The next key of the object and its meaning, with the scanner on its value; nil when the object has ended.
  ///
  /// The closure says what a key means; it is asked only for keys that are not on the trail.
  @inlinable @inline(__always) public mutating func nextKey(
    _ progress: inout Progress, _ trail: inout JSONKeyTrail, _ meaning: (JSONString) -> UInt8
  ) throws(JSONFault) -> JSONMeantKey? {
    if trail.position < JSONKeyTrail.limit, end - p > 32 {
      let step = trail.steps + trail.position
      let raw = UnsafeRawPointer(p)
      let words = step.pointee.words
      let masks = step.pointee.masks
      let different =
        ((raw.loadUnaligned(as: UInt64.self) ^ words.0) & masks.0)
        | ((raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ words.1) & masks.1)
        | ((raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self) ^ words.2) & masks.2)
        | ((raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self) ^ words.3) & masks.3)
      // White space that was not there before is for the other way to pass over.
      if different == 0, step.pointee.length > 0, p[step.pointee.length] > 0x20 {
        let start = p + step.pointee.keyStart
        p += step.pointee.length
        trail.position &+= 1
        progress.isFirst = false
        return JSONMeantKey(
          key: JSONString(start: start, end: start + step.pointee.keyLength, hasEscape: false), meaning: step.pointee.meaning)
      }
    }
    return try nextUnknownKey(&progress, &trail, meaning)
  }

  /// Reads a key that is not where it was in the record before.
  @inlinable @inline(never) mutating func nextUnknownKey(
    _ progress: inout Progress, _ trail: inout JSONKeyTrail, _ meaning: (JSONString) -> UInt8
  ) throws(JSONFault) -> JSONMeantKey? {
    let start = p
    guard let key = try nextKey(&progress) else { return nil }
    let meant = meaning(key)
    trail.note(start, p - start, key, meant)
    trail.position &+= 1
    return JSONMeantKey(key: key, meaning: meant)
  }
}
