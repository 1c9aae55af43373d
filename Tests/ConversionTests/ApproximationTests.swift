import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillConversion

@Suite struct ApproximationTests {
  @Test(arguments: ["", "polygon=box", "circle=polygon,ellipse=box", "rotated-box=polygon,", ",,", "circle=box,circle=polygon"])
  func reads(text: String) throws {
    #expect(try Approximations(text).isEmpty == text.allSatisfy { $0 == "," })
  }

  @Test(arguments: [
    "polygon", "polygon=", "=box", "box=circle", "polygon=polygon", "polygon=box=box", "nothing=box", "point=box", "\u{1B}=box",
    "rotatedBox=box", " polygon=box",
  ])
  func refuses(text: String) {
    let error = #expect(throws: DatasetError.self) { try Approximations(text) }
    #expect(error?.code == .usage && error?.message.contains("polygon=box") == true && error?.message.contains("\u{1B}") == false)
  }

  private func apply(_ text: String, _ annotation: Annotation, abilities: FeatureSet) throws -> (Annotation, FeatureSet) {
    var changed = annotation
    let replaced = try Approximations(text).apply(
      to: &changed, unsupported: annotation.features.subtracting(abilities), abilities: abilities)
    return (changed, replaced)
  }

  private let circle = Shape.circle(Circle(centerX: 5, centerY: 5, radius: 2))
  private let triangle = Shape.polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3]))
  private let small = Box(1, 1, 1, 1, form: .extent)

  @Test func shapesBecomeWhatTheTargetHolds() throws {
    let (first, replaced) = try apply("polygon=box", Annotation(shape: triangle), abilities: [.box])
    #expect(first == Annotation(box: Box(0, 0, 4, 3, form: .corners)) && replaced == [.polygon])
    let (second, both) = try apply("circle=polygon", Annotation(shape: circle), abilities: [.polygon])
    #expect(second.features == [.polygon] && both == [.circle])
    // The box that is there is better than one made from the shape.
    let (third, _) = try apply("polygon=box", Annotation(box: small, shape: triangle), abilities: [.box])
    #expect(third == Annotation(box: small))
    let parts = Shape.polygon(Polygon(coordinates: [0, 0, 4, 0, 4, 3, 9, 9, 8, 8, 9, 8], ringEnds: [6]))
    let (fourth, replacedParts) = try apply("polygon=box", Annotation(shape: parts), abilities: [.box, .polygon])
    #expect(fourth.box?.numbers == [0, 0, 9, 9] && fourth.shape == nil && replacedParts == [.polygon, .polygonParts])
  }

  @Test func nothingHappensWithoutNeedOrAbility() throws {
    for (text, abilities) in [("polygon=box", [.polygon, .box]), ("polygon=box", [.mask]), ("circle=box", [.box]), ("", [.box])]
      as [(String, FeatureSet)]
    {
      let (same, replaced) = try apply(text, Annotation(shape: triangle), abilities: abilities)
      #expect(same == Annotation(shape: triangle) && replaced.isEmpty)
    }
    let empty = Annotation(shape: .polygon(Polygon(coordinates: [])))
    let (same, replaced) = try apply("polygon=box", empty, abilities: [.box])
    #expect(same == empty && replaced.isEmpty)
  }

  @Test func boxesBecomePolygons() throws {
    let (plain, replaced) = try apply("box=polygon", Annotation(box: small), abilities: [.polygon])
    #expect(plain == Annotation(shape: .polygon(Polygon(coordinates: [1, 1, 2, 1, 2, 2, 1, 2]))) && replaced == [.box])
    let (beside, also) = try apply("box=polygon", Annotation(box: small, shape: triangle), abilities: [.polygon])
    #expect(beside == Annotation(shape: triangle) && also == [.box])
    // A point does not say what a box says: the box is lost, not approximated.
    let point = Annotation(box: small, shape: .point(Point(x: 1, y: 1)))
    let (same, none) = try apply("box=polygon", point, abilities: [.polygon, .point])
    #expect(same == point && none.isEmpty)
  }

  @Test func keypointsBecomeBoxes() throws {
    var annotation = Annotation()
    annotation.keypoints = Keypoints(points: [
      .init(x: 1, y: 2, visibility: 2), .init(x: 5, y: 9, visibility: 1), .init(x: 0, y: 0, visibility: 0),
    ])
    let (made, replaced) = try apply("keypoints=box", annotation, abilities: [.box])
    #expect(made.box?.numbers == [1, 2, 5, 9] && made.keypoints == nil && replaced == [.keypoints])
    annotation.keypoints = Keypoints(points: [.init(x: 0, y: 0, visibility: 0)])
    let (same, none) = try apply("keypoints=box", annotation, abilities: [.box])
    #expect(same == annotation && none.isEmpty)
  }

  @Test func everyPossibleTargetCanBeAsked() throws {
    for (from, targets) in Approximations.possible {
      #expect(Approximations.targets(of: from) == targets)
      for to in targets { #expect(try !Approximations("\(from.name)=\(to.name)").isEmpty) }
    }
    #expect(Approximations.targets(of: .point).isEmpty)
  }
}
