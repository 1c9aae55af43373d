import WaybillDiagnostics

/// A version as people name it: `animals@V001`, `animals@current`, or `animals` for the current one.
public struct VersionReference: Sendable, Hashable, CustomStringConvertible {
  /// The dataset.
  public var dataset: DatasetName
  /// The version; nil means the current one.
  public var version: VersionName?

  /// A version, or the current one.
  public init(dataset: DatasetName, version: VersionName? = nil) {
    self.dataset = dataset
    self.version = version
  }

  /// Reads `DATASET@VERSION`, `DATASET@current` or `DATASET`.
  ///
  /// - Throws: An error of the code `usage` that says what a name is made of.
  public init(_ text: String) throws(DatasetError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let dataset = DatasetName(parts[0]) else {
      throw DatasetError(
        .usage,
        "The name of a dataset is 1 to 100 letters, digits, -, _ and . that do not begin with a dot, not \"\(terminalSafe(parts[0]))\""
      )
    }
    self.dataset = dataset
    guard parts.count == 2, parts[1] != "current" else { return }
    version = try VersionReference.version(parts[1])
  }

  /// Reads the name of a version.
  public static func version(_ text: String) throws(DatasetError) -> VersionName {
    guard let name = VersionName(text) else {
      throw DatasetError(
        .usage, "The name of a version is 1 to 32 letters, digits, - and _, such as V001, not \"\(terminalSafe(text))\"")
    }
    return name
  }

  /// Splits `STORE#DATASET@VERSION` at its last `#`; nil for a text that is no such thing.
  ///
  /// The part behind the `#` must hold an `@`, so that a path with a `#` in it stays a path.
  public static func split(_ text: String) -> (store: String, reference: String)? {
    guard let mark = text.lastIndex(of: "#") else { return nil }
    let store = String(text[..<mark])
    let reference = String(text[text.index(after: mark)...])
    guard !store.isEmpty, reference.contains("@"), !reference.contains("/") else { return nil }
    return (store, reference)
  }

  /// `animals@V001`, or `animals@current`.
  public var description: String { "\(dataset)@\(version?.text ?? "current")" }
}
