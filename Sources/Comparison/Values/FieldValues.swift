import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// The answers of samples and annotations as plain values, for reports.
enum FieldValues {
  /// What an annotation answers to a feature; nil when it gives no such answer.
  static func value(_ feature: Feature, _ annotation: Annotation) -> AttributeValue? {
    switch feature {
    case .text, .caption: annotation.text.map { .string($0) }
    case .box: annotation.box.map(value)
    case .rotatedBox, .polygon, .polygonParts, .polygonHoles, .polyline, .dashedLine, .circle, .ellipse, .point, .mask:
      annotation.shape.flatMap { $0.kind == feature ? value($0) : nil }
    case .keypoints: annotation.keypoints.map(value)
    case .span:
      annotation.span.map {
        .object(["start": .integer(Int64($0.start)), "end": .integer(Int64($0.end)), "unit": .string("\($0.unit)")])
      }
    case .frame: if case .frame(let frame) = annotation.time { .integer(Int64(frame)) } else { nil }
    case .instant: if case .instant(let moment) = annotation.time { FieldValues.moment(moment) } else { nil }
    case .interval:
      if case .interval(let start, let end) = annotation.time { .list([moment(start), moment(end)]) } else { nil }
    case .track: annotation.track.map(value)
    case .link: annotation.link.map { .object(["from": value($0.source), "to": value($0.target)]) }
    case .reference: annotation.reference.map { .string($0) }
    case .id: annotation.id.map(value)
    case .author: annotation.author.map { .string($0) }
    case .createdAt: annotation.createdAt.map { .string(text(of: $0)) }
    case .confidence: annotation.confidence.map { .number($0) }
    case .hard: annotation.hard.map(value)
    case .difficult: annotation.flags.difficult.map { .boolean($0) }
    case .truncated: annotation.flags.truncated.map { .boolean($0) }
    case .occluded: annotation.flags.occluded.map { .boolean($0) }
    case .crowd: annotation.flags.crowd.map { .boolean($0) }
    case .unconfirmed: annotation.flags.unconfirmed.map { .boolean($0) }
    case .group: annotation.group.map(value)
    case .part: annotation.partOf.map { .integer(Int64($0)) }
    case .area: annotation.area.map { .number($0) }
    case .order: annotation.ordinal.map { .integer(Int64($0)) }
    default: nil
    }
  }

  /// What a sample answers to a feature; nil when it gives no such answer.
  static func value(_ feature: Feature, _ sample: Sample) -> AttributeValue? {
    switch feature {
    case .image, .textMedia, .audio, .video, .table, .file:
      sample.media.feature == feature ? (sample.media.location ?? sample.media.text).map { .string($0) } : nil
    case .imageSize: size(sample.media)
    case .imageChannels: sample.media.channels.map { .integer(Int64($0)) }
    case .duration: sample.media.duration.map(moment)
    case .videoFrame: sample.media.frame.map(value)
    case .frameNumber: sample.media.frame?.number.map { .integer(Int64($0)) }
    case .sampleID: sample.id.map(value)
    case .split: sample.split.map { .string($0) }
    case .hardExample: sample.hard.map(value)
    case .tokens: sample.tokens.map { .integer(Int64($0.count)) }
    default: nil
    }
  }

  /// The places of an annotation, by the names of their features.
  static func places(of annotation: Annotation) -> Attributes {
    var places = Attributes()
    let said = annotation.features.intersection(.places)
    said.forEach { feature in
      if let value = value(feature, annotation) { places.items.append(.init(name: feature.name, value: value)) }
    }
    return places
  }

  /// A moment in the form of RFC 3339, as far as it was given.
  static func text(of time: Timestamp) -> String {
    var out = ByteBuffer(capacity: 32)
    out.append(time, separator: UInt8(ascii: "T"))
    return out.string()
  }

  /// An id with its kind.
  static func value(_ id: RecordID) -> AttributeValue {
    switch id {
    case .integer(let number): .integer(number)
    case .string(let text): .string(text)
    }
  }

  private static func numbers(_ values: [Double], _ unit: CoordinateUnit) -> AttributeValue {
    let list = AttributeValue.list(values.map { .number($0) })
    return unit == .pixels ? list : .object(["unit": .string("unit"), "numbers": list])
  }

  private static func value(_ box: Box) -> AttributeValue { numbers(box.converted(to: .corners).numbers, box.unit) }

  private static func value(_ shape: Shape) -> AttributeValue {
    switch shape {
    case .rotatedBox(let box): return numbers([box.centerX, box.centerY, box.width, box.height, box.angleDegrees], box.unit)
    case .polygon(let polygon):
      let rings = (0..<polygon.ringCount).map { ring in
        AttributeValue.list(polygon.coordinates[polygon.ring(ring)].map { .number($0) })
      }
      return polygon.unit == .pixels ? .list(rings) : .object(["unit": .string("unit"), "numbers": .list(rings)])
    case .polyline(let line): return numbers(line.coordinates, line.unit)
    case .circle(let circle): return numbers([circle.centerX, circle.centerY, circle.radius], circle.unit)
    case .ellipse(let ellipse):
      return numbers(
        [ellipse.centerX, ellipse.centerY, ellipse.radiusX, ellipse.radiusY, ellipse.angleDegrees], ellipse.unit)
    case .point(let point): return numbers([point.x, point.y], point.unit)
    case .mask(let mask):
      let pixels = (try? RunLength.runs(of: mask)).map { Int64(RunLength.area(of: $0)) } ?? 0
      return .object(["width": .integer(Int64(mask.width)), "height": .integer(Int64(mask.height)), "pixels": .integer(pixels)])
    }
  }

  private static func value(_ keypoints: Keypoints) -> AttributeValue {
    let points = keypoints.points.map { point in
      AttributeValue.list([.number(point.x), .number(point.y)] + (point.visibility.map { [.number($0)] } ?? []))
    }
    return keypoints.unit == .pixels ? .list(points) : .object(["unit": .string("unit"), "numbers": .list(points)])
  }

  private static func value(_ hard: HardExample) -> AttributeValue {
    var value = Attributes()
    value["is"] = hard.isHard.map { .boolean($0) }
    value["coefficient"] = hard.coefficient.map { .number($0) }
    if !hard.reasons.isEmpty { value["reasons"] = .list(hard.reasons.map { .integer(Int64($0)) }) }
    return .object(value)
  }

  /// A number, as in the native manifest; a text for a time on a clock.
  private static func moment(_ time: MediaTime) -> AttributeValue {
    time.form == .seconds ? .number(time.seconds) : .string(time.text)
  }

  private static func value(_ frame: FrameOrigin) -> AttributeValue {
    var value = Attributes()
    value["video"] = frame.video.map { .string($0) }
    value["time"] = frame.time.map(moment)
    value["duration"] = frame.duration.map(moment)
    return .object(value)
  }

  private static func size(_ media: Media) -> AttributeValue? {
    if media.width == nil && media.height == nil { return nil }
    func side(_ value: Int?) -> AttributeValue { value.map { .integer(Int64($0)) } ?? .null }
    return .list([side(media.width), side(media.height)])
  }
}
