import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative
import WaybillSyntax

/// Files of labels as git hands them to its drivers.
public enum LabelFile {
  /// A path at which a file is read as a native manifest.
  ///
  /// What is not there (`/dev/null`) is an empty file, and `dataset.json`, which has several lines, becomes a header of one.
  public static func readable(_ path: String, named name: String, as role: String, in scratch: ScratchFolder) throws(DatasetError) -> String {
    var status = stat()
    let isThere = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let isSettings = FileName.basename(of: name) == NativeHeaderText.fileName
    if isThere, !isSettings { return path }
    let target = scratch.file("\(role)\(ShardLayout.ending)")
    var out = ByteBuffer()
    if isThere {
      let mapped = try MappedFile(path: path)
      // A file that is no JSON is left to whoever reads it.
      var scanner = JSONScanner(mapped.bytes)
      guard (try? scanner.skipValue()) != nil, scanner.isAtEnd() else { return path }
      out.appendCompacted(json: mapped.bytes)
      out.append(UInt8(ascii: "\n"))
    }
    try replaceFile(target, with: out.array())
    return target
  }
}
