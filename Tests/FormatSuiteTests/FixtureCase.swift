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
  /// Every case of valid input, also of formats that are not ``chosen``.
  static let everyValid = all.filter { !$0.isInvalid && $0.input != nil }
  static let valid = everyValid.filter { isChosen($0.format) }
  static let invalid = all.filter { $0.isInvalid && $0.input != nil && isChosen($0.format) }

  /// The formats `WAYBILL_FORMATS="conll rttm"` names, for a quick turn while one is worked on; nil for all.
  private static let chosen = ProcessInfo.processInfo.environment["WAYBILL_FORMATS"]?.split(separator: " ").map(String.init)

  /// Whether a format takes part.
  static func isChosen(_ format: String) -> Bool { chosen?.contains(format) ?? true }
}
