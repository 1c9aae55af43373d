/// How Pascal VOC files are spelled: where pixels are counted from, which shapes are written, and the layout.
public struct VOCDialect: Sendable {
  /// The look of a file: declaration and indentation.
  public enum Layout: Sendable {
    /// No declaration, tabs: VOCdevkit and labelImg.
    case devkit
    /// `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`, four spaces: the ModelArts service.
    case service
    /// `<?xml version="1.0" ?>`, tabs: the ModelArts SDK.
    case sdk
  }

  /// Where pixels are counted from: 0 or 1.
  ///
  /// 0: numbers are continuous edges as written. 1: pixels are counted from 1 and corners are inclusive, so the edges of a
  /// `bndbox` are xmin - 1, ymin - 1, xmax, ymax; writing adds the one back. Other shapes are never shifted.
  public var origin: Int
  /// Whether shapes other than `bndbox` are written; reading always accepts them.
  public var allowsExtendedShapes: Bool
  /// The look of the files written.
  public var layout: Layout
  /// What is written for `folder` when the document has none.
  public var folder: String?
  /// Whether `truncated`, `difficult`, `occluded` and `depth` are written as 0 when the document does not give them.
  ///
  /// Some readers cannot do without. Read back, the marks are given. A document that was decoded in a dialect of this kind stays
  /// without what its file did not have.
  public var fillsFlags: Bool

  /// Whether colours of masks are read, so that objects without any other place are none without a place.
  public var readsMaskColors = false

  /// A spelling.
  public init(
    origin: Int = 0, allowsExtendedShapes: Bool = false, layout: Layout = .devkit, folder: String? = nil, fillsFlags: Bool = false
  ) {
    self.origin = origin
    self.allowsExtendedShapes = allowsExtendedShapes
    self.layout = layout
    self.folder = folder
    self.fillsFlags = fillsFlags
  }
}
