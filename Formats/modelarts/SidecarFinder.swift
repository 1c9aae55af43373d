import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Finds the Pascal VOC files that a manifest points at.
struct SidecarFinder: Sendable {
  /// The manifest's own folder.
  let folder: Folder
  /// The files that absolute paths are found in.
  let files: InputFiles
  /// Whether URLs are looked for below that folder.
  let searches: Bool

  /// What became of a file.
  enum Outcome {
    /// It was read.
    case read(path: String)
    /// There is none.
    case missing
    /// Its name leads out of the folder.
    case outside
    /// It is there and cannot be read.
    case unreadable(DatasetError)
  }

  /// Reads the file a manifest calls by a name.
  func read(_ name: String, into buffer: inout ReusableBuffer, _ urlMap: URLMap) -> Outcome {
    if let mapped = urlMap.path(of: name) {
      let outcome = read(path: mapped, into: &buffer)
      if case .missing = outcome {} else { return outcome }
    }
    if name.hasPrefix("file://") {
      let path = String(name.dropFirst(7))
      return path.hasPrefix("/") ? absolute(path, into: &buffer) : .missing
    }
    if URLMap.isURL(name) { return searches ? search(MediaPlace.inside(name), into: &buffer) : .missing }
    if name.hasPrefix("/") { return absolute(name, into: &buffer) }
    do throws(RelativePath.Problem) {
      return read(path: try RelativePath(name).text, into: &buffer)
    } catch {
      return error == .leavesRoot ? .outside : .missing
    }
  }

  private func absolute(_ path: String, into buffer: inout ReusableBuffer) -> Outcome {
    let outcome = read(path: path, into: &buffer)
    if case .missing = outcome, searches { return search(String(path.drop { $0 == "/" }), into: &buffer) }
    return outcome
  }

  /// A downloaded folder has the ends of the paths its URLs had: the longest end that is there is the file.
  private func search(_ path: String, into buffer: inout ReusableBuffer) -> Outcome {
    guard let safe = try? RelativePath(path).text, safe == path else { return .missing }
    var rest = Substring(path)
    while !rest.isEmpty {
      for candidate in [String(rest), "annotation/" + rest] where folder.hasFile(candidate) {
        return read(path: candidate, into: &buffer)
      }
      guard let slash = rest.firstIndex(of: "/") else { break }
      rest = rest[rest.index(after: slash)...]
    }
    return .missing
  }

  private func read(path: String, into buffer: inout ReusableBuffer) -> Outcome {
    do throws(DatasetError) {
      if path.hasPrefix("/") { try files.read(path, into: &buffer) } else { try folder.read(path, into: &buffer) }
      return .read(path: path.hasPrefix("/") ? path : joinedPath(folder.path == "." ? "" : folder.path, path))
    } catch {
      return error.errno == ENOENT || error.errno == ENOTDIR ? .missing : .unreadable(error)
    }
  }
}

/// What one worker keeps to read Pascal VOC files.
final class SidecarWorker {
  var buffer = ReusableBuffer()
  let reader = XMLReader()
}
