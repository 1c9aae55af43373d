import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// Reads and writes Pascal VOC annotation files and the shapes ModelArts adds to them.
public enum VOCCodec {
  /// The section of ``Preserved`` that the codec fills and prints, whichever format calls it.
  public static let section: FormatID = "pascal-voc"
}
