import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns one sample into a row of metadata with its line end; one per worker.
final class RowEncoder {
  /// The row encoded last.
  @exclusivity(unchecked) private(set) var row = ByteBuffer(capacity: 4096)

  /// The annotations of a sample by what they become, in their order.
  private struct Parts {
    var classes: [Int] = []
    var texts: [Int] = []
    var boxes: [Int] = []

    init(_ annotations: [Annotation]) {
      for (index, annotation) in annotations.enumerated() {
        if annotation.box != nil {
          boxes.append(index)
        } else if annotation.label != nil {
          classes.append(index)
        } else if annotation.text != nil {
          texts.append(index)
        }
      }
    }

    var order: [Int] { classes + texts + boxes }
  }

  /// Encodes a sample whose medium lies at a target, by its name below the folder of the metadata.
  func encode(
    _ sample: Sample, _ plan: WritePlan, file: String, target: String, split: String?, _ context: EncodeContext
  ) throws(WriteFault) {
    row.removeAll()
    let parts = Parts(sample.annotations)
    guard parts.order.count == sample.annotations.count else {
      throw WriteFault(
        rule: "media-folder.write.no-answer",
        message: "An annotation of \"\(terminalSafe(sample.key))\" has no label, no text and no box")
    }
    if plan.columns.isTable {
      try checkPlace(sample, target, split, plan)
      table(sample, parts, plan, file, context.labels)
      guard row.count <= CSVScanner.rowLimit else {
        throw WriteFault(
          rule: "media-folder.write.long-row",
          message: "The row of \"\(terminalSafe(sample.key))\" would have \(row.count) bytes; lines of JSON can hold it")
      }
    } else {
      try record(sample, parts, plan, file, target, split, context)
    }
    row.append(UInt8(ascii: "\n"))
  }

  // MARK: What is lost

  /// What a row cannot hold though the format has a place for it.
  func losses(of sample: Sample, _ plan: WritePlan, _ labels: LabelCache) -> [EncodingLoss] {
    var losses: [EncodingLoss] = []
    func lose(_ features: FeatureSet) {
      for feature in features.features { losses.append(EncodingLoss(feature, isApproximated: false)) }
    }
    let isTable = plan.columns.isTable
    let parts = Parts(sample.annotations)
    let beside: FeatureSet = [.id, .area, .attributes]
    for index in parts.classes + parts.texts { lose(sample.annotations[index].features.intersection(beside)) }
    guard isTable else {
      for index in parts.boxes where !ObjectsEncoder.holdsAttributes(of: sample.annotations[index], plan.columns) {
        lose(FeatureSet(.attributes))
      }
      return losses
    }
    let order = plan.columns.order
    for (place, index) in parts.classes.enumerated() {
      let name = sample.annotations[index].label.flatMap { labels.label($0)?.name } ?? ""
      if place > 0 || name.isEmpty || !order.contains(plan.columns.label) { lose(FeatureSet(.classification)) }
    }
    for (place, index) in parts.texts.enumerated()
    where place > 0 || sample.annotations[index].text?.isEmpty ?? true || !order.contains(plan.columns.text) {
      lose(FeatureSet(.caption))
    }
    for index in parts.boxes { lose(sample.annotations[index].features) }
    if case .string(let id)? = sample.id, id.isEmpty || Int64(id).map({ String($0) == id }) ?? false {
      lose(FeatureSet(.sampleID))
    } else if sample.id != nil, !order.contains("id") {
      lose(FeatureSet(.sampleID))
    }
    if sample.media.width != nil || sample.media.height != nil, !order.contains("width") || !order.contains("height") {
      lose(FeatureSet(.imageSize))
    }
    if sample.attributes.items.contains(where: { !RowEncoder.isCell($0, plan.columns, sample) }) {
      lose(FeatureSet(.sampleAttributes))
    }
    return losses
  }

  /// Whether an attribute comes back from a cell.
  private static func isCell(_ item: Attributes.Attribute, _ columns: MetadataColumns, _ sample: Sample) -> Bool {
    guard columns.order.contains(item.name), ![columns.media, columns.label, columns.text, "id"].contains(item.name) else {
      return false
    }
    let isSize = item.name == "width" || item.name == "height"
    guard !isSize || isLoneSize(item, sample) else { return false }
    switch item.value {
    case .string(let text): return !text.isEmpty && !(isSize && Int64(text).map { String($0) == text } ?? false)
    case .integer: return isSize
    default: return false
    }
  }

  /// Whether a width or height is one of attributes: beside the other as a number, it would be the size of the picture.
  private static func isLoneSize(_ item: Attributes.Attribute, _ sample: Sample) -> Bool {
    guard sample.media.width == nil, sample.media.height == nil else { return false }
    if case .integer? = sample.attributes["width"], case .integer? = sample.attributes["height"] { return false }
    return true
  }

