import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The names of the columns of metadata that mean something, and how files of metadata lie; kept in the dataset's header.
struct MetadataColumns: Equatable, Sendable {
  /// The column of paths.
  var media = "file_name"
  /// The column of classes.
  var label = "label"
  /// The column of captions.
  var text = "text"
  /// The names of the lists of `objects`.
  var boxes = "bbox"
  var categories = "categories"
  /// Whether the columns of classes and captions hold lists, also of one.
  var labelsAreLists = false
  var textsAreLists = false
  /// Whether classes, and those of objects, are numbers.
  var labelsAreNumbers = false
  var categoriesAreNumbers = false
  /// Whether the files are tables.
  var isTable = false
  /// Whether one file at the root has the rows of all splits.
  var isSingle = false
  /// The columns of a table, or the members of the first row, in their order.
  var order: [String] = []

  static let labelNames = ["label", "labels", "class", "category"]
  static let textNames = ["text", "caption", "transcription", "transcript", "sentence", captions]
  /// Where several classes, or several captions, stand beside columns of one: a column is of one type for most programs.
  static let labels = "labels"
  static let captions = "captions"
  static let boxNames = ["bbox", "bboxes", "boxes"]
  static let categoryNames = ["categories", "category", "labels", "label", "classes"]
  static let objects = "objects"
  /// The member that says what others cannot.
  static let own = "waybill"
  /// The most members of a row that are remembered for their order.
  static let orderLimit = 256

  /// Whether a column holds the path of a medium.
  static func isMedia(_ name: String) -> Bool {
    name == "file_name" || name.utf8.suffix(10).elementsEqual("_file_name".utf8)
  }

  /// The members of a row that mean something, in the order in which they are written where the file had no other.
  private var usualOrder: [String] {
    [media, label, MetadataColumns.labels, text, MetadataColumns.captions, MetadataColumns.objects, "id", "width", "height"]
  }

  /// Forgets the order of lines of JSON where it is the one that they are written in anyway.
  ///
  /// The first row need not have all members, and no order of some says where the others go.
  mutating func forgetUsualOrder() {
    if isTable { return }
    let usual = usualOrder
    let ranks = order.map { name in name == MetadataColumns.own ? usual.count + 1 : usual.firstIndex(of: name) ?? usual.count }
    if zip(ranks, ranks.dropFirst()).allSatisfy({ $0 <= $1 }) { order = [] }
  }

  // MARK: In the header

  /// The members of the header's preserved section for a layout.
  func members(_ layout: FolderLayout) -> [UInt8] {
    let usual = MetadataColumns()
    var out = ByteBuffer(capacity: 128)
    out.append("\"layout\":")
    out.appendJSON(layout.rawValue)
    guard layout == .metadata else { return out.array() }
    func add(_ name: StaticString, _ value: String, _ other: String) {
      guard value != other else { return }
      out.append(",\"")
      out.append(name)
      out.append("\":")
      out.appendJSON(value)
    }
    func add(_ name: StaticString, _ isTrue: Bool) {
      guard isTrue else { return }
      out.append(",\"")
      out.append(name)
      out.append("\":true")
    }
    add("media", media, usual.media)
    add("label", label, usual.label)
    add("text", text, usual.text)
    add("boxes", boxes, usual.boxes)
    add("categories", categories, usual.categories)
    add("label-lists", labelsAreLists)
    add("text-lists", textsAreLists)
    add("label-numbers", labelsAreNumbers)
    add("category-numbers", categoriesAreNumbers)
    add("table", isTable)
    add("single", isSingle)
    if !order.isEmpty {
      out.append(",\"columns\":")
      out.append(json: .list(order.map(AttributeValue.string)))
    }
    return out.array()
  }

  /// The layout and the columns that a header keeps; nil for headers of other formats.
  static func kept(_ preserved: Preserved) -> (layout: FolderLayout, columns: MetadataColumns)? {
    var layout: FolderLayout?
    var columns = MetadataColumns()
    PreservedReader(preserved, MediaFolderFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let found = try? scanner.attributeValue() else { return }
      switch (key, found) {
      case ("layout", .string(let text)): layout = FolderLayout(rawValue: text)
      case ("media", .string(let text)): columns.media = isMedia(text) ? text : columns.media
      case ("label", .string(let text)): columns.label = text
      case ("text", .string(let text)): columns.text = text
      case ("boxes", .string(let text)): columns.boxes = text
      case ("categories", .string(let text)): columns.categories = text
      case ("label-lists", .boolean(let isTrue)): columns.labelsAreLists = isTrue
      case ("text-lists", .boolean(let isTrue)): columns.textsAreLists = isTrue
      case ("label-numbers", .boolean(let isTrue)): columns.labelsAreNumbers = isTrue
      case ("category-numbers", .boolean(let isTrue)): columns.categoriesAreNumbers = isTrue
      case ("table", .boolean(let isTrue)): columns.isTable = isTrue
      case ("single", .boolean(let isTrue)): columns.isSingle = isTrue
      case ("columns", .list(let list)):
        for case .string(let name) in list { columns.order.append(name) }
      default: return
      }
    }
    // Names that mean two things at once are nobody's.
    let names = [columns.media, columns.label, columns.text, objects, own, "id", "width", "height"]
    let lists = [columns.boxes, columns.categories, "id", "area"]
    if Set(names.map(ExactText.init)).count < names.count || Set(lists.map(ExactText.init)).count < lists.count
      || isMedia(columns.label) || isMedia(columns.text)
    {
      let (isTable, isSingle) = (columns.isTable, columns.isSingle)
      columns = MetadataColumns()
      (columns.isTable, columns.isSingle) = (isTable, isSingle)
    }
    return layout.map { ($0, columns) }
  }
}

