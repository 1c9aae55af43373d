import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// What a COCO file is made of.
enum COCOKind: String, Sendable {
  /// Lists of images, annotations and categories.
  case instances
  /// A list of results, which names images and categories by their ids.
  case results
  /// Lists as in ``instances``, with segments for annotations whose pixels are in PNG files.
  case panoptic
  /// A list of results that was joined to the images and categories of another file; written as ``instances``.
  case joined
}

/// What tells a file that is no plain file of instances from one.
final class COCOVariant: Sendable {
  let kind: COCOKind
  /// The file with the images, when it is another.
  let imageFile: COCOFile?
  /// Whether there is no list of images, so that `image_id` is all that is known of them.
  let impliesImages: Bool
  /// The folder of a panoptic file's PNG files.
  let segmentFolder: Folder?

  init(_ kind: COCOKind, imageFile: COCOFile?, impliesImages: Bool, segmentFolder: Folder?) {
    self.kind = kind
    self.imageFile = imageFile
    self.impliesImages = impliesImages
    self.segmentFolder = segmentFolder
  }
}

/// Names of files and folders that options give.
enum OptionPath {
  /// The path an option means: absolute, or below the folder of the input.
  static func resolve(_ text: String, _ input: DatasetInput) -> String {
    text.utf8.first == UInt8(ascii: "/") ? text : joinedPath(input.folder, text)
  }
}
