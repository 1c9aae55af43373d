import Foundation
import TestSupport
import Testing
import Waybill

/// The generated parts of pages, and what a new format must bring.
@Suite struct PageTests {
  @Test(arguments: FormatRegistry.all.names) func cardShowsTheDeclaration(_ name: String) throws {
    let descriptor = try format(name).descriptor
    try expectGenerated("abilities", AbilityTable.card(descriptor), in: "\(PackageFolder.root)/Formats/\(name)/README.md")
  }

  @Test func matrixShowsTheDeclarations() throws {
    try expectGenerated("matrix", AbilityTable.matrix(.all), in: "\(PackageFolder.root)/Formats/README.md")
  }

  /// Names whatever of a format is missing.
  @Test func everyFormatFolderIsComplete() throws {
    let root = PackageFolder.root
    let package = String(decoding: try bytes(of: "\(root)/Package.swift"), as: UTF8.self)
    let registry = String(decoding: try bytes(of: "\(root)/Sources/AllFormats/AllFormats.swift"), as: UTF8.self)
    let folders = PackageFolder.subfolders(of: "\(root)/Formats")
    #expect(folders == FormatRegistry.all.names, "folders under Formats/ and the registry differ")
    for folder in folders {
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/Formats/\(folder)")
      for ending in ["Format.swift", "Reader.swift", "Writer.swift"] {
        #expect(names.contains { $0.hasSuffix(ending) }, "Formats/\(folder)/<Name>\(ending) is missing")
      }
      #expect(names.contains("README.md"), "Formats/\(folder)/README.md, the card, is missing")
      #expect(package.contains("(\"\(folder)\", "), "Package.swift does not list \(folder)")
      let type = names.first { $0.hasSuffix("Format.swift") && !$0.contains("+") }.map { $0.dropLast(6) } ?? "?"
      #expect(registry.contains("\(type).self"), "AllFormats.swift does not list \(type)")
      #expect(!PackageFolder.subfolders(of: "\(root)/Fixtures/\(folder)").isEmpty, "Fixtures/\(folder) is missing")
    }
  }

  @Test(arguments: FormatRegistry.all.names) func declarationIsWellFormed(_ name: String) throws {
    let descriptor = try format(name).descriptor
    #expect(!descriptor.summary.isEmpty && !descriptor.links.isEmpty)
    #expect(Set(descriptor.rules.map(\.id)).count == descriptor.rules.count, "a rule is declared twice")
    for rule in descriptor.rules {
      #expect(rule.id.split(separator: ".").count >= 2 && rule.id == rule.id.lowercased(), "\(rule.id)")
    }
    #expect(descriptor.sections.contains(descriptor.id) || descriptor.sections == ["*"])
    for option in descriptor.readOptions + descriptor.writeOptions {
      #expect(option.choices.isEmpty || option.choices.contains(option.defaultValue), "\(option.name)")
    }
  }

  private func expectGenerated(_ name: String, _ text: String, in path: String) throws {
    let page = String(decoding: try bytes(of: path), as: UTF8.self)
    let opening = try #require(page.range(of: AbilityTable.opening(name) + "\n"), "\(path) has no block \(name)")
    let closing = try #require(page.range(of: AbilityTable.closing(name)), "\(path) has no end of block \(name)")
    if recordsGoldenFiles {
      let recorded = page.replacingCharacters(in: opening.upperBound..<closing.lowerBound, with: text)
      try Data(recorded.utf8).write(to: URL(fileURLWithPath: path))
    } else {
      #expect(String(page[opening.upperBound..<closing.lowerBound]) == text, "\(path): WAYBILL_RECORD=1 makes it anew")
    }
  }
}
