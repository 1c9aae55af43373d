import Foundation

/// Where the tests find their files and the programs they run.
enum TestPlaces {
  /// The folder of the Markdown tests.
  static let commands = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Commands")

  /// The folder the programs are built into: that of the test program, or the one `WAYBILL_BIN` names.
  static var programs: URL {
    if let path = ProcessInfo.processInfo.environment["WAYBILL_BIN"] { return URL(fileURLWithPath: path) }
    return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// The tool with every format, and the one with the tiny format of the tests.
  static var tool: URL { program("waybill", "WaybillTool") }
  static var tinyTool: URL { program("TinyTool") }

  /// Whether expected texts are written anew instead of compared; never in continuous integration.
  static var records: Bool {
    let environment = ProcessInfo.processInfo.environment
    return environment["WAYBILL_RECORD"] == "1" && environment["CI"] == nil
  }

  /// The files of a folder with an extension, by name.
  static func files(in folder: URL, _ pathExtension: String) -> [URL] {
    let found =
      (try? FileManager.default.contentsOfDirectory(
        at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: nil)) ?? []
    return found.filter { $0.pathExtension == pathExtension }.sorted { $0.path < $1.path }
  }

  private static func program(_ names: String...) -> URL {
    let urls = names.map { programs.appendingPathComponent($0) }
    return urls.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? urls[0]
  }
}
