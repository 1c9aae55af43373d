import Foundation
import TestSupport
import Testing
import Waybill

/// One folder under `Fixtures/<format>/`: an input that shows one thing.
struct FixtureCase: CustomTestStringConvertible, Sendable {
  var format: String
  var name: String

  var testDescription: String { "\(format)/\(name)" }
  var folder: String { "\(PackageFolder.fixtures(format))/\(name)" }

  /// The input: the entry whose name begins with `input`; a folder case is the folder `input`.
  var input: String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix("input") }.sorted().first.map { "\(folder)/\($0)" }
  }

  /// Cases of broken input are called `invalid-..`.
  var isInvalid: Bool { name.hasPrefix("invalid-") }

  static let all: [FixtureCase] = FormatRegistry.all.names.flatMap { format in
    PackageFolder.subfolders(of: PackageFolder.fixtures(format)).map { FixtureCase(format: format, name: $0) }
  }
  static let valid = all.filter { !$0.isInvalid && $0.input != nil }
  static let invalid = all.filter { $0.isInvalid && $0.input != nil }
}