  // MARK: Lines of JSON

  private func record(
    _ sample: Sample, _ parts: Parts, _ plan: WritePlan, _ file: String, _ target: String, _ split: String?,
    _ context: EncodeContext
  ) throws(WriteFault) {
    let columns = plan.columns
    var own = ownMembers(sample, parts, plan, target, split)
    let free = sample.attributes.items.prefix { isFree($0, sample, plan) }.count
    for item in sample.attributes.items.dropFirst(free) { own.attributes.items.append(item) }
    var members = Members()
    members.add(columns.media) { $0.appendJSON(file) }
    if !parts.classes.isEmpty {
      let isList = columns.labelsAreLists || parts.classes.count > 1
      members.add(isList && !columns.labelsAreLists ? MetadataColumns.labels : columns.label) { out in
        list(parts.classes, isList: isList, &out) { index, out in
          label(sample.annotations[index], isNumber: columns.labelsAreNumbers, context.labels, &out)
        }
      }
    }
    if !parts.texts.isEmpty {
      let isList = columns.textsAreLists || parts.texts.count > 1
      members.add(isList && !columns.textsAreLists ? MetadataColumns.captions : columns.text) { out in
        list(parts.texts, isList: isList, &out) { index, out in out.appendJSON(sample.annotations[index].text ?? "") }
      }
    }
    if !parts.boxes.isEmpty {
      var objects = ByteBuffer()
      try ObjectsEncoder(columns: columns, labels: context.labels).append(parts.boxes, of: sample, context, to: &objects)
      members.add(MetadataColumns.objects) { $0.append(objects.bytes) }
    }
    if let id = sample.id { members.add("id") { $0.append(json: id) } }
    // The size that shares were multiplied with brings them back.
    let hasShares = parts.boxes.contains { sample.annotations[$0].box?.unit == .unit }
    let size = hasShares ? context.imageSize(of: sample) : nil
    if let width = sample.media.width ?? size?.width { members.add("width") { $0.append(decimal: width) } }
    if let height = sample.media.height ?? size?.height { members.add("height") { $0.append(decimal: height) } }
    if !own.isEmpty { members.add(MetadataColumns.own) { own.append(to: &$0) } }
    members.append(columns.order, sample.attributes.items.prefix(free), to: &row)
  }

  /// Members that mean something, each written at its place in the order of the file.
  private struct Members {
    private var names: [String] = []
    private var values: [[UInt8]] = []

    mutating func add(_ name: String, _ body: (inout ByteBuffer) -> Void) {
      var out = ByteBuffer()
      body(&out)
      names.append(name)
      values.append(out.array())
    }

