import Glibc
import WaybillConversion
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSampleFilter
import WaybillVersioning

/// The arguments that every command which reads a dataset shares.
enum InputOptions {
  static let input = PositionalDeclaration(
    name: "INPUT", help: "The file, folder, zip archive or version (STORE#DATASET@V001) to read; - is standard input", kind: .file)
  static let from = OptionDeclaration(
    "from", value: "ID[:option=value,...]", kind: .sourceFormat, "The format of the input; found by content when left out")
  static let mapURL = OptionDeclaration(
    "map-url", value: "FROM=TO", "Where a bucket's URLs lie on this machine, such as s3://bucket/prefix=/data/prefix",
    isRepeatable: true)
  static let jobs = OptionDeclaration(
    "jobs", short: "j", value: "N", "Threads that work, 1 to 256; the result does not depend on it",
    defaultValue: "the number of processors")
  static let filter = OptionDeclaration(
    "where", value: "EXPR",
    "Only the samples that fit, such as \"label = car and not hard\"; Documentation/Filters.md describes the language")
  static let json = OptionDeclaration("json", "Print one JSON object on standard output")
  static let quiet = OptionDeclaration("quiet", short: "q", "Print results and errors only")

  /// The number of threads asked for, or the number of processors.
  static func jobs(_ arguments: ParsedArguments) throws(CommandFailure) -> Int {
    let given = try CommandFailure.wrap { () throws(ArgumentFault) in try arguments.number(of: jobs, in: 1...256) }
    return given ?? min(256, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// The filter, when one is given.
  static func filter(_ arguments: ParsedArguments) throws(CommandFailure) -> SampleFilter? {
    guard let text = arguments.value(of: filter) else { return nil }
    return try CommandFailure.wrap { () throws(DatasetError) in try SampleFilter(text) }
  }

  /// The format of the input, when it is named; its options are checked before anything is read.
  static func format(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> FormatChoice? {
    guard let text = arguments.value(of: from) else { return nil }
    return try CommandFailure.wrap { () throws(DatasetError) in
      let choice = try context.registry.parse(text)
      _ = try choice.readOptions()
      return choice
    }
  }

  /// The URL map.
  static func urlMap(_ arguments: ParsedArguments) throws(CommandFailure) -> URLMap {
    try CommandFailure.wrap { () throws(DatasetError) in try URLMap(arguments.values(of: mapURL)) }
  }

  /// What an INPUT means: a path of the disk, or `STORE#DATASET@VERSION`, whose files are then found below that name.
  ///
  /// - Parameter hasMedia: Whether media of a version shall be found; labels alone are opened faster.
  static func place(
    of text: String, _ arguments: ParsedArguments, _ context: CommandContext, hasMedia: Bool = true
  ) throws(CommandFailure) -> (path: String, files: InputFiles) {
    var status = stat()
    // A file that is called so is meant.
    guard let parts = VersionReference.split(text), stat(text, &status) != 0 else { return (text, .disk) }
    let store = try StoreOptions.open(parts.store, arguments, context)
    return try CommandFailure.wrap { () throws(DatasetError) in
      let entry = try VersionCatalog(store).entry(try VersionReference(parts.reference))
      let input = try VersionInput(try PublishedVersion(entry, in: store), hasMedia: hasMedia)
      return (input.path, input.files)
    }
  }

  /// What a command that looks through a dataset is asked to do.
  static func scan(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ScanRequest {
    let (path, files) = try place(of: arguments[0] ?? "", arguments, context)
    var request = ScanRequest(input: path, from: try format(arguments, context))
    request.files = files
    request.urlMap = try urlMap(arguments)
    request.filter = try filter(arguments)
    request.jobs = try jobs(arguments)
    return request
  }
}

extension CommandFailure {
  /// Runs a look through a dataset; the problems found before it failed are printed.
  static func wrap<T>(
    _ request: ScanRequest, _ context: CommandContext, _ progress: ProgressLine?, _ body: () throws(ScanFailure) -> T
  ) throws(CommandFailure) -> T {
    do throws(ScanFailure) {
      let result = try body()
      progress?.clear()
      return result
    } catch {
      progress?.clear()
      DiagnosticText(path: request.input, sources: error.sources)
        .print(error.diagnostics, on: context.error, atLeast: .warning)
      throw .operation(error.error, error.sources)
    }
  }
}
