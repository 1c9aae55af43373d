/// The yes-or-no marks of an annotation.
///
/// Absent is not false: each is true, false or not given.
public struct Flags: Hashable, Sendable {
  /// Bits that are given.
  @usableFromInline var given: UInt8
  /// Bits that are true, a subset of those given.
  @usableFromInline var set: UInt8

  /// No mark given.
  @inlinable public init() {
    given = 0
    set = 0
  }

  /// Whether any mark is given.
  @inlinable public var isEmpty: Bool { given == 0 }

  @inlinable func value(_ bit: UInt8) -> Bool? { given & bit == 0 ? nil : set & bit != 0 }

  @inlinable mutating func assign(_ bit: UInt8, _ value: Bool?) {
    given = value == nil ? given & ~bit : given | bit
    set = value == true ? set | bit : set & ~bit
  }

  /// Hard to recognise; evaluations leave it out (Pascal VOC).
  @inlinable public var difficult: Bool? {
    get { value(1) }
    set { assign(1, newValue) }
  }
  /// Reaches over the edge of the image.
  @inlinable public var truncated: Bool? {
    get { value(2) }
    set { assign(2, newValue) }
  }
  /// Partly hidden.
  @inlinable public var occluded: Bool? {
    get { value(4) }
    set { assign(4, newValue) }
  }
  /// Stands for a group that was not labeled one by one (COCO's `iscrowd`).
  @inlinable public var crowd: Bool? {
    get { value(8) }
    set { assign(8, newValue) }
  }
  /// Proposed, by a machine or in an import, and waits for a person to confirm it.
  @inlinable public var unconfirmed: Bool? {
    get { value(16) }
    set { assign(16, newValue) }
  }
}
