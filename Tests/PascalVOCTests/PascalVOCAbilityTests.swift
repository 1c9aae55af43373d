import Foundation
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillPascalVOC

/// What is declared to be written comes back, feature by feature.
@Suite struct PascalVOCAbilityTests {
  /// A sample that uses a feature, and as little else as Pascal VOC allows.
  private static func sample(_ feature: Feature) -> Sample {
    var sample = Sample(key: "a/b.jpg", media: Media(.image, location: "a/b.jpg"))
    var object = Annotation(label: LabelID(index: 0), box: Box(1, 2.5, 30, 40, form: .corners))
    func only(_ shape: Shape) {
      object.box = nil
      object.shape = shape
    }
    switch feature {
    case .imageSize:
      sample.media.width = 64
      sample.media.height = 48
    case .imageChannels: sample.media.channels = 3
    case .split: sample.split = "validation"
    case .confidence: object.confidence = 0.125
    case .hard: object.hard = HardExample(isHard: true, coefficient: 0.5, reasons: [1, 2])
    case .difficult: object.flags.difficult = false
    case .truncated: object.flags.truncated = true
    case .occluded: object.flags.occluded = true
    case .attributes: object.attributes = ["a": .string("b"), "n": .integer(1), "pose": .string("Left")]
    case .rotatedBox: only(.rotatedBox(RotatedBox(centerX: 1, centerY: 2, width: 3, height: 4, angleDegrees: 10)))
    case .polygon: only(.polygon(Polygon(coordinates: [1, 2, 3, 4, 5, 6.25])))
    case .polyline: only(.polyline(Polyline(coordinates: [1, 2, 3, 4])))
    case .dashedLine: only(.polyline(Polyline(coordinates: [1, 2, 3, 4], isDashed: true)))
    case .circle: only(.circle(Circle(centerX: 1, centerY: 2, radius: 3)))
    case .point: only(.point(Point(x: 1, y: 2)))
    default: break
    }
    sample.annotations = [object]
    if feature == .part {
      object.partOf = 1
      sample.annotations.append(object)
    }
    return sample
  }

  static let features: [Feature] = {
    let options = try? FormatOptions(
      [("shapes", "modelarts")], declared: PascalVOCFormat.descriptor.writeOptions, format: "pascal-voc")
    return options.map { PascalVOCFormat.writes($0).features } ?? []
  }()

  @Test(arguments: features)
  func aDeclaredFeatureComesBack(_ feature: Feature) throws {
    let folder = try TemporaryFolder()
    let original = Self.sample(feature)
    let header = DatasetHeader(labels: LabelTable([Label(name: "cat & dog")]))
    let problems = try write(header, [original], to: "\(folder.path)/o")
    #expect(!problems.hasErrors)
    let data = try read("\(folder.path)/o")
    #expect(data.diagnostics.isEmpty, "\(data.diagnostics.items)")
    var found = try #require(data.samples.first)
    #expect(data.names(found).first == "cat & dog")
    found.preserved = Preserved()
    #expect(found == original)
  }

  @Test func theOriginIsShiftedBothWays() throws {
    let folder = try TemporaryFolder()
    let header = DatasetHeader(labels: LabelTable([Label(name: "cat")]))
    try write(header, [Self.sample(.box)], to: "\(folder.path)/o", [("origin", "1")])
    let plain = try read("\(folder.path)/o").samples[0].annotations[0].box
    #expect(plain == Box(2, 3.5, 30, 40, form: .corners))
    #expect(try read("\(folder.path)/o", [("origin", "1")]).samples[0].annotations[0].box == Self.sample(.box).annotations[0].box)
  }

  @Test func marksAreFilledInOnDemand() throws {
    let folder = try TemporaryFolder()
    let header = DatasetHeader(labels: LabelTable([Label(name: "cat")]))
    try write(header, [Self.sample(.box)], to: "\(folder.path)/o", [("fill", "yes"), ("layout", "sdk")])
    let text = try String(contentsOfFile: "\(folder.path)/o/Annotations/a/b.xml", encoding: .utf8)
    #expect(text.hasPrefix("<?xml version=\"1.0\" ?>\n<annotation>\n\t<filename>"))
    #expect(try read("\(folder.path)/o").samples[0].annotations[0].flags.difficult == false)
  }

  @Test(
    .enabled(if: corpus != nil, "the folder of real files is not there"),
    arguments: [
      ("2007_000027_segmented_empty", "voc.segmented"), ("2007_000027_width_empty", "voc.size.number"),
      ("emptyAnnotation", "voc.empty"), ("empty", "xml.empty"), ("labelPropertiesEmpty2", "voc.properties.empty"),
      ("labelPropertiesEmpty3", "voc.properties.empty"), ("twoBndBox_2007_000027", "voc.object.two-shapes"),
    ])
  func theBrokenFilesOfTheModelArtsSDKAreErrors(_ name: String, _ rule: String) throws {
    let data = try read("\(corpus ?? "")/modelarts-manifest/modelarts-dataset-sdk/voc/errorFiles/\(name).xml")
    #expect(data.errors.first?.rule == rule, "\(data.diagnostics.items)")
  }

  /// A box and another shape are two positions to the SDK; Roboflow writes them so, and both are kept.
  @Test(.enabled(if: corpus != nil, "the folder of real files is not there"))
  func aBoxBesideAPolygonIsNoError() throws {
    let data = try read("\(corpus ?? "")/modelarts-manifest/modelarts-dataset-sdk/voc/errorFiles/twoPosition.xml")
    #expect(data.errors.isEmpty)
    #expect(data.samples.first?.annotations.contains { $0.box != nil && $0.shape != nil } == true)
  }
}
