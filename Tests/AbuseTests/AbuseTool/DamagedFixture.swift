import AbuseChecks
import Foundation
import TestSupport

/// A fixture with all its files in memory, laid out in a folder of its own with one file damaged at a time.
struct DamagedFixture {
  /// A file of the fixture, sidecars included.
  struct File {
    var path: String
    var bytes: [UInt8]
  }

  let format: String
  let name: String
  let files: [File]
  /// The path of the input below the folder.
  let input: String

  /// Reads a fixture; nil if it has no input.
  init?(format: String, name: String) throws {
    let folder = "\(PackageFolder.fixtures(format))/\(name)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    guard let input = names.filter({ $0.hasPrefix("input") }).min() else { return nil }
    self.format = format
    self.name = name
    self.input = input
    files = try tree(folder).sorted { $0.key < $1.key }
      .filter { $0.key != "dump.jsonl" && $0.key != "diagnostics.txt" }
      .map { File(path: $0.key, bytes: $0.value) }
  }

  /// The input alone, in a zip archive that is the only file: what is damaged is then the archive.
  init(packing fixture: DamagedFixture) throws {
    format = fixture.format
    name = fixture.name
    input = "packed.zip"
    let prefix = fixture.input + "/"
    let inside = fixture.files.filter { $0.path.hasPrefix(prefix) }.map {
      (name: String($0.path.dropFirst(prefix.count)), $0.bytes)
    }
    let alone = fixture.files.filter { $0.path == fixture.input }.map { (name: $0.path, $0.bytes) }
    files = [File(path: input, bytes: try PackedFiles.archive(of: alone + inside))]
  }

  /// Lays the whole fixture out in a folder.
  func write(to folder: String) throws {
    for file in files {
      let path = "\(folder)/\(file.path)"
      let above = URL(fileURLWithPath: path).deletingLastPathComponent().path
      try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
      try Data(file.bytes).write(to: URL(fileURLWithPath: path))
    }
  }

  /// All files of all fixtures of the format, to take foreign slices from.
  static func donors(format: String) throws -> [[UInt8]] {
    var donors: [[UInt8]] = []
    for name in PackageFolder.subfolders(of: PackageFolder.fixtures(format)) {
      if let fixture = try DamagedFixture(format: format, name: name) { donors += fixture.files.map(\.bytes) }
    }
    return donors.filter { !$0.isEmpty }
  }
}

/// One way to damage one file of a fixture, found again by its number.
struct DamageCase {
  var number: Int
  /// Position of the file among the fixture's.
  var file: Int
  var bytes: [UInt8]
  var description: String
}

/// The numbered cases of a fixture.
struct DamagePlan {
  let fixture: DamagedFixture
  let kind: Kind
  let count: Int
  private let donors: [[UInt8]]

  /// What the cases of a plan are.
  enum Kind {
    /// Each file cut at every byte.
    case cuts
    /// Seeded changes of any file.
    case mutations(seed: UInt64)
  }

  init(_ fixture: DamagedFixture, _ kind: Kind, mutations: Int) throws {
    self.fixture = fixture
    self.kind = kind
    switch kind {
    case .cuts:
      donors = []
      count = fixture.files.reduce(0) { $0 + $1.bytes.count }
    case .mutations:
      donors = try DamagedFixture.donors(format: fixture.format)
      count = fixture.files.contains { !$0.bytes.isEmpty } ? mutations : 0
    }
  }

  /// The case of a number below ``count``.
  func damage(_ number: Int) -> DamageCase {
    switch kind {
    case .cuts:
      var length = number
      var file = 0
      while length >= fixture.files[file].bytes.count {
        length -= fixture.files[file].bytes.count
        file += 1
      }
      let bytes = Array(fixture.files[file].bytes.prefix(length))
      return DamageCase(
        number: number, file: file, bytes: bytes, description: "\(fixture.files[file].path) cut to \(length) bytes")
    case .mutations(let seed):
      var mutation = Mutation(seed: seed &+ UInt64(number) &* 0x9E37_79B9, donors: donors)
      let candidates = fixture.files.indices.filter { !fixture.files[$0].bytes.isEmpty }
      let file = mutation.numbers.pick(candidates)
      let bytes = mutation.apply(to: fixture.files[file].bytes)
      let steps = mutation.steps.joined(separator: ", ")
      return DamageCase(number: number, file: file, bytes: bytes, description: "\(fixture.files[file].path): \(steps)")
    }
  }
}
