import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// One thing that every store must do, asked of a store that is new and empty.
///
/// It is no test of its own: the tests of each store, and of each decorator, run all of ``StoreCheck/all``.
public struct StoreCheck: Sendable, CustomStringConvertible {
  /// What it asks, as one word.
  public let name: String
  private let body: @Sendable (any ObjectStore, StoreFindings) throws -> Void

  init(_ name: String, _ body: @escaping @Sendable (any ObjectStore, StoreFindings) throws -> Void) {
    self.name = name
    self.body = body
  }

  /// Its name.
  public var description: String { name }

  /// What is wrong with a store; empty when all is right.
  ///
  /// - Parameters:
  ///   - mayBeUnsure: Whether answers get lost below the store, so that it may have to say that nobody knows who was quicker.
  ///   - tellsBytesApartOnly: Whether two writings of the same bytes may have the same revision.
  public func run(_ store: any ObjectStore, mayBeUnsure: Bool = false, tellsBytesApartOnly: Bool = false) -> [String] {
    let findings = StoreFindings(mayBeUnsure, tellsBytesApartOnly: tellsBytesApartOnly)
    do { try body(store, findings) } catch { findings.add("threw \(error)") }
    return findings.texts
  }

  /// All checks.
  public static let all = contents + revisions + listings + names + races
}

/// What a check finds wrong.
public final class StoreFindings: Sendable {
  /// What a replacement that comes too late is answered with.
  let tooLate: Set<DatasetError.Code>
  private let found = Lock<[String]>([])

  /// Whether two writings of the same bytes may have the same revision.
  let tellsBytesApartOnly: Bool

  init(_ mayBeUnsure: Bool, tellsBytesApartOnly: Bool) {
    tooLate = mayBeUnsure ? [.conflict, .unavailable] : [.conflict]
    self.tellsBytesApartOnly = tellsBytesApartOnly
  }

  /// What was found.
  public var texts: [String] { found.withLock { $0 } }

  /// Adds a finding.
  public func add(_ text: String) { found.withLock { $0.append(text) } }

  /// Adds a finding if something is not so.
  public func expect(_ isSo: Bool, _ text: @autoclosure () -> String, line: Int = #line) {
    if !isSo { add("line \(line): \(text())") }
  }

  /// Adds a finding if two things differ.
  public func expect<Value: Equatable>(_ value: Value, _ expected: Value, line: Int = #line) {
    if value != expected { add("line \(line): \(shown(value)) instead of \(shown(expected))") }
  }

  /// Adds a finding if a call does not throw an error of a code.
  public func expect(_ codes: Set<DatasetError.Code>, line: Int = #line, _ body: () throws -> Void) {
    do {
      try body()
      add("line \(line): passed instead of throwing \(codes.map(\.name).sorted())")
    } catch {
      let code = (error as? DatasetError)?.code
      if code.map(codes.contains) != true { add("line \(line): threw \(error) instead of \(codes.map(\.name).sorted())") }
    }
  }

  private func shown(_ value: some Equatable) -> String {
    let text = "\(value)"
    return text.utf8.count > 300 ? text.prefix(300) + " ..." : text
  }
}

/// A key that a test knows to be one.
public func key(_ text: String) -> ObjectKey {
  guard let key = ObjectKey(text) else { preconditionFailure("\(text) is no key") }
  return key
}

extension ObjectStore {
  /// The keys of all objects that begin so.
  public func keys(_ prefix: String = "") throws -> [String] { try all(prefix).map(\.key.text) }

  /// The bytes of an object; nil when it is not there.
  public func bytes(_ text: String) throws -> [UInt8]? { try read(key(text), limit: 1 << 30) }
}
