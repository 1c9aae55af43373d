import Glibc
import WaybillAllFormats
import WaybillFormatSupport

/// One thing that libFuzzer feeds with bytes; what it does must end, and must not trap.
struct FuzzTarget: Sendable {
  /// The name `Scripts/fuzz` takes.
  var name: String
  /// Works through one input.
  var run: @Sendable (UnsafeRawBufferPointer) -> Void

  /// Every target: one line for each part of the syntax room, one for pictures and one for archives, and every format of the registry.
  ///
  /// A new one needs its line here and, if the fixtures of the formats are no seeds for it, its seeds in `Scripts/fuzz`.
  static var all: [FuzzTarget] {
    [
      FuzzTarget(name: "json", run: SyntaxTargets.json),
      FuzzTarget(name: "xml", run: SyntaxTargets.xml),
      FuzzTarget(name: "lines", run: SyntaxTargets.lines),
      FuzzTarget(name: "csv", run: TableTarget.run),
      FuzzTarget(name: "text", run: TextTarget.run),
      FuzzTarget(name: "numbers", run: SyntaxTargets.numbers),
      FuzzTarget(name: "rle", run: SyntaxTargets.runLengths),
      FuzzTarget(name: "filter", run: FilterTarget.run),
      FuzzTarget(name: "yaml", run: FileTargets.yaml),
      FuzzTarget(name: "png", run: FileTargets.png),
      FuzzTarget(name: "zip", run: ZipTarget.run),
    ] + FormatRegistry.all.names.map { name in FuzzTarget(name: name) { FormatTarget.of(name).run($0) } }
  }

  /// The target `WAYBILL_FUZZ_TARGET` names; without a right name the process prints all names and ends.
  static let chosen: FuzzTarget = {
    let name = getenv("WAYBILL_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    for target in all where target.name == name { return target }
    for target in all { print(target.name) }
    exit(name.isEmpty ? 0 : 2)
  }()
}

/// A promise that was broken: ends the process, which libFuzzer takes for a find.
func broken(_ text: String) -> Never { fatalError(text) }
