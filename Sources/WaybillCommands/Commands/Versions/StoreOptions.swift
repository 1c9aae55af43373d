import WaybillAllStores
import WaybillConversion
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore
import WaybillS3Store
import WaybillVersioning

/// The arguments that every command which works with a store shares.
enum StoreOptions {
  static let store = PositionalDeclaration(
    name: "STORE", help: "The store: a folder, a file:// URL, or s3://BUCKET/PREFIX", kind: .folder)
  static let version = PositionalDeclaration(
    name: "DATASET@VERSION", help: "The version, such as animals@V001, or animals@current for the one that is current")
  static let dataset = PositionalDeclaration(name: "DATASET", help: "The dataset; all of them when left out", isOptional: true)

  static let endpoint = OptionDeclaration(
    "endpoint", value: "URL", "The service of an s3:// store, such as https://minio.example.org:9000",
    defaultValue: "AWS_ENDPOINT_URL, or Amazon S3")
  static let region = OptionDeclaration(
    "region", value: "NAME", "The region of an s3:// store", defaultValue: "AWS_REGION, or us-east-1")
  static let pathStyle = OptionDeclaration(
    "path-style", "The bucket of an s3:// store is in the path, and not in the name of the host")
  static let anonymous = OptionDeclaration("anonymous", "Do not sign requests to an s3:// store, whose bucket everyone may read")
  static let unsafe = OptionDeclaration(
    "unsafe-no-conditional",
    "Take an s3:// store that ignores conditional writes; two publishers at the same time can then overwrite each other")
  static let traffic = OptionDeclaration("stats", "At the end, print how many requests and bytes an s3:// store took")
  /// What every command with a store has for object storage.
  static let access = [endpoint, region, pathStyle, anonymous, unsafe, traffic]

  /// The same for commands that write to no store.
  static let reading = [endpoint, region, pathStyle, anonymous, traffic]

  /// Media in buckets, as the options say.
  static func media(_ arguments: ParsedArguments, _ context: CommandContext) -> any RemoteFiles {
    let access = access(arguments)
    let media = S3Media(options: access.s3, agent: access.agent)
    context.stores.note(media)
    return media
  }

  /// The store that an argument names.
  ///
  /// - Parameter creates: Whether a folder that is not there is made.
  static func open(
    _ arguments: ParsedArguments, _ context: CommandContext, at position: Int = 0, creates: Bool = false
  ) throws(CommandFailure) -> any ObjectStore {
    try open(arguments[position] ?? "", arguments, context, creates: creates)
  }

  /// The store of a name, as the options say.
  static func open(
    _ name: String, _ arguments: ParsedArguments, _ context: CommandContext, creates: Bool = false
  ) throws(CommandFailure) -> any ObjectStore {
    let access = access(arguments)
    let store = try CommandFailure.wrap { () throws(DatasetError) in try openStore(name, create: creates, access: access) }
    context.stores.note(store)
    return store
  }

  /// What the options say about how stores are opened.
  static func access(_ arguments: ParsedArguments) -> StoreAccess {
    var access = StoreAccess()
    access.agent = "waybill/\(WaybillCommand.version)"
    access.s3.endpoint = arguments.value(of: endpoint)
    access.s3.region = arguments.value(of: region)
    access.s3.usesPathStyle = arguments.has(pathStyle) ? true : nil
    access.s3.isAnonymous = arguments.has(anonymous)
    access.s3.isUnsafe = arguments.has(unsafe)
    return access
  }

  /// The version that an argument names.
  static func reference(_ arguments: ParsedArguments, at position: Int = 1) throws(CommandFailure) -> VersionReference {
    try CommandFailure.wrap { () throws(DatasetError) in try VersionReference(arguments[position] ?? "") }
  }

  /// The version that an argument names, with its record.
  static func entry(
    _ arguments: ParsedArguments, in store: any ObjectStore, at position: Int = 1
  ) throws(CommandFailure) -> VersionCatalog.Entry {
    let reference = try reference(arguments, at: position)
    return try CommandFailure.wrap { () throws(DatasetError) in try VersionCatalog(store).entry(reference) }
  }
}

/// A number of bytes as people read it: `1.2 GB`.
func byteCount(_ bytes: Int) -> String {
  var value = Double(bytes)
  guard value >= 1000 else { return "\(bytes) B" }
  for unit in ["kB", "MB", "GB", "TB"] {
    value /= 1000
    if value < 999.95 || unit == "TB" {
      let tenths = Int((value * 10).rounded())
      return tenths >= 1000 || tenths % 10 == 0 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }
  }
  return "\(bytes) B"
}
