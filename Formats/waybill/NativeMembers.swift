import WaybillSyntax

/// A member of a sample, in the order in which they are written.
enum SampleMember: UInt8 {
  case key, id, image, text, audio, video, table, file, split, hard, annotations, tokens, attributes, preserved

  /// The member of a name; nil for a name the schema does not have.
  init?(_ key: JSONString) {
    if key == "key" {
      self = .key
    } else if key == "image" {
      self = .image
    } else if key == "annotations" {
      self = .annotations
    } else {
      self.init(rare: key)
    }
  }

  private init?(rare key: JSONString) {
    switch key {
    case "id": self = .id
    case "text": self = .text
    case "audio": self = .audio
    case "video": self = .video
    case "table": self = .table
    case "file": self = .file
    case "split": self = .split
    case "hard": self = .hard
    case "tokens": self = .tokens
    case "attributes": self = .attributes
    case "preserved": self = .preserved
    default: return nil
    }
  }

  /// Its bit in a set of members seen.
  var bit: UInt64 { 1 << UInt64(rawValue) }
  /// The bits of the members of which a sample has one.
  static let media: UInt64 = 0b1111_1100
}

/// A member of an annotation, in the order in which they are written.
enum AnnotationMember: UInt8 {
  case id, label, labelNumber, box, boxXYWH, boxCXCYWH
  case rotatedBox, polygon, holes, polyline, dashed, circle, ellipse, point, mask, keypoints, unit, span
  case frame, instant, interval, track, link, text, confidence, area, crowd, difficult, truncated, occluded, unconfirmed
  case hard, by, at, group, partOf, order, reference, attributes, preserved

  /// The member of a name; nil for a name the schema does not have.
  @inline(__always) init?(_ key: JSONString) {
    guard let found = key.hasEscape ? AnnotationMember.escaped(key) : AnnotationMember.plain(key) else { return nil }
    self = found
  }

  /// Names are told apart by their length first: few have the same.
  private static func plain(_ key: JSONString) -> AnnotationMember? {
    switch key.raw.count {
    case 2: return key == "id" ? .id : key == "by" ? .by : key == "at" ? .at : nil
    case 3: return key == "box" ? .box : nil
    case 4:
      switch key {
      case "area": return .area
      case "mask": return .mask
      case "span": return .span
      case "text": return .text
      case "link": return .link
      case "unit": return .unit
      case "hard": return .hard
      default: return nil
      }
    case 5:
      switch key {
      case "label": return .label
      case "crowd": return .crowd
      case "order": return .order
      case "point": return .point
      case "holes": return .holes
      case "frame": return .frame
      case "track": return .track
      case "group": return .group
      default: return nil
      }
    case 6: return key == "circle" ? .circle : key == "dashed" ? .dashed : nil
    case 7:
      return key == "polygon"
        ? .polygon : key == "ellipse" ? .ellipse : key == "instant" ? .instant : key == "part_of" ? .partOf : nil
    case 8:
      return key == "box_xywh"
        ? .boxXYWH : key == "polyline" ? .polyline : key == "interval" ? .interval : key == "occluded" ? .occluded : nil
    case 9:
      switch key {
      case "keypoints": return .keypoints
      case "preserved": return .preserved
      case "difficult": return .difficult
      case "truncated": return .truncated
      case "reference": return .reference
      default: return nil
      }
    case 10: return key == "confidence" ? .confidence : key == "attributes" ? .attributes : key == "box_cxcywh" ? .boxCXCYWH : nil
    case 11: return key == "rotated_box" ? .rotatedBox : key == "unconfirmed" ? .unconfirmed : nil
    case 12: return key == "label_number" ? .labelNumber : nil
    default: return nil
    }
  }

  /// The member of a name of at most eight bytes, given as a word with the first byte lowest and zeros behind; only the usual ones.
  @inline(__always) init?(word: UInt64) {
    switch word {
    case 0x0000_0000_0000_6469: self = .id
    case 0x0000_006C_6562_616C: self = .label
    case 0x0000_0000_0078_6F62: self = .box
    case 0x6877_7978_5F78_6F62: self = .boxXYWH
    case 0x006E_6F67_796C_6F70: self = .polygon
    case 0x0000_0000_6165_7261: self = .area
    case 0x0000_0064_776F_7263: self = .crowd
    case 0x0000_0072_6564_726F: self = .order
    case 0x0000_0000_6B73_616D: self = .mask
    case 0x0000_0000_0000_7962: self = .by
    case 0x0000_0000_0000_7461: self = .at
    case 0x0000_0000_7478_6574: self = .text
    case 0x0000_006B_6361_7274: self = .track
    default: return nil
    }
  }

  private static func escaped(_ key: JSONString) -> AnnotationMember? {
    let name = key.makeString()
    for raw in 0...AnnotationMember.preserved.rawValue {
      if let member = AnnotationMember(rawValue: raw), name == member.name.description { return member }
    }
    return nil
  }

  /// Its name in the file.
  var name: StaticString { AnnotationMember.names[Int(rawValue)] }

  private static let names: [StaticString] = [
    "id", "label", "label_number", "box", "box_xywh", "box_cxcywh", "rotated_box", "polygon", "holes", "polyline", "dashed",
    "circle",
    "ellipse", "point", "mask", "keypoints", "unit", "span", "frame", "instant", "interval", "track", "link", "text", "confidence",
    "area", "crowd", "difficult", "truncated", "occluded", "unconfirmed", "hard", "by", "at", "group", "part_of", "order", "reference",
    "attributes",
    "preserved",
  ]

  /// Its bit in a set of members seen.
  @inline(__always) var bit: UInt64 { 1 << UInt64(rawValue) }

  /// The bits of the members of which an annotation has at most one: boxes, other shapes, times.
  static let exclusive: [UInt64] = [
    AnnotationMember.box.bit | boxXYWH.bit | boxCXCYWH.bit,
    AnnotationMember.rotatedBox.bit | polygon.bit | polyline.bit | circle.bit | ellipse.bit | point.bit | mask.bit,
    AnnotationMember.frame.bit | instant.bit | interval.bit,
  ]
}
