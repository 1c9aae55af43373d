import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// The header of a dataset as text: the first line of a manifest, or the file `dataset.json` of a label repository.
///
/// What only repositories say (`type`, `sources`, `shards`, and of a label its former names) is in the drawer of this format.
public enum NativeHeaderText {
  /// The file that holds the header of a label repository.
  public static let fileName = "dataset.json"
  /// The folder that holds its samples.
  public static let labelFolder = "labels"
  /// Members of a header that are kept in the drawer of this format.
  public static let ownMembers: Set<String> = ["type", "sources", "shards", "conflict"]

  /// The header in a buffer, which may be laid out over several lines; nil when it cannot be read, which is reported.
  public static func read(_ bytes: UnsafeRawBufferPointer, file: FileID, _ context: ReadContext) -> DatasetHeader? {
    if let bad = UTF8Check.firstInvalid(in: bytes) {
      context.diagnostics.report(JSONFault(.invalidUTF8, at: bad).diagnostic(in: file))
      return nil
    }
    let before = context.diagnostics.count(atLeast: .error)
    var reader = NativeHeaderReader(bytes, 0..<bytes.count, file: file, context: context)
    guard let found = reader.read(), context.diagnostics.count(atLeast: .error) == before else { return nil }
    var header = DatasetHeader()
    var merge = HeaderMerge()
    merge.add(found, to: &header, context: context)
    header.labelsAreComplete = merge.labelsAreComplete
    return header
  }

  /// Appends a label as a manifest's header has it.
  public static func append(_ label: Label, to out: inout ByteBuffer) { out.append(json: label) }

  /// Of each former name that no label has now, the label that had it.
  static func aliases(in labels: [Label]) -> [(name: String, id: LabelID)] {
    var found: [(name: String, id: LabelID)] = []
    for (index, label) in labels.enumerated() where !label.preserved.isEmpty {
      for name in label.formerNames { found.append((name, LabelID(index: UInt32(index)))) }
    }
    if found.isEmpty { return [] }
    var taken = Set(labels.map { ExactText($0.name) })
    return found.filter { taken.insert(ExactText($0.name)).inserted }
  }
}

extension NativeHeaderText {
  /// Appends the members of a header that come after its labels, each on a line of its own and after a comma.
  ///
  /// What is preserved of this format is left out: it is what repositories say elsewhere.
  public static func append(fieldsOf header: DatasetHeader, to out: inout ByteBuffer) {
    if !header.fields.isEmpty {
      out.append(",\n\"fields\":")
      out.appendKinds(of: header.fields)
    }
    var rest = header.preserved
    rest[NativeFormat.descriptor.id] = []
    if !rest.isEmpty {
      out.append(",\n\"preserved\":")
      out.append(json: rest)
    }
  }
}
