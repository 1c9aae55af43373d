import WaybillDiagnostics
import WaybillDiskStore
import WaybillObjectStore
import WaybillS3Store

/// Tries what publishing and reading need of a store, and leaves nothing behind.
///
/// - Throws: An error of the code `usage` or `io` when there is no such store at all; what does not work is in the findings.
public func checkStore(_ text: String, access: StoreAccess = StoreAccess()) throws(DatasetError) -> [StoreFinding] {
  if case .url("s3", let url) = try StoreLocation(text) {
    return try S3Checkup.run(S3Store(url, options: access.s3, agent: access.agent))
  }
  return FolderCheckup.run(try openStore(text, create: false, access: access))
}

/// The same for a store in a folder.
private enum FolderCheckup {
  static func run(_ store: any ObjectStore) -> [StoreFinding] {
    var findings: [StoreFinding] = []
    func attempt(_ what: String, _ body: () throws(DatasetError) -> String) {
      do throws(DatasetError) { findings.append(StoreFinding(what: what, seen: try body(), isGood: true)) } catch {
        findings.append(StoreFinding(what: what, seen: error.description, isGood: false))
      }
    }
    attempt("listing") { () throws(DatasetError) in
      try store.list("", after: nil, limit: 10).inWords
    }
    guard let key = ObjectKey("waybill-check-\(UInt64.random(in: 0...(.max)))/object") else { return findings }
    let bytes = Array("waybill store check\n".utf8)
    attempt("writing and reading") { () throws(DatasetError) in
      guard try store.create(key, bytes), try store.read(key, limit: 1 << 10) == bytes else {
        throw DatasetError(.io, "what was written is not there")
      }
      return "an object of \(bytes.count) bytes"
    }
    attempt("conditional writes") { () throws(DatasetError) in
      guard try !store.create(key, bytes) else { throw DatasetError(.io, "two writers could overwrite each other") }
      return "one winner for one key"
    }
    attempt("removing") { () throws(DatasetError) in
      try store.delete(key)
      guard try store.info(key) == nil else { throw DatasetError(.io, "what was removed is still there") }
      return "gone"
    }
    return findings
  }
}
