import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// Reads and writes Pascal VOC annotation files and the shapes ModelArts adds to them.
///
/// A document in the canonical order of elements, with numbers and marks spelled canonically, leaves nothing in
/// ``VOCDocument/preserved``. For any other the order and the spellings are kept there, so that writing gives the same elements with
/// the same text in the same order again.
public enum VOCCodec {
  /// The section of ``Preserved`` that the codec fills and prints, whichever format calls it.
  public static let section: FormatID = "pascal-voc"

  /// Reads one annotation file that `reader` has just parsed.
  ///
  /// Problems are reported to the list, located in `file`; an object with an error is left out. Returns nil when the document is
  /// no VOC annotation at all.
  public static func decode(
    _ reader: XMLReader, in file: FileID, labels: LabelCache, dialect: VOCDialect, diagnostics: inout DiagnosticList
  ) -> VOCDocument? {
    var decoder = VOCDecoder(reader, file, labels, dialect)
    let document = decoder.decode()
    if !decoder.diagnostics.isEmpty { diagnostics.append(decoder.diagnostics) }
    return document
  }

  /// Writes one annotation file.
  ///
  /// What has no place in it is reported to the list as an error, at `source`, and left out.
  public static func encode(
    _ document: VOCDocument, labels: LabelCache, dialect: VOCDialect, into: inout ByteBuffer, diagnostics: inout DiagnosticList,
    source: SourceRange? = nil
  ) {
    var encoder = VOCEncoder(document, labels, dialect, source)
    encoder.encode(into: &into)
    if !encoder.diagnostics.isEmpty { diagnostics.append(encoder.diagnostics) }
  }

  /// The label that a `name` element means, before an object is decoded; nil when it is empty.
  public static func labelName(_ reader: XMLReader, _ element: Int) -> UnsafeBufferPointer<UInt8>? {
    let name = VOCTree.value(of: reader.text(of: element))
    return VOCTree.trim(name).isEmpty ? nil : name
  }
}
