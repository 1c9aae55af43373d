import WaybillLocks
import WaybillBytes

/// The labels of a dataset, in the order of the file or, where it lists none, of their first use in the survey.
///
/// Thread-safe, and it only grows: a label's position and contents never change once added. Names are compared by their bytes.
/// Readers of formats without a list of labels intern names while they decode, each worker through its own ``LabelCache``.
public final class LabelTable: Sendable {
  private struct Storage {
    var labels: [Label] = []
    var positions: [ExactText: LabelID] = [:]
  }
  private let storage: Lock<Storage>

  /// A table of labels.
  public init(_ labels: [Label] = []) {
    var first = Storage()
    for label in labels {
      first.positions[ExactText(label.name)] = first.positions[ExactText(label.name)] ?? LabelID(index: UInt32(first.labels.count))
      first.labels.append(label)
    }
    storage = Lock(first)
  }

  /// Number of labels.
  public var count: Int { storage.withLock { $0.labels.count } }

  /// All labels, as they are now.
  public var labels: [Label] { storage.withLock { $0.labels } }

  /// The label at a position.
  ///
  /// Takes a lock: loops use ``labels`` or a ``LabelCache``.
  public subscript(id: LabelID) -> Label? {
    storage.withLock { Int(id.index) < $0.labels.count ? $0.labels[Int(id.index)] : nil }
  }

  /// The first label of a name.
  public func id(named name: String) -> LabelID? { storage.withLock { $0.positions[ExactText(name)] } }

  /// The label of a name, added at the end if it is new.
  public func intern(_ name: String) -> LabelID {
    storage.withLock {
      if let known = $0.positions[ExactText(name)] { return known }
      let id = LabelID(index: UInt32($0.labels.count))
      $0.positions[ExactText(name)] = id
      $0.labels.append(Label(name: name))
      return id
    }
  }

  /// Adds a label, even one whose name is there already.
  @discardableResult public func append(_ label: Label) -> LabelID {
    storage.withLock {
      let id = LabelID(index: UInt32($0.labels.count))
      $0.positions[ExactText(label.name)] = $0.positions[ExactText(label.name)] ?? id
      $0.labels.append(label)
      return id
    }
  }
}

/// One worker's view of a label table: looks names up by their bytes, and labels up by position, without a lock once seen.
public final class LabelCache {
  /// The table behind it.
  public let table: LabelTable
  // One worker alone uses it.
  @exclusivity(unchecked) @usableFromInline var known: [Label]
  @exclusivity(unchecked) private var slots: [(hash: UInt64, id: LabelID?)]
  private var used = 0
  /// Names under which labels are found that are called otherwise.
  @exclusivity(unchecked) private var otherNames: [ExactText: LabelID] = [:]

  /// A view of a table.
  public init(_ table: LabelTable) {
    self.table = table
    known = table.labels
    slots = Array(repeating: (0, nil), count: 256)
  }

  /// The label at a position.
  public func label(_ id: LabelID) -> Label? {
    if Int(id.index) >= known.count { known = table.labels }
    return Int(id.index) < known.count ? known[Int(id.index)] : nil
  }

  /// Calls a closure with the UTF-8 of a label's name; with nothing when there is no such label.
  @inlinable @inline(__always) public func withName<R>(_ id: LabelID, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    if Int(id.index) >= known.count { look() }
    guard Int(id.index) < known.count else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    return known[Int(id.index)].name.utf8.withContiguousStorageIfAvailable(body) ?? slowName(id, body)
  }

  /// Looks for labels that have come since.
  @inline(never) @usableFromInline func look() { known = table.labels }

  @inline(never) @usableFromInline func slowName<R>(_ id: LabelID, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    var name = known[Int(id.index)].name
    return name.withUTF8(body)
  }

  /// The slot of a name, and its label if this view has seen it.
  @inline(__always) private func find(_ name: UnsafeBufferPointer<UInt8>) -> (slot: Int, hash: UInt64, id: LabelID?) {
    let hash = Hash64.hash(UnsafeRawBufferPointer(name)) | 1
    var at = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[at].hash != 0 {
      if slots[at].hash == hash, let id = slots[at].id, withName(id, { $0.holdsSameBytes(as: name) }) { return (at, hash, id) }
      at = (at + 1) & (slots.count - 1)
    }
    return (at, hash, nil)
  }

  /// Whether this view has interned a name.
  public func hasInterned(_ name: UnsafeBufferPointer<UInt8>) -> Bool { find(name).id != nil }

  /// The label of a name given as UTF-8, added to the table if it is new.
  public func intern(_ name: UnsafeBufferPointer<UInt8>) -> LabelID {
    let (at, hash, known) = find(name)
    if let known { return known }
    if !otherNames.isEmpty, let other = otherNames[ExactText(String(decoding: name, as: UTF8.self))] { return other }
    let id = table.intern(String(decoding: name, as: UTF8.self))
    slots[at] = (hash, id)
    used += 1
    if used * 2 > slots.count { rehash() }
    return id
  }

  /// Makes this view find a label under another name as well, such as one it had before it was renamed.
  public func add(_ name: String, for id: LabelID) { otherNames[ExactText(name)] = id }

  private func rehash() {
    let old = slots
    slots = Array(repeating: (0, nil), count: old.count * 2)
    for slot in old where slot.hash != 0 {
      var at = Int(truncatingIfNeeded: slot.hash) & (slots.count - 1)
      while slots[at].hash != 0 { at = (at + 1) & (slots.count - 1) }
      slots[at] = slot
    }
  }
}
