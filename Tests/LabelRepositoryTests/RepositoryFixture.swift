import TestSupport
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

@testable import WaybillLabelRepository

/// A line of a shard that says little: `{"key":"a","image":{"path":"a"},...}`.
func line(_ key: String, _ rest: String = "") -> String { #"{"key":"\#(key)","image":{"path":"\#(key)"}\#(rest)}"# }

/// A line with annotations, given as their JSON.
func line(_ key: String, annotations: [String], _ rest: String = "") -> String {
  line(key, rest + (annotations.isEmpty ? "" : #","annotations":[\#(annotations.joined(separator: ","))]"#))
}

/// A repository in a folder of its own.
struct RepositoryFixture {
  let folder: TemporaryFolder
  let root: String

  /// A repository with labels and lines of samples, which are spread over its files.
  init(_ type: LabelingType = .objectDetection, labels: [String] = ["car", "truck"], _ lines: [String] = [], shards: Int = 1) throws
  {
    folder = try TemporaryFolder()
    root = folder.file("set")
    let settings = RepositorySettings(name: "set", type: type, labels: labels.map { Label(name: $0) }, shardCount: shards)
    let repository = try LabelRepository.create(root, settings)
    var files: [Int: [String]] = [:]
    for line in lines { files[repository.layout.shard(of: Self.key(line)), default: []].append(line) }
    for (shard, lines) in files {
      let sorted = lines.sorted { Array(Self.key($0).utf8).lexicographicallyPrecedes(Array(Self.key($1).utf8)) }
      _ = try folder.write("set/\(repository.layout.path(of: shard))", sorted.map { $0 + "\n" }.joined())
    }
  }

  /// The repository as it is now.
  var repository: LabelRepository { get throws { try LabelRepository.open(root) } }

  /// All lines, in the order of files.
  var lines: [String] {
    get throws {
      let repository = try repository
      var lines: [String] = []
      for shard in 0..<repository.layout.count {
        lines += try text(repository.layout.path(of: shard)).split(separator: "\n").map(String.init)
      }
      return lines
    }
  }

  /// The text of a file.
  func text(_ name: String) throws -> String { String(decoding: try bytes(of: "\(root)/\(name)"), as: UTF8.self) }

  /// Writes a file.
  func write(_ name: String, _ text: String) throws { _ = try folder.write("set/\(name)", text) }

  private static func key(_ line: String) -> String {
    Array(line.utf8).withUnsafeBytes { bytes in
      guard case .sample(let key) = ManifestLine(bytes, 0..<bytes.count) else { return "" }
      return key.makeString()
    }
  }
}

/// What a failing call said: the code and the message of its error, and the rules of its problems.
func failure(_ body: () throws(RepositoryFailure) -> Void) -> (code: String, message: String, rules: [String])? {
  do throws(RepositoryFailure) {
    try body()
    return nil
  } catch {
    return (error.error.code.name, error.error.message, error.diagnostics.items.map(\.rule))
  }
}
