import Foundation

/// Places in the package.
public enum PackageFolder {
  /// The package's root.
  public static let root: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  /// A folder of fixtures.
  public static func fixtures(_ format: String) -> String { "\(root)/Fixtures/\(format)" }

  /// The real files of other projects, which lie beside the package where they are present.
  public static let corpus: String? = {
    let path = URL(fileURLWithPath: root).deletingLastPathComponent().appendingPathComponent("shared/corpus").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  /// Folders below a folder, sorted.
  public static func subfolders(of folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) && isFolder.boolValue
    }.sorted()
  }

  /// Files anywhere below a folder whose names end in a text, sorted.
  public static func files(below folder: String, endingIn ending: String) -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
    return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted().map { "\(folder)/\($0)" }
  }
}

/// A folder that lives as long as a test.
public final class TemporaryFolder: Sendable {
  /// Its path.
  public let path: String

  /// An empty folder.
  public init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("waybill-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file into it and returns its path.
  public func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  /// Writes a file into it and returns its path.
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let target = file(name)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: target).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: target))
    return target
  }
}

/// The bytes of a file.
public func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// All files of a folder, or the one file, by relative path.
public func tree(_ path: String) throws -> [String: [UInt8]] {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return [:] }
  if !isFolder.boolValue { return ["": try bytes(of: path)] }
  var result: [String: [UInt8]] = [:]
  for file in PackageFolder.files(below: path, endingIn: "") {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: file, isDirectory: &isFolder)
    if !isFolder.boolValue { result[String(file.dropFirst(path.count + 1))] = try bytes(of: file) }
  }
  return result
}

/// Whether golden files are written anew instead of compared; never set in continuous integration.
public let recordsGoldenFiles = ProcessInfo.processInfo.environment["WAYBILL_RECORD"] == "1"

/// The seed of random tests: `WAYBILL_SEED`, or the one given.
public func testSeed(_ standard: UInt64) -> UInt64 {
  ProcessInfo.processInfo.environment["WAYBILL_SEED"].flatMap(UInt64.init) ?? standard
}
