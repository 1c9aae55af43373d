import Foundation
import Testing

@Suite("Markdown command tests")
struct CommandFileTests {
  @Test("with the tool", arguments: TestPlaces.files(in: TestPlaces.commands, "md"))
  func tool(file: URL) throws { try check(file, TestPlaces.tool) }

  @Test("with the tiny format", arguments: TestPlaces.files(in: TestPlaces.commands.appendingPathComponent("tiny"), "md"))
  func tiny(file: URL) throws { try check(file, TestPlaces.tinyTool) }

  private func check(_ url: URL, _ tool: URL) throws {
    var file = try CommandFile(url)
    let original = file.text
    let results = try file.run(with: tool)
    #expect(!results.isEmpty, "\(url.lastPathComponent) has no command")
    if TestPlaces.records {
      if file.text != original { try Data(file.text.utf8).write(to: url) }
      return
    }
    for (expected, actual) in results where expected != actual {
      Issue.record(
        """
        \(url.lastPathComponent): $ \(expected.line)
        --- expected
        \(expected.lines.joined(separator: "\n"))
        --- actual
        \(actual.lines.joined(separator: "\n"))
        """)
    }
  }

  @Test("a file is printed as it was read")
  func printing() throws {
    for folder in [TestPlaces.commands, TestPlaces.commands.appendingPathComponent("tiny")] {
      for url in TestPlaces.files(in: folder, "md") {
        #expect(try CommandFile(url).text == String(contentsOf: url, encoding: .utf8), "\(url.lastPathComponent)")
      }
    }
  }
}