/// Which columns occur in the rows, found by the survey.
struct MetadataCensus {
  private var names: Set<String> = []
  private(set) var order: [String]?
  private var boxes: String?
  private var categories: String?
  private var labelIsNumber: Bool?
  /// Columns whose first value is a list.
  private var lists: [String: Bool] = [:]
  private var categoryIsNumber: Bool?
  private var media: String?

  /// Notes the columns of a table.
  mutating func note(_ columns: [String]) {
    if order == nil { order = columns }
    for name in columns { note(name) }
  }

  private mutating func note(_ name: String) {
    if name == "file_name" { media = name } else if media == nil, MetadataColumns.isMedia(name) { media = name }
    if MetadataColumns.labelNames.contains(name) || MetadataColumns.textNames.contains(name) { names.insert(name) }
  }

  /// Notes a row, and calls with each path of a medium.
  ///
  /// What is wrong with the row is said when it is decoded.
  mutating func note(row bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ path: (JSONString) -> Void) {
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    let isFirst = order == nil
    var first: [String] = []
    do throws(JSONFault) {
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) {
        if isFirst, first.count < MetadataColumns.orderLimit { first.append(key.makeString()) }
        try note(key, &scanner, path)
      }
    } catch { /* The decoder says it, with its place. */  }
    if isFirst { order = first }
  }

  private mutating func note(_ key: JSONString, _ scanner: inout JSONScanner, _ path: (JSONString) -> Void) throws(JSONFault) {
    let kind = try scanner.peekKind()
    // Names that mean something are short; most keys are told by their length.
    guard key.raw.count <= 64 else { return try scanner.skipValueStructurally() }
    switch key {
    case "objects" where kind == .object: return try objects(&scanner)
    case "label", "labels", "class", "category":
      let name = key.makeString()
      if kind == .string || kind == .number || kind == .array { note(name, isList: kind == .array) }
      if kind == .number, labelIsNumber == nil { labelIsNumber = true }
      if kind == .array, labelIsNumber == nil { return try elements(&scanner, &labelIsNumber) }
      if kind == .string, labelIsNumber == nil { labelIsNumber = false }
    case "text", "caption", "transcription", "transcript", "sentence", "captions":
      if kind == .string || kind == .array { note(key.makeString(), isList: kind == .array) }
    default:
      guard key.raw.last == UInt8(ascii: "e"), kind == .string else { break }
      let name = key.makeString()
      guard MetadataColumns.isMedia(name) else { break }
      note(name)
      return path(try scanner.string())
    }
    try scanner.skipValueStructurally()
  }

  private mutating func note(_ name: String, isList: Bool) {
    if names.insert(name).inserted { lists[name] = isList }
  }

  private mutating func objects(_ scanner: inout JSONScanner) throws(JSONFault) {
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let name = key.raw.count <= 16 ? key.makeString() : ""
      if boxes == nil, MetadataColumns.boxNames.contains(name) { boxes = name }
      if categories == nil, MetadataColumns.categoryNames.contains(name) { categories = name }
      if name == categories, categoryIsNumber == nil, try scanner.peekKind() == .array {
        try elements(&scanner, &categoryIsNumber)
      } else {
        try scanner.skipValueStructurally()
      }
    }
  }

  /// Notes whether the first element of a list that is a text or a number is a number.
  private func elements(_ scanner: inout JSONScanner, _ isNumber: inout Bool?) throws(JSONFault) {
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let kind = try scanner.peekKind()
      if isNumber == nil, kind == .number || kind == .string { isNumber = kind == .number }
      try scanner.skipValueStructurally()
    }
  }

  /// The columns that mean something, by what occurs and by what was asked for.
  func columns(label: String, text: String) -> MetadataColumns {
    var found = MetadataColumns()
    found.media = media ?? found.media
    found.label = label != "auto" ? label : MetadataColumns.labelNames.first(where: names.contains) ?? found.label
    found.text = text != "auto" ? text : MetadataColumns.textNames.first(where: names.contains) ?? found.text
    found.labelsAreLists = lists[found.label] ?? false
    found.textsAreLists = lists[found.text] ?? false
    found.boxes = boxes ?? found.boxes
    found.categories = categories ?? found.categories
    found.labelsAreNumbers = labelIsNumber ?? false
    found.categoriesAreNumbers = categoryIsNumber ?? false
    found.order = order ?? []
    return found
  }
}
