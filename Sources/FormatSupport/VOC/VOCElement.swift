import WaybillSyntax

/// The elements directly inside `annotation` that the codec knows, in canonical order.
enum VOCTopElement: UInt8, CaseIterable {
  case folder, filename, path, source, size, segmented, maskSource, object, extra

  /// The name in files.
  var name: StaticString {
    switch self {
    case .folder: "folder"
    case .filename: "filename"
    case .path: "path"
    case .source: "source"
    case .size: "size"
    case .segmented: "segmented"
    case .maskSource: "mask_source"
    case .object: "object"
    case .extra: ""
    }
  }

  /// The element of a name; ``extra`` for an unknown one.
  init(_ name: UnsafeBufferPointer<UInt8>) {
    switch name.count {
    case 4: self = name.equals("size") ? .size : name.equals("path") ? .path : .extra
    case 6: self = name.equals("object") ? .object : name.equals("folder") ? .folder : name.equals("source") ? .source : .extra
    case 8: self = name.equals("filename") ? .filename : .extra
    case 9: self = name.equals("segmented") ? .segmented : .extra
    case 11: self = name.equals("mask_source") ? .maskSource : .extra
    default: self = .extra
    }
  }
}

/// The elements directly inside `object` and `part` that the codec knows, in canonical order.
enum VOCElement: UInt8, CaseIterable {
  case name, pose, truncated, difficult, maskColor, occluded, confidence, hardCoefficient, hard, hardReasons, box, shape, part,
    actions,
    properties, attributes, extra

  /// The name in files; of several the one that is written.
  var name: StaticString {
    switch self {
    case .name: "name"
    case .pose: "pose"
    case .truncated: "truncated"
    case .difficult: "difficult"
    case .maskColor: "mask_color"
    case .occluded: "occluded"
    case .confidence: "confidence"
    case .hardCoefficient: "hard-coefficient"
    case .hard: "hard"
    case .hardReasons: "hard-reasons"
    case .box: "bndbox"
    case .part: "part"
    case .actions: "actions"
    case .properties: "properties"
    case .attributes: "attributes"
    case .shape, .extra: ""
    }
  }

  /// The element of a name; ``extra`` for an unknown one.
  init(_ name: UnsafeBufferPointer<UInt8>) {
    func pick(_ word: StaticString, _ element: VOCElement) -> VOCElement { name.equals(word) ? element : .extra }
    switch name.count {
    case 4:
      self = name.equals("name") ? .name : name.equals("pose") ? .pose : name.equals("part") ? .part : pick("hard", .hard)
      if self == .extra, name.equals("line") { self = .shape }
    case 5: self = pick("point", .shape)
    case 6: self = name.equals("bndbox") ? .box : name.equals("circle") ? .shape : pick("dashed", .shape)
    case 7: self = name.equals("polygon") ? .shape : pick("actions", .actions)
    case 8: self = name.equals("occluded") ? .occluded : name.equals("polyline") ? .shape : pick("robndbox", .shape)
    case 9: self = name.equals("truncated") ? .truncated : pick("difficult", .difficult)
    case 10:
      self =
        name.equals("confidence")
        ? .confidence
        : name.equals("properties") ? .properties : name.equals("attributes") ? .attributes : pick("mask_color", .maskColor)
    case 12: self = pick("hard-reasons", .hardReasons)
    case 16: self = pick("hard-coefficient", .hardCoefficient)
    case 21: self = pick("difficult-coefficient", .hardCoefficient)
    default: self = .extra
    }
  }
}

/// How an attribute of an annotation is spelled in a file.
enum VOCSpelling: UInt8 {
  /// The element `pose`.
  case pose = 0x70
  /// The element `actions`.
  case actions = 0x61
  /// `<properties><property><key/><value/></property>`, as ModelArts writes it.
  case keyed = 0x6B
  /// `<properties><name>value</name>`, which ModelArts reads too.
  case child = 0x63
  /// `<attributes><attribute><name/><value/></attribute>`, as CVAT writes it.
  case cvat = 0x76
}

/// One item of a preserved order: a name, a name with its exact text, or an element the model has no place for.
enum VOCToken: Equatable {
  /// A known element, with its text where that is not the canonical spelling, and its XML attributes.
  case element(name: String, text: String?, attributes: String)
  /// An unknown element as XML without white space between tags; printed as it is when `isVerbatim`.
  case xml(String, isVerbatim: Bool)
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are a word.
  @inline(__always) func equals(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    var index = 0
    while index < count {
      if self[index] != word.utf8Start[index] { return false }
      index &+= 1
    }
    return true
  }
}
