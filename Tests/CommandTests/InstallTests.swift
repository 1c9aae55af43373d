import Foundation
import TestSupport
import Testing

/// `Scripts/install` with a tool that is built already, into a folder of its own.
@Suite("Installation")
struct InstallTests {
  private static let files = [
    "bin/waybill", "share/bash-completion/completions/waybill", "share/fish/vendor_completions.d/waybill.fish",
    "share/zsh/site-functions/_waybill",
  ]

  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (
    code: Int32, output: String, errors: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(PackageFolder.root)/Scripts/install")
    process.arguments = arguments
    process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "WAYBILL_TOOL": TestPlaces.tool.path].merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let problems = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, problems)
  }

  private func names(in folder: TemporaryFolder) throws -> [String] { try tree(folder.path).keys.sorted() }

  @Test("files go where tools and shells look for them, and are gone again afterwards", arguments: ["", "/stage"])
  func roundTrip(stage: String) throws {
    let folder = try TemporaryFolder()
    let environment =
      stage.isEmpty ? ["PREFIX": folder.path + "/"] : ["PREFIX": "/opt/place", "DESTDIR": folder.path + stage + "/"]
    let root = stage.isEmpty ? "" : "stage/opt/place/"
    let installed = try run([], environment)
    #expect(installed.code == 0, "\(installed.errors)")
    #expect(try names(in: folder) == InstallTests.files.map { root + $0 })
    for file in InstallTests.files { #expect(installed.output.contains("installed \(folder.path)/\(root)\(file)\n")) }
    let tool = folder.file(root + "bin/waybill")
    #expect(try FileManager.default.attributesOfItem(atPath: tool)[.posixPermissions] as? Int == 0o755)
    let script = folder.file(root + InstallTests.files[1])
    #expect(try FileManager.default.attributesOfItem(atPath: script)[.posixPermissions] as? Int == 0o644)
    #expect(try String(contentsOfFile: script, encoding: .utf8).contains("complete -F _waybill waybill"))
    #expect(try String(contentsOfFile: folder.file(root + InstallTests.files[3]), encoding: .utf8).hasPrefix("#compdef waybill\n"))
    // Once more over what is there, and the tool that was installed works.
    #expect(try run([], environment.merging(["WAYBILL_TOOL": tool]) { $1 }).code == 0)
    let other = folder.file(root + "bin/other")
    try Data().write(to: URL(fileURLWithPath: other))
    let removed = try run(["--uninstall"], environment)
    #expect(removed.code == 0 && removed.output.split(separator: "\n").count == 4, "\(removed)")
    #expect(try names(in: folder) == [root + "bin/other"])
    #expect(try run(["--uninstall"], environment).output.hasPrefix("not there: "))
  }

  @Test("a dry run does nothing", arguments: [["--dry-run"], ["--dry-run", "--uninstall"]])
  func dryRun(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let result = try run(arguments, ["PREFIX": folder.path])
    #expect(result.code == 0 && result.errors.isEmpty)
    #expect(result.output.split(separator: "\n").count == 4)
    #expect(try names(in: folder).isEmpty)
  }

  @Test(
    "wrong arguments and places",
    arguments: [(["--unknown"], "/x", 2), (["x"], "/x", 2), ([], "relative", 2), ([], "/proc/nowhere", 1)])
  func faults(arguments: [String], prefix: String, code: Int32) throws {
    let result = try run(arguments, ["PREFIX": prefix])
    #expect(result.code == code && result.output.isEmpty && !result.errors.isEmpty, "\(result)")
  }

  @Test("help") func help() throws {
    let result = try run(["--help"])
    #expect(result.code == 0 && result.output.contains("--uninstall") && result.errors.isEmpty)
  }
}
