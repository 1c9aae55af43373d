import WaybillDatasetModel

/// The size of a picture in pixels.
public struct PixelSize: Sendable, Hashable {
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int

  /// A size.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The size that a sample's file gives; nil where it gives none.
  package init?(_ media: borrowing Media) {
    guard let width = media.width, let height = media.height else { return nil }
    self.init(width: width, height: height)
  }
}
