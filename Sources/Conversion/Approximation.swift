import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Which shapes may be written as which others when the target has no place for them: `--approximate polygon=box,circle=polygon`.
public struct Approximations: Sendable, Equatable {
  /// What each shape can stand in as.
  public static let possible: [(from: Feature, to: [Feature])] = [
    (.polygon, [.box]), (.mask, [.box]), (.rotatedBox, [.polygon, .box]), (.circle, [.polygon, .box]),
    (.ellipse, [.polygon, .box]), (.polyline, [.box]), (.keypoints, [.box]), (.box, [.polygon]),
  ]

  private var targets: [Feature: Feature] = [:]

  /// No approximation.
  public init() {}

  /// Whether there is none.
  public var isEmpty: Bool { targets.isEmpty }

  /// Reads `SHAPE=SHAPE,...` as given on the command line.
  public init(_ text: String) throws(DatasetError) {
    for item in text.split(separator: ",") {
      let pair = item.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2, let from = Feature(name: pair[0]), let to = Feature(name: pair[1]),
        Approximations.targets(of: from).contains(to)
      else {
        let known = Approximations.possible.flatMap { entry in entry.to.map { "\(entry.from.name)=\($0.name)" } }
        throw DatasetError(
          .usage, "\"\(terminalSafe(item))\" is no approximation; there are \(known.joined(separator: ", "))")
      }
      targets[from] = to
    }
  }

  /// What a shape can stand in as.
  public static func targets(of feature: Feature) -> [Feature] { possible.first { $0.from == feature }?.to ?? [] }

  /// Whether a shape may be written as another.
  func replaces(_ from: Feature, by target: Feature) -> Bool { targets[from] == target }

  /// Replaces what an annotation says in unsupported shapes by what the target can hold, and returns the features replaced.
  func apply(to annotation: inout Annotation, unsupported: FeatureSet, abilities: FeatureSet) -> FeatureSet {
    guard !targets.isEmpty else { return [] }
    var replaced = FeatureSet()
    if let shape = annotation.shape, !shape.features.intersection(unsupported).isEmpty, let target = targets[shape.kind],
      abilities.contains(target), replace(shape, in: &annotation, by: target)
    {
      replaced = replaced.union(shape.features)
    }
    if unsupported.contains(.keypoints), targets[.keypoints] == .box, abilities.contains(.box),
      let keypoints = annotation.keypoints,
      let box = annotation.box ?? Bounds.box(around: keypoints)
    {
      annotation.box = box
      annotation.keypoints = nil
      replaced.insert(.keypoints)
    }
    // A box beside a point, a line or keypoints is not said by them; beside a shape with an area it is.
    if unsupported.contains(.box), targets[.box] == .polygon, abilities.contains(.polygon), let box = annotation.box,
      annotation.shape?.hasArea ?? true
    {
      if annotation.shape == nil { annotation.shape = .polygon(Outlines.polygon(for: box)) }
      annotation.box = nil
      replaced.insert(.box)
    }
    return replaced
  }

  private func replace(_ shape: Shape, in annotation: inout Annotation, by target: Feature) -> Bool {
    if target == .box {
      guard let box = annotation.box ?? Bounds.box(around: shape) else { return false }
      annotation.box = box
      annotation.shape = nil
      return true
    }
    guard let polygon = Outlines.polygon(for: shape) else { return false }
    annotation.shape = .polygon(polygon)
    return true
  }
}

extension Shape {
  /// Whether the shape encloses something.
  var hasArea: Bool {
    switch self {
    case .rotatedBox, .polygon, .circle, .ellipse, .mask: true
    case .polyline, .point: false
    }
  }

  /// The feature of the kind of shape, without its refinements.
  var kind: Feature {
    switch self {
    case .rotatedBox: .rotatedBox
    case .polygon: .polygon
    case .polyline: .polyline
    case .circle: .circle
    case .ellipse: .ellipse
    case .point: .point
    case .mask: .mask
    }
  }
}
