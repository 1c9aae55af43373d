import WaybillDatasetModel

/// Makes random datasets that use given features and no others; the same seed gives the same dataset.
public struct SampleGenerator: Sendable {
  /// The seed, to be printed when a test fails.
  public let seed: UInt64
  /// The formats whose preserved sections are made.
  public var sections: [FormatID]
  /// Whether strings hold quotes, controls and letters from everywhere, and numbers many digits.
  public var isWild: Bool
  private var numbers: SeededNumbers
  private var counter = 0

  /// A generator that starts from a seed.
  public init(seed: UInt64, sections: [FormatID] = ["coco", "pascal-voc"], isWild: Bool = true) {
    self.seed = seed
    self.sections = sections
    self.isWild = isWild
    numbers = SeededNumbers(seed: seed)
  }

  // MARK: Values

  /// A random whole number of a range.
  public mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }

  /// True once in so many times.
  public mutating func oneIn(_ count: Int) -> Bool { integer(1...count) == 1 }

  /// A random number, by turns whole, short, with many digits, very small and negative.
  public mutating func number(_ size: Double = 640) -> Double {
    switch isWild ? integer(0...9) : integer(0...5) {
    case 0...2: Double(integer(0...Int(size)))
    case 3...5: Double(integer(0...Int(size) * 100)) / 100
    case 6: Double.random(in: 0...size, using: &numbers)
    case 7: Double.random(in: 0...1, using: &numbers) * 1e-9
    case 8: -Double.random(in: 0...size, using: &numbers)
    default: Double.random(in: 0...1, using: &numbers) * 1e20
    }
  }

  /// A random text that is not empty.
  public mutating func text() -> String {
    let plain = ["car", "street 12", "a", "left-hand", "Haus", "box_xywh", "0", "null"]
    let wild = [
      "quote \" and \\ slash /", "tab\tline\nreturn\r", "\u{1}\u{1F}\u{7F}", "Größe 汽车 🚗", "\u{2028}\u{FEFF}", "e\u{301}", "𝒳",
      "{\"a\":[1]}",
      " ", "long " + String(repeating: "text ", count: 20),
    ]
    return (isWild ? plain + wild : plain).randomElement(using: &numbers) ?? "a"
  }

  /// A random id that was not given before.
  public mutating func newID() -> RecordID {
    counter += 1
    return oneIn(3) ? .string("id \(counter)") : .integer(Int64(counter))
  }

  private mutating func attributes() -> Attributes {
    var attributes = Attributes()
    for index in 0..<integer(1...3) { attributes["\(text()) \(index)"] = value(depth: 0) }
    return attributes
  }

  private mutating func value(depth: Int) -> AttributeValue {
    switch integer(0...(depth < 3 ? 6 : 4)) {
    case 0: return .string(text())
    case 1: return .integer(Int64(integer(-5...1000)))
    case 2: return .number(isWild ? number() : 0.5)
    case 3: return .boolean(oneIn(2))
    case 4: return .null
    case 5:
      var list: [AttributeValue] = []
      for _ in 0..<integer(0...3) { list.append(value(depth: depth + 1)) }
      return .list(list)
    default: return .object(oneIn(4) ? Attributes() : attributes())
    }
  }

  private mutating func preserved() -> Preserved {
    var preserved = Preserved()
    for section in sections where oneIn(2) || sections.count == 1 {
      preserved.append("license", json: Array("\(integer(0...9))".utf8), format: section)
      if oneIn(2) {
        preserved.append(
          "nested", json: Array(#"{"a b":[1,2.50,{"c":null}],"text":"with spaces \"and\" quotes"}"#.utf8), format: section)
      }
    }
    if preserved.isEmpty, let first = sections.first { preserved.append("flag", json: Array("false".utf8), format: first) }
    return preserved
  }

  private mutating func time() -> Timestamp {
    let digits = UInt8(oneIn(2) ? 0 : integer(1...9))
    var unit: UInt32 = 1
    for _ in digits..<9 { unit *= 10 }
    let fraction = digits == 0 ? 0 : UInt32(integer(0...Int(1_000_000_000 / unit) - 1)) * unit
    let zone: Int16? = oneIn(2) ? nil : Int16(integer(-1439...1439))
    return Timestamp(
      seconds: Int64(integer(-62_167_219_200...253_402_300_799)), nanoseconds: fraction, fractionDigits: digits,
      zoneOffsetMinutes: zone)
  }

  private mutating func hard() -> HardExample {
    HardExample(
      isHard: oneIn(3) ? nil : oneIn(2), coefficient: oneIn(2) ? nil : number(1).magnitude,
      reasons: oneIn(2) ? [] : [integer(0...9), integer(0...9)])
  }

  private mutating func span() -> TextSpan {
    let start = integer(0...50)
    return TextSpan(
      start: start, end: start + integer(0...9), unit: [.scalars, .utf16, .utf8].randomElement(using: &numbers) ?? .scalars)
  }

  private mutating func coordinates(_ points: Int) -> [Double] {
    var result: [Double] = []
    for _ in 0..<points * 2 { result.append(number()) }
    return result
  }

  // MARK: Header

  /// A header that uses the label and dataset features given; its labels have different names.
  public mutating func header(_ features: FeatureSet, labels count: Int = 5) -> DatasetHeader {
    var labels: [Label] = []
    for index in 0..<max(1, count) {
      var label = Label(name: oneIn(3) ? "\(text()) \(index)" : "label \(index)")
      if features.contains(.labelID) { label.id = oneIn(3) ? .string("c\(index)") : .integer(Int64(index * 3)) }
      if features.contains(.labelParent), oneIn(2) { label.parent = text() }
      if features.contains(.labelColor), oneIn(2) { label.style.color = "#12AB0\(index % 10)" }
      if features.contains(.labelStyle), oneIn(2) {
        label.style.shortcut = oneIn(2) ? "k" : nil
        label.style.defaultShape = oneIn(2) ? "bndbox" : nil
      }
      if features.contains(.labelAttributes), oneIn(2) {
        label.attributes = [
          AttributeDefinition(name: text(), type: "select", values: [text(), text()], defaultValue: oneIn(2) ? text() : nil),
          AttributeDefinition(name: "free", type: "text"),
        ]
      }
      if features.contains(.labelRelation), oneIn(2) { label.relation = .init(source: "label 0", target: text()) }
      if features.contains(.labelKeypoints), oneIn(2) {
        label.keypointNames = ["nose", text()]
        label.skeleton = oneIn(2) ? nil : [[1, 2], [2, 1]]
      }
      if features.contains(.labelPreserved), oneIn(2) { label.preserved = preserved() }
      labels.append(label)
    }
    var header = DatasetHeader(labels: LabelTable(labels), labelsAreComplete: true)
    if features.contains(.datasetName) { header.name = text() }
    if features.contains(.datasetFields) { header.fields = attributes() }
    if features.contains(.datasetPreserved) { header.preserved = preserved() }
    return header
  }

  // MARK: Samples

  /// Samples that use some of the features given and no others.
  public mutating func samples(_ count: Int, _ features: FeatureSet, in header: DatasetHeader) -> [Sample] {
    var samples: [Sample] = []
    for position in 0..<count { samples.append(sample(position, features, in: header)) }
    return samples
  }

  /// A sample that uses some of the features given and no others.
  ///
  /// The key is the place of its media, or its position from 1.
  public mutating func sample(_ position: Int, _ features: FeatureSet, in header: DatasetHeader) -> Sample {
    let kinds: [Media.Kind] = Media.Kind.allCases.filter { features.contains(Media($0).feature) }
    var media = Media(kinds.randomElement(using: &numbers) ?? .image)
    if media.kind == .text, oneIn(2) {
      media.text = "The \(text()) text of sample \(position), long enough for spans: \(String(repeating: "word ", count: 12))"
    } else {
      media.location = isWild && oneIn(4) ? "dir \(position)/\(text()).bin" : "media/\(position).bin"
    }
    if features.contains(.imageSize), oneIn(2) {
      media.width = integer(1...4000)
      media.height = integer(1...4000)
    }
    if features.contains(.imageChannels), oneIn(3) { media.channels = 3 }
    if features.contains(.duration), oneIn(2) { media.duration = length() }
    if features.contains(.videoFrame), oneIn(2) {
      media.frame = FrameOrigin(
        video: oneIn(2) ? nil : text(), time: oneIn(2) ? nil : length(),
        duration: oneIn(2) ? nil : length())
    }
    if features.contains(.frameNumber), oneIn(3) {
      let number = integer(0...9000)
      if media.frame == nil { media.frame = FrameOrigin(number: number) } else { media.frame?.number = number }
    }
    var sample = Sample(key: media.location ?? "\(position + 1)", media: media)
    if features.contains(.sampleID), oneIn(2) { sample.id = newID() }
    if features.contains(.split), oneIn(2) { sample.split = ["train", "validation", "test"].randomElement(using: &numbers) }
    if features.contains(.hardExample), oneIn(3) { sample.hard = hard() }
    if features.contains(.tokens), oneIn(3) { sample.tokens = tokens() }
    if features.contains(.sampleAttributes), oneIn(3) { sample.attributes = attributes() }
    if features.contains(.samplePreserved), oneIn(3) { sample.preserved = preserved() }
    for _ in 0..<integer(0...5) {
      var annotation = annotation(after: sample.annotations, features, header)
      // Taking one answer away can make another a different feature: a label without its place is a classification.
      for _ in 0..<4 { annotation.remove(annotation.features.subtracting(features)) }
      if !annotation.features.intersection(.statements).isEmpty { sample.annotations.append(annotation) }
    }
    return sample
  }

  private mutating func tokens() -> Tokens {
    let columns = oneIn(3) ? [] : ["pos", "ner"]
    let rows = (0..<integer(0...4)).map { _ in [text()] + (oneIn(4) ? [] : columns.map { _ in oneIn(2) ? text() : "O" }) }
    var tokens = Tokens(columns: columns, rows: rows, placement: oneIn(2) ? .unknown : .joined)
    if oneIn(3) {
      let extents = rows.map { _ in
        let start = UInt32(integer(0...50))
        return oneIn(4) ? Tokens.Extent.unknown : Tokens.Extent(start: start, end: start + UInt32(integer(0...9)))
      }
      tokens.placement = .extents(extents, [.scalars, .utf16, .utf8].randomElement(using: &numbers) ?? .scalars)
    }
    return tokens
  }

  /// A moment with digits of its own, on a clock now and then.
  private mutating func moment() -> MediaTime {
    let digits = isWild ? integer(0...12) : integer(0...3)
    let value = Int64(integer(0...(isWild ? 9_999_999_999 : 99_999)))
    let time = MediaTime(units: isWild && oneIn(6) ? -value : value, fractionDigits: digits) ?? .zero
    return oneIn(3) ? time.written(as: oneIn(2) ? .minutes : .hours) : time
  }

  /// A length, which is never negative.
  private mutating func length() -> MediaTime {
    let time = moment()
    return time.units < 0 ? .zero : time
  }

  private mutating func annotation(after others: [Annotation], _ features: FeatureSet, _ header: DatasetHeader) -> Annotation {
    var annotation = Annotation()
    let places = features.intersection(.places).features
    for _ in 0..<integer(oneIn(4) ? 0...0 : 1...2) {
      if let place = places.randomElement(using: &numbers) { add(place, to: &annotation, features, others) }
    }
    if features.contains(.label) || features.contains(.classification), !oneIn(4) {
      annotation.label = LabelID(index: UInt32(integer(0...max(0, header.labels.count - 1))))
    }
    if features.contains(.text) || features.contains(.caption), oneIn(3) { annotation.text = text() }
    if features.contains(.id), !oneIn(3) { annotation.id = newID() }
    if features.contains(.author), oneIn(3) { annotation.author = "human/\(text())" }
    if features.contains(.createdAt), oneIn(3) { annotation.createdAt = time() }
    if features.contains(.confidence), oneIn(3) { annotation.confidence = Double(integer(0...1000)) / 1000 }
    if features.contains(.hard), oneIn(4) { annotation.hard = hard() }
    if features.contains(.difficult), oneIn(4) { annotation.flags.difficult = oneIn(2) }
    if features.contains(.truncated), oneIn(4) { annotation.flags.truncated = oneIn(2) }
    if features.contains(.occluded), oneIn(4) { annotation.flags.occluded = oneIn(2) }
    if features.contains(.crowd), oneIn(4) { annotation.flags.crowd = oneIn(2) }
    if features.contains(.unconfirmed), oneIn(4) { annotation.flags.unconfirmed = oneIn(2) }
    if features.contains(.group), oneIn(4) { annotation.group = oneIn(2) ? .integer(Int64(integer(0...5))) : .string(text()) }
    if features.contains(.part), oneIn(3), !others.isEmpty { annotation.partOf = integer(1...others.count) }
    if features.contains(.area), oneIn(3) { annotation.area = number(9000).magnitude }
    if features.contains(.order), oneIn(3) { annotation.ordinal = UInt32(integer(0...Int(UInt32.max))) }
    if features.contains(.attributes), oneIn(4) { annotation.attributes = attributes() }
    if features.contains(.preserved), oneIn(4) { annotation.preserved = preserved() }
    return annotation
  }

  private mutating func add(_ place: Feature, to annotation: inout Annotation, _ features: FeatureSet, _ others: [Annotation]) {
    let unit: CoordinateUnit = oneIn(5) ? .unit : .pixels
    switch place {
    case .box:
      annotation.box = Box(
        number(), number(), number(), number(), form: [.corners, .extent, .centered].randomElement(using: &numbers) ?? .corners,
        unit: unit)
    case .rotatedBox:
      annotation.shape = .rotatedBox(
        RotatedBox(centerX: number(), centerY: number(), width: number(), height: number(), angleDegrees: number(180), unit: unit))
    case .polygon, .polygonParts, .polygonHoles: annotation.shape = .polygon(polygon(features, unit))
    case .polyline, .dashedLine:
      let isDashed = features.contains(.dashedLine) && (oneIn(2) || !features.contains(.polyline))
      annotation.shape = .polyline(Polyline(coordinates: coordinates(integer(2...9)), isDashed: isDashed, unit: unit))
    case .circle: annotation.shape = .circle(Circle(centerX: number(), centerY: number(), radius: number().magnitude, unit: unit))
    case .ellipse:
      annotation.shape = .ellipse(
        Ellipse(
          centerX: number(), centerY: number(), radiusX: number().magnitude, radiusY: number().magnitude, angleDegrees: number(180),
          unit: unit))
    case .point: annotation.shape = .point(Point(x: number(), y: number(), unit: unit))
    case .mask:
      let (width, height) = (integer(1...20), integer(1...20))
      let first = UInt32(integer(0...width * height))
      annotation.shape = .mask(
        Mask(
          width: width, height: height, runs: oneIn(2) ? .compressed("52203") : .counts([first, UInt32(width * height) - first])))
    case .keypoints:
      var keypoints = Keypoints(points: [], unit: unit)
      for _ in 0..<integer(1...4) {
        keypoints.points.append(.init(x: number(), y: number(), visibility: oneIn(3) ? nil : Double(integer(0...2))))
      }
      annotation.keypoints = keypoints
    case .span: annotation.span = span()
    case .frame: annotation.time = .frame(integer(0...9000))
    case .instant: annotation.time = .instant(moment())
    case .interval: annotation.time = .interval(start: moment(), end: moment())
    case .track: annotation.track = oneIn(2) ? .integer(Int64(integer(0...9))) : .string("track \(integer(0...9))")
    case .link:
      let ids = others.compactMap(\.id)
      guard let source = ids.randomElement(using: &numbers), let target = ids.randomElement(using: &numbers) else { return }
      annotation.link = Link(source: source, target: target)
    case .reference: annotation.reference = "labels/\(text()).xml"
    default: break
    }
  }

  private mutating func polygon(_ features: FeatureSet, _ unit: CoordinateUnit) -> Polygon {
    var polygon = Polygon(coordinates: coordinates(integer(3...12)), unit: unit)
    // Rings after the first are holes where parts are not asked for, and the other way about.
    guard features.contains(.polygonParts) || features.contains(.polygonHoles), oneIn(2) else { return polygon }
    for ring in 1...integer(1...3) {
      polygon.ringEnds.append(polygon.coordinates.count)
      polygon.coordinates += coordinates(integer(3...6))
      if features.contains(.polygonHoles), oneIn(2) || !features.contains(.polygonParts) { polygon.holes.append(ring) }
    }
    return polygon
  }
}
