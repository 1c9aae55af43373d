import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// One Pascal VOC annotation file, as the `pascal-voc` format reads it and as ModelArts keeps it beside a manifest.
public struct VOCDocument: Sendable, Equatable {
  /// `folder`, as written; nil when the element is absent, empty when it is empty.
  public var folder: String?
  /// `filename`.
  public var filename: String?
  /// `path`.
  public var path: String?
  /// `source/database`.
  public var database: String?
  /// `size/width` in pixels.
  public var width: Int?
  /// `size/height` in pixels.
  public var height: Int?
  /// `size/depth`: samples per pixel.
  public var depth: Int?
  /// `segmented`.
  public var segmented: Bool?
  /// `mask_source` (ModelArts): place of the mask picture.
  public var maskSource: String?
  /// The objects, one annotation each; the parts of an object follow it as annotations of their own, see ``Annotation/partOf``.
  public var annotations: [Annotation]
  /// Where an object with an error was left out: the number of annotations before it, once for each.
  public var omissions: [Int]
  /// The colours of objects whose pixels are in the picture that ``maskSource`` names, by position in ``annotations``.
  ///
  /// Read where the dialect asks for it, of objects without a shape other than a box; such objects need no box.
  public var maskColors: [Int: UInt32]
  /// What else the file says, for the writer: unknown elements and the file's own order and layout.
  public var preserved: Preserved

  /// An empty file.
  public init() {
    annotations = []
    omissions = []
    maskColors = [:]
    preserved = Preserved()
  }
}
