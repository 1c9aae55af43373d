import Glibc
import WaybillBytes
import WaybillDiagnostics

extension FileTree {
  /// Lists the files of a mount below a folder, by the rules of a walk.
  mutating func list(_ mount: Mount, _ folder: String) throws(DatasetError) {
    guard case .folder? = mount.entry(at: folder), case .tree(let tree) = mount.content else {
      throw systemError("cannot be opened as a folder", path: root, mount.entry(at: folder) == nil ? ENOENT : ENOTDIR)
    }
    let range = mount.range(below: folder)
    let prefix = folder.isEmpty ? 0 : folder.utf8.count + 1
    var kept: [String] = []
    kept.reserveCapacity(range.count)
    // What lies below one folder follows each other.
    var hidden = ""
    var deep = ""
    for position in range {
      let path = prefix == 0 ? tree.paths[position] : String(tree.paths[position].utf8.dropFirst(prefix)) ?? ""
      if let end = FileTree.hiddenEnd(path) {
        let entry = String(path.utf8.prefix(end)) ?? path
        if entry != hidden { hiddenCount += 1 }
        hidden = entry
      } else if let end = FileTree.tooDeepEnd(path) {
        let entry = String(path.utf8.prefix(end)) ?? path
        if entry != deep { skipped.append(Skipped(path: entry, reason: .tooDeep)) }
        deep = entry
      } else {
        kept.append(path)
      }
    }
    files = kept
    for item in tree.skipped where FileTree.hiddenEnd(item.path) == nil {
      guard prefix > 0 else {
        skipped.append(item)
        continue
      }
      guard item.path.utf8.starts(with: (folder + "/").utf8) else { continue }
      skipped.append(Skipped(path: String(item.path.utf8.dropFirst(prefix)) ?? item.path, reason: item.reason))
    }
  }

  /// Where the first hidden entry of a path ends: a name with a dot in front, or a folder `__MACOSX`; nil when there is none.
  private static func hiddenEnd(_ path: String) -> Int? {
    path.withBytes { bytes in
      var start = 0
      while start < bytes.count {
        var end = start
        while end < bytes.count, bytes[end] != 0x2F { end += 1 }
        let isFolder = end < bytes.count
        if bytes[start] == 0x2E || isFolder && bytes[start..<end].elementsEqual("__MACOSX".utf8) { return end }
        start = end + 1
      }
      return nil
    }
  }

  /// Where the first folder of a path that lies too deep ends; nil when none does.
  private static func tooDeepEnd(_ path: String) -> Int? {
    path.withBytes { bytes in
      var depth = 0
      for at in bytes.indices where bytes[at] == 0x2F {
        depth += 1
        if depth > depthLimit { return at }
      }
      return nil
    }
  }
}
