import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillConversion

/// Targets that write one place of an annotation.
@Suite struct OnePlaceTests {
  static let outline: [Double] = [10, 20, 40, 20, 40, 60.5]

  static func annotation(_ box: Box?, _ outline: [Double]? = outline, unit: CoordinateUnit = .pixels, keypoints: Bool = false)
    -> Annotation
  {
    var annotation = Annotation(label: LabelID(index: 0), box: box)
    if let outline { annotation.shape = .polygon(Polygon(coordinates: outline, unit: unit)) }
    if keypoints { annotation.keypoints = Keypoints(points: [.init(x: 1, y: 2, visibility: 2)]) }
    return annotation
  }

  private func audit(
    _ annotation: Annotation, _ abilities: FeatureSet, _ approximations: String = ""
  ) throws -> (annotation: Annotation?, ledger: Ledger) {
    var sample = Sample(key: "k", media: Media(.image))
    sample.annotations = [annotation]
    var ledger = Ledger()
    let auditor = Auditor(
      abilities: abilities.union([.image, .label]), sections: ["*"], approximations: try Approximations(approximations),
      writesOnePlace: true)
    #expect(auditor.restrict(&sample, &ledger))
    for feature in Feature.allCases {
      let entry = ledger[feature]
      #expect(entry.read == entry.written + entry.approximated + entry.dropped, "\(feature.name): \(entry)")
    }
    return (sample.annotations.first, ledger)
  }

  static let boxes: [(box: Box, written: Int, approximated: Int, dropped: Int)] = [
    (Box(10, 20, 30, 40.5, form: .extent), 1, 0, 0), (Box(10, 20, 40, 60.5, form: .corners), 1, 0, 0),
    (Box(25, 40.25, 30, 40.5, form: .centered), 1, 0, 0), (Box(10.01, 20, 40, 60.5, form: .corners), 0, 1, 0),
    (Box(10, 20, 40, 61.4, form: .corners), 0, 1, 0), (Box(10, 20, 40, 61.6, form: .corners), 0, 0, 1),
    (Box(0, 0, 100, 100, form: .corners), 0, 0, 1), (Box(10, 20, 40, 60.5, form: .corners, unit: .unit), 0, 0, 1),
    (Box(.nan, 20, 40, 60.5, form: .corners), 0, 0, 1),
  ]

  @Test(arguments: boxes) func aBoxIsWrittenAsFarAsThePolygonSaysIt(
    _ given: (box: Box, written: Int, approximated: Int, dropped: Int)
  ) throws {
    for abilities: FeatureSet in [[.polygon], [.polygon, .box], [.polygon, .box, .keypoints]] {
      let (annotation, ledger) = try audit(Self.annotation(given.box), abilities)
      #expect(annotation?.box == nil && annotation?.shape != nil)
      let entry = ledger[.box]
      #expect([entry.written, entry.approximated, entry.dropped] == [given.written, given.approximated, given.dropped])
      #expect(ledger[.polygon].written == 1)
    }
    let allowed = try audit(Self.annotation(given.box), [.polygon], "box=polygon").ledger[.box]
    #expect(allowed.dropped == 0 && allowed.written == given.written)
  }

  @Test func sharesAreComparedAsOfAThousandPixels() throws {
    let outline = [0.1, 0.2, 0.4, 0.2, 0.4, 0.6]
    func book(_ right: Double) throws -> [Int] {
      let box = Box(0.1, 0.2, right, 0.6, form: .corners, unit: .unit)
      let entry = try audit(Self.annotation(box, outline, unit: .unit), [.polygon]).ledger[.box]
      return [entry.written, entry.approximated, entry.dropped]
    }
    #expect(try book(0.4) == [1, 0, 0])
    #expect(try book(0.4005) == [0, 1, 0])
    #expect(try book(0.41) == [0, 0, 1])
  }

  @Test func aBoxAloneAndAPolygonAloneStay() throws {
    let box = Self.annotation(Box(0, 0, 1, 1, form: .corners), nil)
    #expect(try audit(box, [.polygon, .box]).annotation == box)
    let polygon = Self.annotation(nil)
    #expect(try audit(polygon, [.polygon, .box]).annotation == polygon)
    #expect(try audit(polygon, [.box]).annotation == nil)
    #expect(try audit(polygon, [.box], "polygon=box").annotation?.box == Box(10, 20, 40, 60.5, form: .corners))
  }

  @Test func keypointsLeaveNoRoomForAPolygon() throws {
    let pose = Self.annotation(Box(0, 0, 9, 9, form: .corners), keypoints: true)
    let (dropped, ledger) = try audit(pose, [.polygon, .box, .keypoints])
    #expect(dropped?.box != nil && dropped?.keypoints != nil && dropped?.shape == nil)
    #expect(ledger[.polygon].dropped == 1 && ledger[.box].written == 1 && ledger[.keypoints].written == 1)
    let replaced = try audit(pose, [.polygon, .box, .keypoints], "polygon=box").ledger
    #expect(replaced[.polygon].approximated == 1 && replaced[.polygon].dropped == 0)
    let outline = try audit(pose, [.polygon, .box])
    #expect(outline.annotation?.shape != nil && outline.annotation?.keypoints == nil && outline.ledger[.box].dropped == 1)
  }

  @Test func theBoxBesideATurnedBoxIsJudgedByItsCorners() throws {
    var annotation = Annotation(label: LabelID(index: 0), box: Box(10, 10, 30, 20, form: .corners))
    annotation.shape = .rotatedBox(RotatedBox(centerX: 20, centerY: 15, width: 20, height: 10, angleDegrees: 0))
    let (found, ledger) = try audit(annotation, [.polygon], "rotated-box=polygon")
    #expect(found?.shape?.features == [.polygon] && found?.box == nil)
    #expect(ledger[.box].written == 1 && ledger[.rotatedBox].approximated == 1)
  }

  @Test func whatAWriterNeedsReachesItAndIsBookedAsDropped() throws {
    var sample = Sample(key: "k", media: Media(.image, width: 64, height: 48))
    sample.media.channels = 3
    var ledger = Ledger()
    let auditor = Auditor(abilities: [.image], sections: ["*"], approximations: Approximations(), needs: [.imageSize])
    #expect(auditor.restrict(&sample, &ledger))
    #expect(sample.media.width == 64 && sample.media.height == 48 && sample.media.channels == nil)
    #expect(ledger[.imageSize].dropped == 1 && ledger[.imageChannels].dropped == 1)
  }
}
