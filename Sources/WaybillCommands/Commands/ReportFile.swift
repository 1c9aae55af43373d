import Glibc
import WaybillConversion
import WaybillDiagnostics
import WaybillFiles

/// The file that `--report` names: written in one step, and never where the labels are read or written.
struct ReportFile {
  private let path: String

  /// The file asked for, if any.
  ///
  /// - Throws: A usage fault when it is the input or the output, or lies in the output; an error when its folder cannot be written.
  init?(_ arguments: ParsedArguments, _ request: ConversionRequest) throws(CommandFailure) {
    guard let path = arguments.value(of: ConvertCommand.report) else { return nil }
    self.path = path
    let place = ReportFile.canonical(path)
    let output = ReportFile.canonical(request.output)
    if place == output || place.hasPrefix(output + "/") { throw .usage(.samePath(ConvertCommand.report, "OUTPUT")) }
    if ReportFile.isRead(path, by: request.input) { throw .usage(.samePath(ConvertCommand.report, "INPUT")) }
    // Long work shall not end with an account that has no place to go.
    let folder = FileName.folder(of: path)
    guard access(folder.isEmpty ? "." : folder, W_OK) == 0 else {
      throw .operation(DatasetError(.io, "cannot be written", path: path, errno: errno), nil)
    }
  }

  /// Whether a file is the input, or the archive that the input lies in.
  static func isRead(_ path: String, by input: String) -> Bool {
    let (place, input) = (canonical(path), canonical(input))
    return input == place || input.hasPrefix(place + "/")
  }

  /// Writes the account, replacing an older one.
  func write(_ bytes: [UInt8]) throws(DatasetError) {
    let output = try StagedOutput(target: path, kind: .file, overwrite: true)
    defer { output.abort() }
    try output.writeFile(FileName.basename(of: path), bytes)
    try output.commit()
  }

  /// The path with links resolved as far as it exists.
  private static func canonical(_ path: String) -> String {
    var existing = path
    while existing.count > 1 && existing.hasSuffix("/") { existing.removeLast() }
    var rest = ""
    while true {
      if let resolved = realpath(existing.isEmpty ? "." : existing, nil) {
        defer { free(resolved) }
        let text = String(cString: resolved)
        return (text == "/" ? "" : text) + rest
      }
      guard !existing.isEmpty else { return path }
      rest = "/" + FileName.basename(of: existing) + rest
      existing = FileName.folder(of: existing)
    }
  }
}
