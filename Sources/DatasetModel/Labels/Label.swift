/// A label by its position in the dataset's table.
public struct LabelID: Hashable, Sendable, Comparable {
  /// Position in the table.
  public var index: UInt32

  /// The label at a position.
  @inlinable public init(index: UInt32) { self.index = index }
  /// Labels are ordered as in the table.
  @inlinable public static func < (a: LabelID, b: LabelID) -> Bool { a.index < b.index }
}

/// A class, entity type, speaker or relation that annotations can carry.
public struct Label: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The id the file gave.
  public var id: RecordID?
  /// The name of the group it belongs to (COCO's `supercategory`).
  public var parent: String?
  /// How tools show and draw it.
  public var style: Style
  /// Attributes its annotations can have.
  public var attributes: [AttributeDefinition]
  /// For a relation: the names of the labels it leads from and to.
  public var relation: Relation?
  /// Names of its keypoints.
  public var keypointNames: [String]?
  /// Pairs of keypoints joined by a line, numbered as in the file (COCO counts from 1).
  public var skeleton: [[Int]]?
  /// Fields the model has no place for.
  public var preserved: Preserved

  /// How tools show and draw a label.
  public struct Style: Hashable, Sendable {
    /// `#RRGGBB`.
    public var color: String?
    /// Key on the keyboard.
    public var shortcut: String?
    /// Name of the shape tools offer first.
    public var defaultShape: String?

    /// A style.
    public init(color: String? = nil, shortcut: String? = nil, defaultShape: String? = nil) {
      self.color = color
      self.shortcut = shortcut
      self.defaultShape = defaultShape
    }
  }

  /// What a relation joins.
  public struct Relation: Hashable, Sendable {
    /// Name of the label it leads from.
    public var source: String
    /// Name of the label it leads to.
    public var target: String

    /// What a relation joins.
    public init(source: String, target: String) {
      self.source = source
      self.target = target
    }
  }

  /// A label of a name.
  public init(name: String, id: RecordID? = nil, parent: String? = nil) {
    self.name = name
    self.id = id
    self.parent = parent
    self.style = Style()
    self.attributes = []
    self.preserved = Preserved()
  }
}

/// An attribute that annotations of a label can have.
public struct AttributeDefinition: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The type, such as `text`, `select`, `number` or `boolean`.
  public var type: String
  /// The values to choose from.
  public var values: [String]
  /// The value of a new annotation.
  public var defaultValue: String?

  /// An attribute of a type.
  public init(name: String, type: String, values: [String] = [], defaultValue: String? = nil) {
    self.name = name
    self.type = type
    self.values = values
    self.defaultValue = defaultValue
  }
}
