import Foundation
import Testing

@testable import WaybillCommands

@Suite("Help")
struct HelpTests {
  static let topics = ["waybill"] + WaybillCommand.commands.map { $0.declaration.name }

  @Test("texts are as recorded", arguments: topics)
  func golden(topic: String) throws {
    let (code, output, errors) = Tool.run(topic == "waybill" ? ["--help"] : [topic, "--help"])
    #expect(code == 0)
    #expect(errors == "")
    let url = TestPlaces.commands.appendingPathComponent("golden/\(topic).txt")
    if TestPlaces.records {
      try Data(output.utf8).write(to: url)
    } else {
      #expect(try output == String(contentsOf: url, encoding: .utf8))
    }
  }

  @Test("help COMMAND is COMMAND --help", arguments: topics)
  func ways(topic: String) {
    let name = topic == "waybill" ? [] : [topic]
    let expected = Tool.run(name + ["--help"]).output
    #expect(Tool.run(["help"] + name).output == expected)
    #expect(Tool.run(name + ["-h"]).output == expected)
    #expect(Tool.run(["help"] + name + ["--help"]).output == expected)
  }

  @Test("lines fit, except for examples", arguments: topics)
  func width(topic: String) {
    let text = Tool.run(["help"] + (topic == "waybill" ? [] : [topic])).output
    for line in text.components(separatedBy: "\n\nExamples:")[0].split(separator: "\n") { #expect(line.count <= 82, "\(line)") }
  }

  @Test(
    "wrapping",
    arguments: [
      ("", 0, "\n"), ("a b", 2, "  a b\n"), (String(repeating: "x", count: 90), 0, String(repeating: "x", count: 90) + "\n"),
      (
        String(repeating: "word ", count: 20), 60,
        String(repeating: String(repeating: " ", count: 60) + "word word word word\n", count: 5)
      ),
    ])
  func wrapping(text: String, indent: Int, expected: String) {
    #expect(HelpText.wrapped(text, indent: indent) == expected)
  }
}
