import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What is known of a sequence beside its rows: kept so that it can be written again.
struct MOTSequenceLayout: Sendable {
  /// What keys of its frames begin with: the sequence's folder, without the folder of a split.
  var key = ""
  /// Its folder below the dataset's.
  var path = ""
  /// The file of rows below its folder.
  var rows = "gt/gt.txt"
  /// How rows are written.
  var style = MOTStyle()
  /// `seqinfo.ini` as it stood, without lines that are wrong.
  var info: String?
  /// That file, which stands for frames nothing else says anything of.
  var infoFile: FileID?
  /// `labels.txt` as it stood.
  var labels: String?
  /// Whether these stood beside a file of rows given by itself, where they stay.
  var isBeside = false
  /// Folder of the pictures, and the ending of their names.
  var pictureFolder = "img1"
  var pictureEnding = ".jpg"
  /// Whether `seqinfo.ini` says how names end, and not the pictures themselves.
  var saysEnding = false
  /// Folders of keys that are not the usual ones.
  var keyFolders: [String] = []
  /// Number of frames, as `seqinfo.ini` says it.
  var length: Int?
  /// Size of the pictures.
  var width: Int?
  var height: Int?

  /// Whether the sequence had a file of rows.
  var hasRows = true
  /// Whether it had no frames, so that no sample stands for it.
  var isVoid = false

  init() {}

  /// The key of a frame.
  func key(of number: Int) -> String {
    var name = ByteBuffer(capacity: 32)
    name.append(decimal: number, width: 6)
    let folder = pictureFolder.isEmpty ? key : joinedPath(key, pictureFolder)
    return joinedPath(folder, name.string() + pictureEnding)
  }

  /// The number of a frame whose key is the usual one; nil for all other keys.
  func number(of key: String) -> Int? {
    let stem = FileName.stem(of: key)
    guard stem.utf8.count >= 6, stem.utf8.count < 18, stem.utf8.allSatisfy({ $0 &- 48 <= 9 }), let number = Int(stem) else {
      return nil
    }
    return self.key(of: number).utf8.elementsEqual(key.utf8) ? number : nil
  }

  // MARK: The layout in the dataset's drawer

  /// Reads what ``append(to:)`` wrote.
  init?(_ value: AttributeValue) {
    guard case .object(let object) = value, case .string(let key)? = object["key"], case .string(let path)? = object["path"],
      case .string(let rows)? = object["rows"], MOTPlaces.isRows(rows), path.isEmpty || (try? RelativePath(path)) != nil
    else { return nil }
    self.key = key
    self.path = path
    self.rows = rows
    hasRows = object["empty"] != .boolean(true)
    isVoid = object["void"] == .boolean(true)
    style = MOTStyle(object)
    if case .string(let text)? = object["ending"] { pictureEnding = text }
    if case .list(let list)? = object["folders"] {
      keyFolders = list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    if case .string(let text)? = object["labels"] { labels = text }
    isBeside = object["beside"] == .boolean(true)
    if case .string(let text)? = object["seqinfo"] {
      let quiet = ReadContext(sources: SourceMap(), limitPerRule: 0)
      Array(text.utf8).withUnsafeBytes { read(info: $0, FileID(index: 0), quiet) }
    }
  }

  /// Appends it as JSON.
  func append(to out: inout ByteBuffer) {
    out.append("{\"key\":")
    out.appendJSON(key)
    out.append(",\"path\":")
    out.appendJSON(path)
    out.append(",\"rows\":")
    out.appendJSON(rows)
    out.append(UInt8(ascii: ","))
    style.append(to: &out)
    if pictureEnding != ".jpg" {
      out.append(",\"ending\":")
      out.appendJSON(pictureEnding)
    }
    if !keyFolders.isEmpty {
      out.append(",\"folders\":")
      out.append(json: .list(keyFolders.map { AttributeValue.string($0) }))
    }
    if !hasRows { out.append(",\"empty\":true") }
    if isVoid { out.append(",\"void\":true") }
    if let labels {
      out.append(",\"labels\":")
      out.appendJSON(labels)
    }
    if isBeside { out.append(",\"beside\":true") }
    if let info {
      out.append(",\"seqinfo\":")
      out.appendJSON(info)
    }
    out.append(UInt8(ascii: "}"))
  }

  /// The layouts in a header; nil when the samples came from elsewhere.
  static func all(_ preserved: Preserved) -> [MOTSequenceLayout]? {
    guard let list = PreservedReader(preserved, MOTFormat.id).value("sequences") else { return nil }
    let value = list.withUnsafeBytes { bytes -> AttributeValue? in
      var scanner = JSONScanner(bytes)
      return try? scanner.attributeValue()
    }
    guard case .list(let items)? = value else { return nil }
    return items.compactMap { MOTSequenceLayout($0) }
  }
}