    /// Appends an object; attributes stay in their own order, wherever the file had them.
    func append(_ order: [String], _ attributes: ArraySlice<Attributes.Attribute>, to out: inout ByteBuffer) {
      var isWritten = names.map { _ in false }
      var rest = attributes[...]
      var isFirst = true
      func key(_ name: String, _ out: inout ByteBuffer) {
        out.append(isFirst ? UInt8(ascii: "{") : UInt8(ascii: ","))
        isFirst = false
        out.appendJSON(name)
        out.append(UInt8(ascii: ":"))
      }
      for name in order {
        if let at = names.firstIndex(of: name) {
          if isWritten[at] { continue }
          isWritten[at] = true
          key(name, &out)
          out.append(values[at])
        } else if let next = rest.first, next.name == name {
          rest = rest.dropFirst()
          key(name, &out)
          out.append(json: next.value)
        }
      }
      for at in names.indices where !isWritten[at] && names[at] != MetadataColumns.own {
        isWritten[at] = true
        key(names[at], &out)
        out.append(values[at])
      }
      for item in rest {
        key(item.name, &out)
        out.append(json: item.value)
      }
      for at in names.indices where !isWritten[at] {
        key(names[at], &out)
        out.append(values[at])
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private func list(_ indices: [Int], isList: Bool, _ out: inout ByteBuffer, _ body: (Int, inout ByteBuffer) -> Void) {
    if isList { out.append(UInt8(ascii: "[")) }
    for (place, index) in indices.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      body(index, &out)
    }
    if isList { out.append(UInt8(ascii: "]")) }
  }

  private func label(_ annotation: Annotation, isNumber: Bool, _ labels: LabelCache, _ out: inout ByteBuffer) {
    let name = annotation.label.flatMap { labels.label($0)?.name } ?? ""
    if isNumber, let number = Int64(name), String(number) == name {
      out.append(decimal: Int(number))
    } else {
      out.appendJSON(name)
    }
  }

  /// What the path of the file does not say.
  private func ownMembers(_ sample: Sample, _ parts: Parts, _ plan: WritePlan, _ target: String, _ split: String?) -> OwnMembers {
    var own = OwnMembers()
    if sample.key != target { own.key = sample.key }
    if let location = sample.media.location, location != sample.key { own.location = location }
    if MediaPlaces.kind(of: target) ?? .image != sample.media.kind { own.kind = sample.media.kind }
    if plan.places.place(of: target).split != split { own.split = .some(split) }
    let order = parts.order
    if order != Array(order.indices) {
      var places = order
      for (place, index) in order.enumerated() { places[index] = place }
      own.order = places
    }
    return own
  }

  /// Whether an attribute is read as one where it stands among the columns.
  private func isFree(_ item: Attributes.Attribute, _ sample: Sample, _ plan: WritePlan) -> Bool {
    let columns = plan.columns
    switch (item.name, item.value) {
    case (columns.media, _), ("file_name", _), (MetadataColumns.own, _): return false
    case (MetadataColumns.objects, .object), (MetadataColumns.objects, .null): return false
    case ("id", .boolean), ("id", .list), ("id", .object): return sample.id == nil
    case ("id", _): return false
    case ("width", .string), ("height", .string), ("width", .number), ("height", .number):
      return sample.media.width == nil && sample.media.height == nil
    case ("width", _), ("height", _): return false
    case (let name, let value) where isName(name, MetadataColumns.labelNames, columns.label):
      return isNoText(value) || plan.isOwn && isBehind(name, columns.label, MetadataColumns.labelNames)
    case (let name, let value) where isName(name, MetadataColumns.textNames, columns.text):
      return isNoText(value) || plan.isOwn && isBehind(name, columns.text, MetadataColumns.textNames)
    default: return true
    }
  }

  private func isName(_ name: String, _ usual: [String], _ own: String) -> Bool { name == own || usual.contains(name) }

  /// Whether a value is neither classes nor captions, whatever its column is called.
  private func isNoText(_ value: AttributeValue) -> Bool {
    switch value {
    case .boolean, .object: true
    default: false
    }
  }

  /// Whether a name is looked at only where the column that was read is not there, which it is in files of this format.
  private func isBehind(_ name: String, _ own: String, _ usual: [String]) -> Bool {
    guard name != MetadataColumns.labels, name != MetadataColumns.captions else { return false }
    guard let place = usual.firstIndex(of: name), let first = usual.firstIndex(of: own) else { return false }
    return place > first
  }

  // MARK: Tables

  /// A row of a table has no member for what its path does not say.
  private func checkPlace(_ sample: Sample, _ target: String, _ split: String?, _ plan: WritePlan) throws(WriteFault) {
    guard plan.places.place(of: target).split == split else {
      throw WriteFault(
        rule: "media-folder.write.split",
        message: split.map { "The split \"\(terminalSafe($0))\" of \"\(terminalSafe(sample.key))\" cannot be told by a folder" }
          ?? "\"\(terminalSafe(sample.key))\" has no split, and its path would be read as one")
    }
    guard MediaPlaces.kind(of: target) ?? .image == sample.media.kind else {
      throw WriteFault(
        rule: "media-folder.write.kind", message: "The ending of \"\(terminalSafe(target))\" does not tell its kind to a table")
    }
  }

  private func table(_ sample: Sample, _ parts: Parts, _ plan: WritePlan, _ file: String, _ labels: LabelCache) {
    let columns = plan.columns
    for (place, name) in columns.order.enumerated() {
      if place > 0 { row.append(UInt8(ascii: ",")) }
      row.appendCSV(cell(name, sample, parts, columns, file, labels), delimiter: UInt8(ascii: ","))
    }
  }

  private func cell(
    _ name: String, _ sample: Sample, _ parts: Parts, _ columns: MetadataColumns, _ file: String, _ labels: LabelCache
  ) -> String {
    switch name {
    case columns.media: return file
    case columns.label: return parts.classes.first.flatMap { sample.annotations[$0].label }.flatMap { labels.label($0)?.name } ?? ""
    case columns.text: return parts.texts.first.flatMap { sample.annotations[$0].text } ?? ""
    case "id":
      switch sample.id {
      case .integer(let number): return String(number)
      case .string(let text): return text
      case nil: return ""
      }
    case "width" where sample.media.width != nil: return sample.media.width.map(String.init) ?? ""
    case "height" where sample.media.height != nil: return sample.media.height.map(String.init) ?? ""
    default:
      guard let item = sample.attributes.items.first(where: { $0.name == name }) else { return "" }
      if name == "width" || name == "height", !RowEncoder.isLoneSize(item, sample) { return "" }
      let value = item.value
      if case .string(let text) = value { return text }
      var out = ByteBuffer()
      out.append(json: value)
      return out.string()
    }
  }
}
