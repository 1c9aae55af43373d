import WaybillDatasetModel
import WaybillFormatSupport

/// The rule of formats that write one place of an annotation: keypoints with their box, else a polygon, else a box.
///
/// Readers of such formats take the box of a polygon from its points. A box that says the same is therefore written; one that
/// differs by less than a pixel is approximated; any other one is lost.
enum OnePlace {
  /// How the box beside a polygon agrees with the polygon's bounds.
  enum Agreement: Equatable {
    case same, near, other
  }

  private static let areas: FeatureSet = [.rotatedBox, .polygon, .polygonParts, .polygonHoles, .circle, .ellipse, .mask]

  /// Whether the features of an annotation are one place.
  static func isSaid(by features: FeatureSet) -> Bool {
    !features.contains(.polygon) || !(features.contains(.box) || features.contains(.keypoints))
  }

  /// What a target can hold of an annotation: beside keypoints, no shape with an area.
  static func abilities(_ abilities: FeatureSet, for features: FeatureSet) -> FeatureSet {
    features.contains(.keypoints) && abilities.contains(.keypoints) ? abilities.subtracting(areas) : abilities
  }

  /// What a target can hold beside a shape: no box beside a polygon.
  static func room(beside shape: Shape?, _ abilities: FeatureSet) -> FeatureSet {
    guard let shape, case .polygon = shape, shape.features.isSubset(of: abilities) else { return abilities }
    return abilities.subtracting([.box])
  }

  /// Takes the box away that stands beside a polygon that can be written, and says how it agreed; nil when there is none.
  static func takeBox(from annotation: inout Annotation, _ abilities: FeatureSet) -> Agreement? {
    guard let box = annotation.box, let shape = annotation.shape, case .polygon(let polygon) = shape,
      shape.features.isSubset(of: abilities)
    else { return nil }
    annotation.box = nil
    guard let bounds = Bounds.box(around: polygon.coordinates, unit: polygon.unit), bounds.unit == box.unit else { return .other }
    let corners = box.converted(to: .corners)
    var distance = 0.0
    for (a, b) in zip(bounds.numbers, corners.numbers) {
      guard (a - b).isFinite else { return .other }
      distance = max(distance, (a - b).magnitude)
    }
    // Shares of an image are compared as if it were a thousand pixels wide.
    let pixels = box.unit == .unit ? distance * 1000 : distance
    return pixels <= 1e-6 ? .same : pixels < 1 ? .near : .other
  }
}
