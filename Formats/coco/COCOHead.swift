import WaybillBytes
import WaybillFormatSupport
import WaybillSyntax

/// What the first bytes of a file tell: the members at its top, as far as they are seen.
struct COCOHead {
  private(set) var isList = false
  private var members: Set<String> = []
  private var imageKeys: Set<String> = []
  private var annotationKeys: Set<String> = []
  private var categoryKeys: Set<String> = []
  private var licenseKeys: Set<String> = []

  /// Looks at the first bytes of a file; nil unless they begin an object or a list.
  init?(_ head: [UInt8]) {
    var isJSON = false
    head.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes, from: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
      guard let kind = try? scanner.peekKind() else { return }
      if kind == .array {
        isList = true
        isJSON = true
        Self.firstRecord(&scanner, &annotationKeys)
      } else if kind == .object {
        isJSON = true
        scan(&scanner)
      }
    }
    if !isJSON { return nil }
  }

  /// Walks over the members until the head ends.
  private mutating func scan(_ scanner: inout JSONScanner) {
    guard var progress = try? scanner.beginObject() else { return }
    while let key = try? scanner.nextKey(&progress) {
      let name = key.makeString()
      members.insert(name)
      let start = scanner.offset
      switch name {
      case "images": Self.firstRecord(&scanner, &imageKeys)
      case "annotations": Self.firstRecord(&scanner, &annotationKeys)
      case "categories": Self.firstRecord(&scanner, &categoryKeys)
      case "licenses": Self.firstRecord(&scanner, &licenseKeys)
      default: break
      }
      scanner.offset = start
      guard (try? scanner.skipValueStructurally()) != nil else { return }
    }
  }

  /// The keys of the first object of a list, as far as they are seen.
  private static func firstRecord(_ scanner: inout JSONScanner, _ keys: inout Set<String>) {
    guard var list = try? scanner.beginArray(), (try? scanner.nextElement(&list)) == true,
      var progress = try? scanner.beginObject()
    else { return }
    while let key = try? scanner.nextKey(&progress) {
      keys.insert(key.makeString())
      guard (try? scanner.skipValueStructurally()) != nil else { return }
    }
  }

  /// Whether and why the file may be COCO.
  var detection: Detection? {
    if isList {
      let results: Set<String> = ["category_id", "bbox", "segmentation", "keypoints", "caption", "score"]
      guard annotationKeys.contains("image_id"), !annotationKeys.isDisjoint(with: results) else { return nil }
      return Detection(.likely, ["it is a list of records with the key image_id, as COCO's results are"])
    }
    if members.contains("waybill") || members.contains("shapes") { return nil }
    let hasImages = members.contains("images") && (imageKeys.isEmpty || imageKeys.contains("id"))
    if hasImages, members.contains("annotations") || members.contains("categories") {
      return Detection(.certain, ["it is an object with the members images and annotations or categories"])
    }
    if annotationKeys.contains("segments_info") {
      return Detection(.certain, ["its member annotations has records with the key segments_info, as panoptic files have"])
    }
    if annotationKeys.contains("image_id") {
      return Detection(.likely, ["its member annotations has records with the key image_id"])
    }
    if imageKeys.contains("id"), imageKeys.contains("file_name") || imageKeys.contains("width") {
      return Detection(.likely, ["its member images has records with the keys id and file_name"])
    }
    if categoryKeys.contains("id"), categoryKeys.contains("name") {
      return Detection(.likely, ["its member categories has records with the keys id and name"])
    }
    if licenseKeys.contains("id"), members.contains("info") {
      return Detection(.likely, ["it begins with the members info and licenses"])
    }
    // A file cut off or broken early should be refused as COCO, with a place, and not as something unknown.
    if members.contains("images") || members.contains("annotations"),
      members.isSubset(of: ["images", "annotations", "categories", "info", "licenses"])
    {
      return Detection(.possible, ["it has a member \(members.contains("images") ? "images" : "annotations")"])
    }
    if members == ["info"] || members == ["licenses"] {
      return Detection(.possible, ["it begins with a member \(members.first ?? "")"])
    }
    return nil
  }
}
