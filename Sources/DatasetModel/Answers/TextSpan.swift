/// A range of a sample's text; the end is exclusive.
public struct TextSpan: Hashable, Sendable {
  /// What positions count.
  public enum Unit: UInt8, Sendable {
    /// Unicode scalars (code points).
    case scalars
    /// UTF-16 code units.
    case utf16
    /// UTF-8 bytes.
    case utf8
  }

  /// First position.
  public var start: Int
  /// Position after the last.
  public var end: Int
  /// What positions count.
  public var unit: Unit

  /// A range of text.
  public init(start: Int, end: Int, unit: Unit) {
    self.start = start
    self.end = end
    self.unit = unit
  }
}

/// A relation from one annotation of a sample to another; what it means is the annotation's label.
public struct Link: Hashable, Sendable {
  /// Id of the annotation it leads from.
  public var source: AnnotationID
  /// Id of the annotation it leads to.
  public var target: AnnotationID

  /// A relation between two annotations.
  public init(source: AnnotationID, target: AnnotationID) {
    self.source = source
    self.target = target
  }
}

/// That something is hard for a model, how hard, and why.
public struct HardExample: Hashable, Sendable {
  /// Whether it is marked as hard.
  public var isHard: Bool?
  /// How hard, 0 to 1.
  public var coefficient: Double?
  /// Numbers of the reasons.
  public var reasons: [Int]

  /// A hard-example mark.
  public init(isHard: Bool? = nil, coefficient: Double? = nil, reasons: [Int] = []) {
    self.isHard = isHard
    self.coefficient = coefficient
    self.reasons = reasons
  }
}
