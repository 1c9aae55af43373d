import Foundation
import TestSupport
import Testing
import WaybillDatasetModel

@testable import WaybillSegments

/// Tables, read by Python's csv, follow the schema row by row; skipped where python3 or its jsonschema is missing.
@Suite struct SegmentsSchemaTests {
  /// Validates each row of tables; nil where the tools are missing.
  private func validate(_ paths: [String]) throws -> [String]? {
    let script = """
      import csv, json, sys
      from jsonschema import Draft202012Validator
      schema = Draft202012Validator(json.load(open(sys.argv[1])))
      Draft202012Validator.check_schema(schema.schema)
      for path in sys.argv[2:]:
          with open(path, newline="", encoding="utf-8-sig") as file:
              head = file.readline()
              file.seek(0)
              delimiter = "\\t" if "\\t" in head else ";" if ";" in head else ","
              errors = []
              for row in csv.DictReader(file, delimiter=delimiter):
                  errors += schema.iter_errors({name: cell for name, cell in row.items() if cell})
              print("ok" if not errors else path + ": " + errors[0].message[:200])
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let python = ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3"
    process.arguments = [python, "-c", script, "\(PackageFolder.root)/Schemas/segments.schema.json"] + paths
    let output = Pipe()
    process.standardOutput = output
    process.standardError = Pipe()
    do { try process.run() } catch { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func tablesFollowTheSchema() throws {
    let fixtures = PackageFolder.subfolders(of: PackageFolder.fixtures("segments")).filter { !$0.hasPrefix("invalid-") }
    var paths: [String] = []
    for name in fixtures {
      let folder = "\(PackageFolder.fixtures("segments"))/\(name)"
      paths += try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("input") }.map {
        "\(folder)/\($0)"
      }
    }
    #expect(paths.count > 5)
    guard let answers = try validate(paths) else {
      print("skipped: \(#function) needs python3 with jsonschema (WAYBILL_PYTHON names the interpreter)")
      return
    }
    #expect(answers == Array(repeating: "ok", count: paths.count))
  }

  @Test func brokenRowsDoNot() throws {
    let folder = try TemporaryFolder()
    let broken = [
      "media,end\na.wav,1\n", "label\nx\n", "media,confidence\na.wav,high\n", "media,x,y\na.wav,1,2\n", "media,kind\na,smell\n",
      "media,occluded\na,maybe\n", "media,frame\na,1.5\n", "media,start\na,one\n", "media,created\na,yesterday\n",
      "media,image_width\na,0\n",
    ]
    var paths: [String] = []
    for (number, text) in broken.enumerated() { paths.append(try folder.write("\(number).csv", text)) }
    for path in paths { #expect(try read(path).diagnostics.count(atLeast: .error) > 0, "\(path)") }
    guard let answers = try validate(paths) else { return }
    #expect(answers.count == broken.count && !answers.contains("ok"))
  }

  /// Every fixed column is in the schema, and in the card.
  @Test func namesAgree() throws {
    let schema = try text("\(PackageFolder.root)/Schemas/segments.schema.json")
    let card = try text("\(PackageFolder.root)/Formats/segments/README.md")
    for field in SegmentsField.allCases {
      #expect(schema.contains("\"\(field.name)\": {"), "\(field.name)")
      #expect(card.contains("`\(field.name)`"), "\(field.name)")
    }
  }
}
