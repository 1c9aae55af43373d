import WaybillAllStores
import WaybillBytes
import WaybillDiagnostics
import WaybillObjectStore
import WaybillSyntax

/// `waybill store check`: what works in a store, in words.
enum StoreCommand: Command {
  static let action = PositionalDeclaration(name: "ACTION", help: "check: try what publishing and reading need", choices: ["check"])

  static let declaration = CommandDeclaration(
    name: "store",
    summary: "Try what a store must be able to do, and say what works.",
    discussion:
      "Access, the clock, listing, reading, writing that one of two writers wins, uploads in parts and removing are tried one after the other, "
      + "in small objects that are gone afterwards. The exit code is 1 when one of them does not work.",
    positionals: [action, StoreOptions.store],
    options: [InputOptions.json] + StoreOptions.access,
    examples: [
      Example(purpose: "Before the first version", line: "waybill store check s3://labels/street"),
      Example(
        purpose: "A service of one's own",
        line: "waybill store check s3://labels --endpoint https://minio.example.org:9000 --region eu-1"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let name = arguments[1] ?? ""
    let access = StoreOptions.access(arguments)
    let findings = try CommandFailure.wrap { () throws(DatasetError) in try checkStore(name, access: access) }
    if arguments.has(InputOptions.json) {
      context.output.write(json(findings))
    } else {
      let width = findings.map(\.what.count).max() ?? 0
      for finding in findings {
        let padding = String(repeating: " ", count: width - finding.what.count)
        context.output.write("\(finding.isGood ? "ok    " : "FAILED") \(finding.what)\(padding)  \(terminalSafe(finding.seen))\n")
      }
    }
    return findings.allSatisfy(\.isGood) ? .done : .failed
  }

  private static func json(_ findings: [StoreFinding]) -> [UInt8] {
    var text = ByteBuffer()
    text.append("{\"checks\":[")
    for (index, finding) in findings.enumerated() {
      if index > 0 { text.append(",") }
      text.append("{\"what\":")
      text.appendJSON(finding.what)
      text.append(",\"ok\":\(finding.isGood),\"seen\":")
      text.appendJSON(finding.seen)
      text.append("}")
    }
    text.append("]}\n")
    return text.array()
  }
}
