import Glibc
import WaybillDiagnostics

/// A folder of one's own for intermediate files, in `TMPDIR` or `/tmp`; nobody else may look into it.
public final class ScratchFolder {
  /// The path of the folder.
  public let path: String
  private var isRemoved = false

  /// Makes a folder.
  public init() throws(DatasetError) {
    let base = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array(joinedPath(base, "waybill-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw systemError("cannot hold temporary files; set TMPDIR to a folder that can", path: base)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove() }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { joinedPath(path, name) }

  /// Removes the folder with everything in it; harmless when it is gone.
  public func remove() {
    guard !isRemoved else { return }
    isRemoved = SystemCalls.real.removeFirmly(AT_FDCWD, path)
  }
}
