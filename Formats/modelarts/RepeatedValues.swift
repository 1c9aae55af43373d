import WaybillBytes
import WaybillDatasetModel

/// Values that come again and again in a manifest, such as authors, made once and then shared.
struct RepeatedTexts: ~Copyable {
  private var slots: [(hash: UInt64, text: String)]

  init() { slots = Array(repeating: (0, ""), count: 128) }

  /// The text of UTF-8 bytes.
  mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    // Short texts cost no allocation.
    if bytes.count <= 15 || bytes.count > 128 { return String(decoding: bytes, as: UTF8.self) }
    let hash = Hash64.hash(UnsafeRawBufferPointer(bytes)) | 1
    let at = Int(truncatingIfNeeded: hash >> 1) & 127
    if slots[at].hash == hash, slots[at].text.utf8.withContiguousStorageIfAvailable({ sameBytes($0, bytes) }) == true {
      return slots[at].text
    }
    let text = String(decoding: bytes, as: UTF8.self)
    slots[at] = (hash, text)
    return text
  }
}

/// Labels that come again and again, by the bytes of their names.
struct RepeatedLabels: ~Copyable {
  private var slots: [(text: [UInt8], id: LabelID)]

  init() { slots = Array(repeating: ([], LabelID(index: 0)), count: 64) }

  /// The label of a name.
  @inline(__always) mutating func label(_ name: UnsafeBufferPointer<UInt8>, _ labels: LabelCache) -> LabelID {
    guard name.count > 0 else { return labels.intern(name) }
    let first = Int(name[0])
    let last = Int(name[name.count &- 1])
    let at = (first ^ (last &* 7) ^ (name.count &* 5)) & 63
    if slots[at].text.withUnsafeBufferPointer({ sameBytes($0, name) }) { return slots[at].id }
    let id = labels.intern(name)
    slots[at] = (Array(name), id)
    return id
  }
}

/// Preserved members that come again and again, made once and then shared.
struct RepeatedMembers: ~Copyable {
  private var slots: [(hash: UInt64, members: [UInt8], preserved: Preserved)]

  init() { slots = Array(repeating: (0, [], Preserved()), count: 256) }

  /// The preserved members of this format for some text.
  mutating func preserved(_ members: UnsafeRawBufferPointer) -> Preserved {
    if members.count > 512 { return Preserved(ModelArtsFormat.id, members: Array(members)) }
    let hash = Hash64.hash(members) | 1
    let at = Int(truncatingIfNeeded: hash >> 1) & 255
    if slots[at].hash == hash {
      let isSame = slots[at].members.withUnsafeBufferPointer { sameBytes($0, members.assumingMemoryBound(to: UInt8.self)) }
      if isSame { return slots[at].preserved }
    }
    let copy = Array(members)
    let preserved = Preserved(ModelArtsFormat.id, members: copy)
    slots[at] = (hash, copy, preserved)
    return preserved
  }
}

/// Properties that come again and again and hold nothing but members to keep: recognised by their bytes, not read again.
struct RepeatedProperties: ~Copyable {
  private var slots: [(text: [UInt8], members: [UInt8])]

  init() { slots = Array(repeating: ([], []), count: 64) }

  private func slot(_ start: UnsafeRawPointer) -> Int {
    var hash: UInt64 = 0
    for at in 0..<4 { hash = Hash64.fold(hash ^ start.loadUnaligned(fromByteOffset: at &* 8, as: UInt64.self)) }
    return Int(truncatingIfNeeded: hash) & 63
  }

  /// Adds the members of a property that is known, and returns its length; 0 when it is not known.
  mutating func pass(_ rest: UnsafeRawBufferPointer, _ members: inout ByteBuffer) -> Int {
    guard rest.count >= 32, let start = rest.baseAddress else { return 0 }
    let at = slot(start)
    return slots[at].text.withUnsafeBufferPointer { text in
      guard !text.isEmpty, text.count <= rest.count else { return 0 }
      let same = UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: text.count)
      guard sameBytes(text, same) else { return 0 }
      if !members.isEmpty { members.append(UInt8(ascii: ",")) }
      slots[at].members.withUnsafeBytes { members.append($0) }
      return text.count
    }
  }

  /// Learns a property and the members it left.
  mutating func learn(_ rest: UnsafeRawBufferPointer, count: Int, members: [UInt8]) {
    guard rest.count >= 32, count <= 256, count <= rest.count, let start = rest.baseAddress else { return }
    slots[slot(start)] = (Array(rest[..<count]), members)
  }
}

/// Members of an object being put together: `"key":value` joined by commas.
struct MemberText: ~Copyable {
  var bytes = ByteBuffer(capacity: 512)
  private var foreignKeys = ByteKeys()

  var isEmpty: Bool { bytes.isEmpty }

  mutating func removeAll() {
    bytes.removeAll()
    foreignKeys.removeAll()
  }

  /// Begins a member under a key of the format's own making.
  mutating func begin(_ key: StaticString) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(key)
    bytes.append("\":")
  }

  /// Adds a member as the file has it; false if the key was added before.
  ///
  /// Keys that begin with `@` get a second one, so that they are not taken for this format's own marks.
  mutating func add(_ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeRawBufferPointer, marksOwn: Bool) -> Bool {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    let start = bytes.count
    if marksOwn, key.first == UInt8(ascii: "@") { bytes.append(UInt8(ascii: "@")) }
    bytes.append(key)
    guard foreignKeys.insert(start..<bytes.count, in: bytes.bytes) else { return false }
    bytes.append("\":")
    bytes.appendCompacted(value: value)
    return true
  }
}

/// Whether a number would be written with the same characters again.
func isPlainNumber(_ text: UnsafeRawBufferPointer, _ value: Double) -> Bool {
  var digits = 0
  var hasPoint = false
  var isSimple = text.count > 0 && text.count <= 16
  for byte in text {
    if byte == UInt8(ascii: ".") { hasPoint = true } else if byte &- 48 <= 9 { digits += 1 } else { isSimple = false }
  }
  let magnitude = value.magnitude
  if isSimple, digits <= 15, hasPoint ? text[text.count - 1] != 48 && magnitude >= 1e-3 : true { return true }
  var out = ByteBuffer(capacity: 64)
  out.append(value)
  return sameBytes(out.bytes.assumingMemoryBound(to: UInt8.self), text.assumingMemoryBound(to: UInt8.self))
}
