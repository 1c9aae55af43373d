import Foundation
import WaybillAllFormats
import WaybillCommands
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Runs the tool over one damaged input and says which of its promises were broken.
public struct CaseCheck {
  let format: String
  /// The folder that holds the input.
  let folder: String
  let input: String
  /// The folder for outputs, empty before and after each run.
  let outputs: String
  /// The formats other than the native one and the input's own.
  let others: [String]
  private let choice: FormatChoice
  /// The promises that the input of the last run broke.
  public private(set) var complaints: [String] = []

  /// Checks inputs of one format at one path.
  public init(format: String, folder: String, input: String, outputs: String) throws {
    self.format = format
    self.folder = folder
    self.input = input
    self.outputs = outputs
    others = FormatRegistry.all.names.filter { $0 != format && $0 != "waybill" }
    choice = try FormatRegistry.all.parse(format)
  }

  /// Checks an input; the number of the case chooses among the many conversions there are.
  public mutating func run(_ number: Int) throws {
    complaints = []
    let hasErrors = validate()
    detect()
    try convert(to: "waybill", hasErrors: hasErrors, [])
    let target = number % 3 == 0 || others.isEmpty ? format : others[number / 3 % others.count]
    try convert(to: target, hasErrors: hasErrors, ["--allow-loss"])
    if hasErrors == true { try convert(to: target, hasErrors: nil, ["--allow-loss", "--skip-invalid", "--jobs", "2"]) }
  }

  private mutating func complain(_ text: String) { complaints.append(text) }

  // MARK: Reading

  /// Whether the input has errors; nil when it cannot be read at all.
  private mutating func validate() -> Bool? {
    do throws(ScanFailure) {
      var request = ScanRequest(input: input, from: choice)
      request.limitPerRule = 200
      let report = try Validation(request, registry: .all).run()
      for item in report.diagnostics.items { check(item, report.sources) }
      return report.diagnostics.hasErrors
    } catch {
      // Which of several datasets in one folder is meant is for a person to say; the message names the option.
      if error.error.code != .ambiguous, ExitCode(error.error.code) != .invalidInput {
        complain("validate stopped: \(error.error)")
      }
      return nil
    }
  }

  /// A diagnostic has a declared rule and a place inside a file of the input.
  private mutating func check(_ item: Diagnostic, _ sources: SourceMap) {
    if !Self.isDeclared(item) { complain("the rule \(item.rule) (\(item.severity.word)) is not declared") }
    if item.message.isEmpty { complain("\(item.rule) says nothing") }
    guard let range = item.range else {
      // What is about the folder as a whole stands nowhere in it.
      if item.rule != "dataset.unreadable" && !Self.placeless.contains(item.rule) {
        complain("\(item.rule) has no place: \(item.message)")
      }
      return
    }
    for range in [range] + item.related.map(\.range) {
      let path = sources.path(of: range.file)
      // A damaged file of an archive is named as a whole, for its bytes are none.
      if path.hasPrefix(input + "/"), range.offset == 0, range.length == 0, sources.open(range.file) == nil { continue }
      guard path.hasPrefix(folder), let file = sources.open(range.file) else {
        complain("\(item.rule) is in \(path), which is no file of the input")
        continue
      }
      let size = withExtendedLifetime(file) { file.bytes.count }
      // What is missing at the end stands one byte beyond it.
      let limit = range.offset == size ? size + 1 : size
      if range.offset < 0 || range.offset > size || range.length < 0 || range.offset + range.length > limit {
        complain("\(item.rule) is at \(range.offset)+\(range.length) of the \(size) bytes of \(path)")
      }
    }
  }

  /// Rules about a folder, which no byte of a file breaks.
  private static let placeless: Set<String> = [
    "dataset.entry-skipped", "dataset.entry-unreadable", "voc.file.skipped", "voc.masks.not-read", "waybill.file.none",
    // Of a folder without a data file; where there is one, the rule stands there.
    "yolo.names.missing",
  ]

  private static func isDeclared(_ item: Diagnostic) -> Bool {
    if general.contains(item.rule) { return true }
    for format in FormatRegistry.all.formats {
      for rule in format.descriptor.rules where rule.id == item.rule && rule.severity == item.severity { return true }
    }
    return false
  }

  /// The rules of the conversion itself.
  private static let general: Set<String> = [
    "dataset.duplicate-key", "dataset.entry-skipped", "dataset.entry-unreadable", "dataset.path-outside", "dataset.unreadable",
    "media.missing",
  ]

  /// The command finds the format by itself, and prints nothing that a terminal would obey.
  private mutating func detect() {
    let result = run(["validate", input])
    if result.code != 0 && result.code != 3 && !asks(result) { complain("validate exits \(result.code): \(result.errors)") }
    check(result.output + result.errors)
  }

  private mutating func check(_ text: String) {
    if text.utf8.contains(where: { ($0 < 0x20 && $0 != 0x0A) || $0 == 0x7F }) {
      complain("control characters are printed: \(text.debugDescription)")
    }
  }

  // MARK: Converting

  private mutating func convert(to target: String, hasErrors: Bool?, _ options: [String]) throws {
    let name = "\(outputs)/out" + (target == "waybill" ? ".waybill.jsonl" : "")
    let result = run(["convert", input, name, "--from", format, "--to", target] + options)
    check(result.output + result.errors)
    let left = try FileManager.default.contentsOfDirectory(atPath: outputs)
    let words = (["convert to \(target)"] + options).joined(separator: " ")
    if result.code == 0 {
      if hasErrors == true { complain("\(words): the input has errors and the exit code is 0") }
      if left != [URL(fileURLWithPath: name).lastPathComponent] { complain("\(words): there is \(left) after success") }
      let again = run(["validate", name, "--from", target])
      if again.code != 0 { complain("\(words): what was written is not valid: \(again.code) \(again.output)\(again.errors)") }
    } else {
      // What a valid dataset leaves open, such as one of several tasks, the user is asked for, by the name of the option.
      if result.code != 3, !asks(result) { complain("\(words): exit code \(result.code): \(result.errors)") }
      if result.errors.isEmpty { complain("\(words): exit code \(result.code) without a word") }
      if !left.isEmpty { complain("\(words): there is \(left) after exit code \(result.code)") }
    }
    for entry in left { try FileManager.default.removeItem(atPath: "\(outputs)/\(entry)") }
  }

  /// Whether the user is asked which of several readings is meant, rather than told that the arguments are wrong.
  private func asks(_ result: (code: Int32, output: String, errors: String)) -> Bool {
    result.code == 2 && !result.errors.contains("--help")
  }

  private func run(_ arguments: [String]) -> (code: Int32, output: String, errors: String) {
    let output = OutputChannel()
    let errors = OutputChannel()
    let code = WaybillCommand.run(arguments, registry: .all, standardOutput: output, standardError: errors)
    return (code, output.text, errors.text)
  }
}
