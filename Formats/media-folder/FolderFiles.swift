import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The files of a folder, sorted by what they are.
struct FolderFiles {
  /// Pictures, sound and video.
  private(set) var media: [String] = []
  /// Files that end in `.txt`.
  private(set) var texts: [String] = []
  /// Files of class names.
  private(set) var names: [String] = []
  /// Hugging Face's files of metadata.
  private(set) var metadata: [String] = []
  /// Files that are none of these.
  private(set) var rest: [String] = []
  /// Folders with nothing in them.
  private(set) var emptyFolders: [String] = []

  init(_ paths: [String], emptyFolders: [String] = []) {
    self.emptyFolders = emptyFolders
    for path in paths {
      if MediaPlaces.kind(of: path) != nil {
        media.append(path)
      } else if MediaPlaces.isMetadata(path) {
        metadata.append(path)
      } else if MediaPlaces.isAside(path) {
        continue
      } else if MediaPlaces.isNames(path) {
        names.append(path)
      } else if path.utf8.suffix(4).elementsEqual(".txt".utf8) {
        texts.append(path)
      } else {
        rest.append(path)
      }
    }
  }

  /// The texts that have a medium of the same name beside them.
  func textsBesideMedia() -> Set<ExactText> {
    if texts.isEmpty { return [] }
    let known = Set(texts.map(ExactText.init))
    var found: Set<ExactText> = []
    for path in media {
      let text = ExactText(FileName.withoutExtension(path) + ".txt")
      if known.contains(text) { found.insert(text) }
    }
    return found
  }

  /// The layout that the files speak for; a look at the heads of a few text files tells lists.
  func layout(_ head: (String) throws(DatasetError) -> [UInt8]) throws(DatasetError) -> FolderLayout {
    if !metadata.isEmpty { return .metadata }
    if !textsBesideMedia().isEmpty { return .textFiles }
    // Texts in folders may be anything: landmarks, pairs, descriptions.
    for path in texts.filter({ !$0.utf8.contains(0x2F) }).prefix(16) {
      if ListLine.isList(try head(path), isNamed: MediaPlaces.isList(path) && media.isEmpty) { return .list }
    }
    // Texts whose media are elsewhere.
    return media.isEmpty && !texts.isEmpty ? .textFiles : .classFolders
  }
}
