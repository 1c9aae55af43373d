import Foundation

/// Where the servers are that `Scripts/s3-servers` has started.
public enum ServerVariables {
  /// The lines of the file that `WAYBILL_S3_SERVERS` names, by their names; nil where it is not set.
  public static let all: [String: String]? = {
    guard let path = ProcessInfo.processInfo.environment["WAYBILL_S3_SERVERS"],
      let text = try? String(contentsOfFile: path, encoding: .utf8)
    else { return nil }
    var values: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { values[String(parts[0])] = parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "'\"")) }
    }
    return values
  }()

  /// Python with the packages of the servers, where it is installed.
  public static let python: String? = {
    let path = "\(PackageFolder.root)/.build/servers-venv/bin/python"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()
}
