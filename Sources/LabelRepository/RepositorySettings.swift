import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative
import WaybillSyntax

/// What `dataset.json` of a label repository says: name, labeling type, label set, media sources and number of shards.
public struct RepositorySettings: Sendable {
  /// Name, labels and fields of the dataset.
  public var header: DatasetHeader {
    didSet { if header.labels !== oldValue.labels { labelCount = header.labels.count } }
  }
  /// What is labeled.
  public var type: LabelingType
  /// Folders or URLs the media come from; folders are relative to the repository.
  public var sources: [String]
  /// Number of files the samples are spread over.
  public var shardCount: Int

  /// Where a merge found that both sides gave another answer; nothing may be published until they are resolved.
  public var conflicts: [SettingsConflict] = []

  /// Most files the samples can be spread over.
  public static let shardLimit = 4096
  /// Number of labels in the set; names that are met in samples stand behind them in the table.
  private var labelCount: Int

  /// Settings of a new repository.
  public init(name: String, type: LabelingType, labels: [Label] = [], sources: [String] = [], shardCount: Int = 1) {
    header = DatasetHeader(name: name, labels: LabelTable(labels), labelsAreComplete: true)
    labelCount = labels.count
    self.type = type
    self.sources = sources
    self.shardCount = shardCount
  }

  /// The labels of the set; setting them makes a new table.
  public var labels: [Label] {
    get { Array(header.labels.labels.prefix(labelCount)) }
    set { header.labels = LabelTable(newValue) }
  }

  /// Reads settings; nil when they cannot be used, which is reported.
  static func read(_ bytes: UnsafeRawBufferPointer, file: FileID, _ context: ReadContext) -> RepositorySettings? {
    guard let header = NativeHeaderText.read(bytes, file: file, context) else { return nil }
    let place = SourceRange(file: file, offset: 0, length: 1)
    let own = PreservedReader(header.preserved, NativeFormat.descriptor.id)
    own.forEach { key, _ in
      let name = key.makeString()
      if NativeHeaderText.ownMembers.contains(name) { return }
      context.report(
        .error, "repository.settings.member", "\"\(terminalSafe(name))\" is no setting of a repository", at: place)
    }
    guard let typeName = own.string("type") else {
      context.report(.error, "repository.settings.type", "\"type\" says what is labeled, and is missing", at: place)
      return nil
    }
    guard let type = LabelingType(rawValue: typeName) else {
      let hint = nearest(to: typeName, among: LabelingType.allCases.map(\.name)).map { "; did you mean \($0)?" } ?? ""
      context.report(
        .error, "repository.settings.type", "There is no labeling type \"\(terminalSafe(typeName))\"\(hint)", at: place)
      return nil
    }
    var settings = RepositorySettings(name: header.name ?? "", type: type)
    settings.header = header
    settings.header.labelsAreComplete = true
    do throws(JSONFault) {
      settings.sources = try own.value("sources").map { (value) throws(JSONFault) in try strings(value) } ?? []
      settings.conflicts = try own.value("conflict").map { (value) throws(JSONFault) in try SettingsConflict.list(value) } ?? []
      settings.shardCount = try own.value("shards").map { (value) throws(JSONFault) in try number(value) } ?? 1
    } catch {
      context.report(
        .error, "repository.settings.member",
        "\"sources\" is a list of texts, \"shards\" a number, and \"conflict\" a list of conflicts", at: place)
      return nil
    }
    guard (1...shardLimit).contains(settings.shardCount) else {
      context.report(
        .error, "repository.settings.shards", "\"shards\" is \(settings.shardCount), and must be 1 to \(shardLimit)", at: place)
      return nil
    }
    return settings
  }

  private static func strings(_ value: [UInt8]) throws(JSONFault) -> [String] {
    let result: Result<[String], JSONFault> = value.withUnsafeBytes { bytes in
      do throws(JSONFault) {
        var found: [String] = []
        var scanner = JSONScanner(bytes)
        var progress = try scanner.beginArray()
        while try scanner.nextElement(&progress) { found.append(try scanner.string().makeString()) }
        return .success(found)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func number(_ value: [UInt8]) throws(JSONFault) -> Int {
    let result: Result<Int64, JSONFault> = value.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      do throws(JSONFault) { return .success(try scanner.integer()) } catch { return .failure(error) }
    }
    return Int(try result.get())
  }

  /// The canonical bytes of `dataset.json`: one label a line, so that git sees which one changed.
  var bytes: [UInt8] {
    var out = ByteBuffer()
    out.append("{\n\"waybill\":")
    out.append(decimal: NativeFormat.schemaVersion)
    if let name = header.name {
      out.append(",\n\"name\":")
      out.appendJSON(name)
    }
    out.append(",\n\"type\":")
    out.appendJSON(type.name)
    out.append(",\n\"sources\":[")
    for (index, source) in sources.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.appendJSON(source)
    }
    out.append("],\n\"shards\":")
    out.append(decimal: shardCount)
    out.append(",\n\"labels\":[")
    for (index, label) in labels.enumerated() {
      out.append(index > 0 ? ",\n" : "\n")
      NativeHeaderText.append(label, to: &out)
    }
    out.append(labels.isEmpty ? "]" : "\n]")
    NativeHeaderText.append(fieldsOf: header, to: &out)
    SettingsConflict.append(conflicts, to: &out)
    out.append("\n}\n")
    return out.array()
  }
}
