import WaybillConversion
import WaybillDiagnostics
import WaybillDiskStore
import WaybillObjectStore
import WaybillVersioning

/// The arguments that every command which works with a store shares.
enum StoreOptions {
  static let store = PositionalDeclaration(name: "STORE", help: "The store: a folder, or a file:// URL", kind: .folder)
  static let version = PositionalDeclaration(
    name: "DATASET@VERSION", help: "The version, such as animals@V001, or animals@current for the one that is current")
  static let dataset = PositionalDeclaration(name: "DATASET", help: "The dataset; all of them when left out", isOptional: true)

  /// The store that an argument names.
  ///
  /// - Parameter creates: Whether a folder that is not there is made.
  static func open(_ arguments: ParsedArguments, at position: Int = 0, creates: Bool = false) throws(CommandFailure)
    -> any ObjectStore
  {
    try CommandFailure.wrap { () throws(DatasetError) in try openStore(arguments[position] ?? "", create: creates) }
  }

  /// The version that an argument names.
  static func reference(_ arguments: ParsedArguments, at position: Int = 1) throws(CommandFailure) -> VersionReference {
    try CommandFailure.wrap { () throws(DatasetError) in try VersionReference(arguments[position] ?? "") }
  }

  /// The version that an argument names, with its record.
  static func entry(
    _ arguments: ParsedArguments, in store: any ObjectStore, at position: Int = 1
  ) throws(CommandFailure) -> VersionCatalog.Entry {
    let reference = try reference(arguments, at: position)
    return try CommandFailure.wrap { () throws(DatasetError) in try VersionCatalog(store).entry(reference) }
  }
}

/// A number of bytes as people read it: `1.2 GB`.
func byteCount(_ bytes: Int) -> String {
  var value = Double(bytes)
  guard value >= 1000 else { return "\(bytes) B" }
  for unit in ["kB", "MB", "GB", "TB"] {
    value /= 1000
    if value < 999.95 || unit == "TB" {
      let tenths = Int((value * 10).rounded())
      return tenths >= 1000 || tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
  }
  return "\(bytes) B"
}
