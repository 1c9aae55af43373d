import WaybillDiagnostics
import WaybillObjectStore

/// Deletes a version: its record goes, and ``GarbageCollection`` later removes what no other version names.
///
/// The source data are not touched, nor is any other version.
public enum VersionDeletion {
  /// Deletes a version.
  ///
  /// Its record is kept aside until its objects are gone. When it was the current version, none is afterwards, unless the caller names
  /// another.
  ///
  /// - Throws: An error of the code `io` when there is no such version.
  public static func delete(_ reference: VersionReference, in store: any ObjectStore) throws(DatasetError) -> VersionCatalog.Entry {
    let catalog = VersionCatalog(store)
    let entry = try catalog.entry(reference)
    let layout = StoreLayout(dataset: reference.dataset)
    let version = entry.record.version
    guard let aside = layout.key(ofObject: StoreLayout.deleted(version, entry.digest)),
      let key = layout.key(ofObject: StoreLayout.record(version))
    else { throw DatasetError(.io, "\(reference) cannot be deleted", path: store.location) }
    // False says that a deletion was stopped after this step; then it goes on.
    _ = try store.create(aside, entry.record.encoded().bytes)
    // The mark goes first: whatever stops a deletion, it never names a version that is gone.
    if try catalog.current(of: reference.dataset)?.version == version, let mark = layout.key(ofObject: StoreLayout.currentName) {
      try store.delete(mark)
    }
    try store.delete(key)
    return entry
  }
}
