import Foundation
import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@Suite struct RowGroupsTests {
  @Test func rowsThatLieTogetherStay() {
    let groups = RowGroups(owners: [0, 0, 1, 3], starts: [0, 5, 9, 12], count: 4)
    #expect(!groups.isScattered)
    #expect((0..<4).map { groups.rows(of: $0) } == [0..<2, 2..<3, 3..<3, 3..<4])
    #expect(groups.starts == [0, 5, 9, 12] && groups.ordinal(2) == nil)
  }

  @Test func scatteredRowsAreSortedAndNumbered() {
    let groups = RowGroups(owners: [0, 1, 0, 2, 1], starts: [0, 10, 20, 30, 40], count: 3)
    #expect(groups.isScattered)
    #expect(groups.starts == [0, 20, 10, 40, 30])
    #expect((0..<5).map { groups.ordinal($0) } == [0, 2, 1, 4, 3])
  }

  @Test func rowsOfNobodyAreLeftOut() {
    let groups = RowGroups(owners: [RowGroups.nobody, 0, RowGroups.nobody, 1], starts: [0, 1, 2, 3], count: 2)
    #expect(groups.starts == [1, 3] && !groups.isScattered)
    #expect(groups.rows(of: 2) == 0..<0 && groups.rows(of: -1) == 0..<0)
    #expect(RowGroups().rows(of: 0) == 0..<0)
  }
}

@Suite struct RowFilesTests {
  private func write(_ folder: TemporaryFolder, _ body: (RowFiles) throws -> Void, _ shape: @escaping (String) -> RowFiles.Shape)
    throws
  {
    let output = try StagedOutput(target: folder.file("out"), kind: .folder, overwrite: false)
    try body(RowFiles(output, shape: shape))
    try output.commit()
  }

  private func append(_ files: RowFiles, _ text: String, _ name: String, _ ordinal: UInt32? = nil) throws {
    try Array(text.utf8).withUnsafeBytes { try files.append($0, to: name, ordinal: ordinal) }
  }

  private func text(_ folder: TemporaryFolder, _ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder.file("out/\(name)"))), as: UTF8.self)
  }

  @Test func rowsGoThereAsTheyCome() throws {
    let folder = try TemporaryFolder()
    try write(
      folder,
      { files in
        for number in 0..<5 { try append(files, "\(number)\n", "a") }
        try files.finish()
      }, { _ in RowFiles.Shape(head: Array("head\n".utf8), endsWithLineFeed: false) })
    #expect(try text(folder, "a") == "head\n0\n1\n2\n3\n4")
  }

  @Test func filesTakeTurns() throws {
    let folder = try TemporaryFolder()
    try write(
      folder,
      { files in
        for number in 0..<6 { try append(files, "\(number)\r\n", number % 2 == 0 ? "a" : "sub/b") }
        try files.finish(making: ["a", "empty"])
        #expect(files.fileNames == ["a", "sub/b", "empty"])
      }, { RowFiles.Shape(head: $0 == "empty" ? [0x2D] : [], endsWithLineFeed: $0 == "a") })
    #expect(try text(folder, "a") == "0\r\n2\r\n4\r\n")
    #expect(try text(folder, "sub/b") == "1\r\n3\r\n5")
    #expect(try text(folder, "empty") == "-")
  }

  @Test(arguments: [1, 1_000_000]) func ordinalsDecide(_ factor: Int) throws {
    let folder = try TemporaryFolder()
    try write(
      folder,
      { files in
        try append(files, "first\n", "a")
        for number in (0..<50).reversed() { try append(files, "\(number)\n", "a", UInt32(number * factor)) }
        try append(files, "last\n", "a")
        try files.finish()
      }, { _ in RowFiles.Shape() })
    let expected = ["first"] + (0..<50).map { "\($0)" } + ["last"]
    #expect(try text(folder, "a") == expected.joined(separator: "\n") + "\n")
  }
}
