import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension NativeDecoder {
  /// What members say about others, applied when all are read: the order of members is free.
  private struct Loose {
    var labelNumber: (number: Int, offset: Int)?
    var holes: (positions: [Int], offset: Int)?
    var dashed: (isDashed: Bool, offset: Int)?
    var unit: Units?
  }

  /// Reads one annotation.
  mutating func read(_ annotation: inout Annotation) throws(JSONFault) {
    var seen: UInt64 = 0
    var loose = Loose()
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while true {
      let name: AnnotationMember
      let at = scanner.offset
      if seen != 0, let next = usualMember() {
        name = next
        usual = next
        member = nil
      } else {
        guard let key = try scanner.nextKey(&progress) else { break }
        member = key
        guard let next = AnnotationMember(key) else { throw unknown(key, "annotation", "an annotation") }
        name = next
      }
      if seen & name.bit != 0 { throw JSONFault(.duplicateKey(name.name.description), at: at) }
      seen |= name.bit
      switch name {
      case .id: annotation.id = try recordID()
      case .label: annotation.label = scratch.intern(try scanner.string())
      case .box: annotation.box = try box(.corners)
      case .boxXYWH: annotation.box = try box(.extent)
      case .boxCXCYWH: annotation.box = try box(.centered)
      case .rotatedBox, .polygon, .polyline, .circle, .ellipse, .point, .mask: annotation.shape = try shape(name)
      case .keypoints: annotation.keypoints = try keypoints()
      case .confidence: annotation.confidence = try scanner.double()
      case .area: annotation.area = try scanner.double()
      case .crowd: annotation.flags.crowd = try scanner.boolean()
      case .difficult: annotation.flags.difficult = try scanner.boolean()
      case .truncated: annotation.flags.truncated = try scanner.boolean()
      case .occluded: annotation.flags.occluded = try scanner.boolean()
      case .unconfirmed: annotation.flags.unconfirmed = try scanner.boolean()
      case .labelNumber:
        let at = scanner.offset
        loose.labelNumber = (Int(try scanner.integer()), at)
      case .holes:
        let at = scanner.offset
        loose.holes = (try integers(), at)
      case .dashed:
        let at = scanner.offset
        loose.dashed = (try scanner.boolean(), at)
      case .unit: loose.unit = try units()
      case .order:
        let at = scanner.offset
        guard let order = UInt32(exactly: try scanner.integer()) else {
          throw broken("waybill.annotation.type", "The order of an annotation is a number from 0 to \(UInt32.max)", at: at)
        }
        annotation.ordinal = order
      default: try readRare(name, &annotation)
      }
    }
    for group in AnnotationMember.exclusive where (seen & group).nonzeroBitCount > 1 {
      throw broken("waybill.annotation.two-places", "An annotation has at most one box, one other shape and one time", at: start)
    }
    member = nil
    usual = nil
    if loose.labelNumber != nil || loose.holes != nil || loose.dashed != nil || loose.unit != nil {
      try apply(loose, to: &annotation)
    }
  }

  private mutating func readRare(_ name: AnnotationMember, _ annotation: inout Annotation) throws(JSONFault) {
    switch name {
    case .span: annotation.span = try span("annotation")
    case .frame: annotation.time = .frame(Int(try scanner.integer()))
    case .instant: annotation.time = .instant(try time("annotation"))
    case .interval:
      annotation.time = try interval()
    case .track: annotation.track = try recordID()
    case .link: annotation.link = try link()
    case .text: annotation.text = try scanner.string().makeString()
    case .hard: annotation.hard = try hard("annotation")
    case .by: annotation.author = try scanner.string().makeString()
    case .at:
      let at = scanner.offset
      let text = try scanner.string()
      let time = text.hasEscape ? Timestamp(text.makeString()) : Timestamp(text.raw, separator: UInt8(ascii: "T"))
      guard let time else {
        throw broken(
          "waybill.annotation.time",
          "A time is YYYY-MM-DDThh:mm:ss with an optional fraction and zone, not \"\(terminalSafe(text.makeString()))\"",
          at: at)
      }
      annotation.createdAt = time
    case .group: annotation.group = try recordID()
    case .partOf: annotation.partOf = Int(try scanner.integer())
    case .reference: annotation.reference = try scanner.string().makeString()
    case .attributes: annotation.attributes = try scanner.attributes()
    case .preserved: annotation.preserved = try scanner.preserved()
    default: try scanner.skipValue()
    }
  }

  private mutating func link() throws(JSONFault) -> Link {
    var source: RecordID?
    var target: RecordID?
    var seen: UInt64 = 0
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "from":
        try note(key, 1, &seen)
        source = try recordID()
      case "to":
        try note(key, 2, &seen)
        target = try recordID()
      default: throw unknown(key, "annotation", "a link")
      }
    }
    guard let source, let target else {
      throw broken("waybill.annotation.type", "A link has the ids of the annotations it leads from and to", at: start)
    }
    return Link(source: source, target: target)
  }

  private mutating func apply(_ loose: Loose, to annotation: inout Annotation) throws(JSONFault) {
    if let (number, offset) = loose.labelNumber {
      guard let first = annotation.label, let label = scratch.label(like: first, number: number) else {
        throw broken(
          "waybill.annotation.label-number",
          annotation.label == nil ? "A label number belongs to a label" : "The header has no label number \(number) of this name",
          at: offset)
      }
      annotation.label = label
    }
    if let (positions, offset) = loose.holes {
      guard case .polygon(var polygon) = annotation.shape, positions.allSatisfy({ $0 >= 0 && $0 < polygon.ringCount }) else {
        throw broken("waybill.annotation.holes", "Holes are positions of rings of the polygon beside them", at: offset)
      }
      polygon.holes = positions
      annotation.shape = .polygon(polygon)
    }
    if let (isDashed, offset) = loose.dashed {
      guard case .polyline(var line) = annotation.shape else {
        throw broken("waybill.annotation.dashed", "Dashed belongs to a polyline", at: offset)
      }
      line.isDashed = isDashed
      annotation.shape = .polyline(line)
    }
    if let unit = loose.unit { try apply(unit, to: &annotation) }
  }
}
