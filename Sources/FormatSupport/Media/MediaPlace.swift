import WaybillFiles

/// What of a media's location is a path below a folder: where media are put that come along with labels, and where they are looked for again.
///
/// Names are taken apart by their bytes. A letter may join the slash before it, and is no slash then to whoever reads by letters.
public enum MediaPlace {
  /// The path of an object within its bucket, or of a file without its root; it may be empty, and may lead elsewhere.
  public static func inside(_ location: String) -> String {
    var rest = location.utf8[...]
    if rest.starts(with: "file://".utf8) {
      rest = rest.dropFirst(7)
    } else if URLMap.isURL(location) {
      rest = rest.split(separator: 0x2F, maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).first ?? rest.suffix(0)
    }
    return String(Substring(rest.drop { $0 == 0x2F }))
  }

  /// The same without what leads out of its folder; it may be empty.
  public static func below(_ location: String) -> String {
    parts(of: inside(location)).filter { $0 != "." && $0 != ".." }.joined(separator: "/")
  }

  /// The place in the folder `data` that manifests keep their media in.
  public static func inData(_ location: String) -> String {
    let path = inside(location)
    if let safe = (try? RelativePath(path))?.text { return safe.utf8.starts(with: "data/".utf8) ? safe : "data/" + safe }
    let name = FileName.basename(of: path)
    return "data/" + (name.isEmpty || name == ".." || name == "." ? "media" : name)
  }

  /// What stands between the slashes of a path, empty parts left out.
  static func parts(of path: String) -> [Substring] { path.utf8.split(separator: 0x2F).map { Substring($0) } }
}
