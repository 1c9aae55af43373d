import TestSupport
import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

@testable import WaybillCOCO

@Suite struct COCOCorruptionTests {
  private func fixture(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: COCOTest.fixtures + "/\(name)/input.json"))
  }

  @Test(arguments: ["canonical", "odd-values", "text-ids"]) func cutAtEveryByte(_ name: String) throws {
    let data = try fixture(name)
    let scratch = try ScratchFolder()
    let whole = data.lastIndex(of: UInt8(ascii: "}")) ?? 0
    for length in 0..<whole {
      let dataset = try COCOTest.read(scratch.write(data.prefix(length)))
      let error = try #require(dataset.error, "length \(length)")
      #expect((error.range?.offset ?? .max) <= length)
      #expect(dataset.diagnostics.hasErrors)
    }
  }

  @Test func mutations() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededNumbers(seed: seed)
    let names = [
      "canonical", "odd-values", "text-ids", "lvis", "captions", "results-boxes", "results-captions", "results-shapes",
      "stuff-masks",
    ]
    let sources = try names.map { try fixture($0) }
    let alphabet = Array(#"{}[]",:.-+0123456789eEntf\u "#.utf8) + [0, 0x7F, 0xC3, 0xFF]
    let scratch = try ScratchFolder()
    for _ in 0..<2000 {
      var data = sources.randomElement(using: &random) ?? Data()
      for _ in 0..<Int.random(in: 1...4, using: &random) where !data.isEmpty {
        let at = Int.random(in: 0..<data.count, using: &random)
        let byte = alphabet.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: data[at] = byte
        case 1: data.remove(at: at)
        case 2: data.insert(byte, at: at)
        default:
          let from = Int.random(in: 0..<data.count, using: &random)
          data.insert(contentsOf: Data(data[from..<min(data.count, from + 20)]), at: at)
        }
      }
      let dataset = try COCOTest.read(scratch.write(data))
      for item in dataset.diagnostics.items {
        let range = try #require(item.range, "\(item)")
        #expect(range.offset >= 0 && range.offset + range.length <= data.count + 1, "\(item) seed \(seed)")
        #expect(COCOFormat.descriptor.rules.contains { $0.id == item.rule }, "\(item.rule)")
      }
      if dataset.error == nil, !dataset.diagnostics.hasErrors {
        // What was read without errors is written so that it reads the same.
        let text = try COCOTest.text(dataset)
        let again = try COCOTest.read(text: text)
        #expect(again.samples == dataset.samples, "seed \(seed): \(String(decoding: data, as: UTF8.self))")
        #expect(try COCOTest.text(again) == text, "seed \(seed)")
      }
    }
  }

  @Test func longNumbersAreExact() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var random = SeededNumbers(seed: seed)
    for round in 0..<300_000 {
      var text = "\(Double.random(in: 0...[1, 1000, 1e6, 1e12][round % 4], using: &random))"
      if round % 3 == 0 {
        let digits = (0..<Int.random(in: 2...19, using: &random)).map { _ in "\(Int.random(in: 0...9, using: &random))" }
        let whole = Int.random(in: 1..<digits.count, using: &random)
        text = digits[..<whole].joined() + "." + digits[whole...].joined()
      }
      var bytes = Array((text + "}").utf8)
      bytes.withUnsafeMutableBytes { bytes in
        let raw = UnsafeRawBufferPointer(bytes)
        var scanner = JSONScanner(raw)
        guard let value = scanner.plainDecimal(raw) else { return }
        #expect(value == Double(text), "\(text) seed \(seed)")
        #expect(scanner.offset == text.utf8.count)
        var strict = JSONScanner(raw)
        #expect((try? strict.double()) == value, "\(text)")
      }
    }
  }

  @Test func idTables() {
    var random = SeededNumbers(seed: 5)
    var ids = (0..<5000).map { _ in Int64.random(in: .min ... .max, using: &random) } + (0..<5000).map { Int64($0) }
    ids.shuffle(using: &random)
    let table = IDTable(ids) { Issue.record("\($0) is no duplicate") }
    for (position, id) in ids.enumerated() { #expect(table.position(of: id) == position) }
    #expect(table.position(of: -1) == nil || ids.contains(-1))
    var found: [Int] = []
    _ = IDTable([4, 5, 4, 4]) { found.append($0.second) }
    #expect(found == [2, 3])
    #expect(IDTable.isRising([1, 2, 9]) && !IDTable.isRising([1, 1]))
  }
}
