import WaybillDigests
import WaybillObjectStore

/// Where the objects of a dataset are in a store.
///
///     animals/V001/version.json      the version record; creating it is the commit
///     animals/V001/labels.zip        the labels; V001.zip where everything is in one archive; labels-<sha256>.zip for a large one in a bucket
///     animals/media/<sha256>.zip     packs of media
///     animals/current.json           which version is current
///     animals/deleted/V001-<...>.json   the record of a deleted version, until its objects are gone
struct StoreLayout {
  let dataset: DatasetName

  /// The key of an object that a record names relative to the dataset; nil when a hostile record names none.
  func key(ofObject path: String) -> ObjectKey? { ObjectKey("\(dataset)/\(path)") }

  static let recordName = "version.json"
  static let currentName = "current.json"
  static let mediaFolder = "media"
  static let deletedFolder = "deleted"

  static func record(_ version: VersionName) -> String { "\(version)/\(recordName)" }
  /// The archive with the labels, or with everything; where someone who was stopped has left one behind, the next is numbered.
  static func archive(_ version: VersionName, _ role: VersionRecord.Object.Role, number: Int) -> String {
    let name = role == .whole ? version.text : "labels"
    return "\(version)/\(name)\(number == 1 ? "" : "-\(number)").zip"
  }

  /// The same, named by its bytes, for stores that cannot give a key to one writer alone.
  static func archive(_ version: VersionName, _ role: VersionRecord.Object.Role, _ digest: SHA256Digest) -> String {
    "\(version)/\(role == .whole ? version.text : "labels")-\(digest.hex).zip"
  }

  static func pack(_ digest: SHA256Digest) -> String { "\(mediaFolder)/\(digest.hex).zip" }
  static func deleted(_ version: VersionName, _ digest: SHA256Digest) -> String {
    "\(deletedFolder)/\(version)-\(digest.hex.prefix(12)).json"
  }
}
