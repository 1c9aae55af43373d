import AbuseChecks
import Foundation
import WaybillFiles

/// One format: the bytes become its input, which is validated and converted, and every promise is checked.
///
/// Bytes that begin with `=== ` hold several files, each led by a line `=== PATH` of which the line feed before belongs to no file; others
/// are the one file.
final class FormatTarget {
  private let folder: String
  private let check: CaseCheck
  private var number = 0

  nonisolated(unsafe) private static var targets: [String: FormatTarget] = [:]

  /// The target of a format; libFuzzer calls from one thread.
  static func of(_ format: String) -> FormatTarget {
    if let known = targets[format] { return known }
    do {
      let made = try FormatTarget(format)
      targets[format] = made
      return made
    } catch {
      broken("no place for inputs: \(error)")
    }
  }

  private init(_ format: String) throws {
    let memory = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    folder = "\(memory)/waybill-fuzz-\(getpid())"
    try FileManager.default.createDirectory(atPath: "\(folder)/out", withIntermediateDirectories: true)
    check = try CaseCheck(format: format, folder: "\(folder)/data", input: "\(folder)/data/input", outputs: "\(folder)/out")
    // libFuzzer leaves by exit, so nothing is left behind unless it finds something.
    atexit {
      try? FileManager.default.removeItem(atPath: "/dev/shm/waybill-fuzz-\(getpid())")
      try? FileManager.default.removeItem(atPath: "/tmp/waybill-fuzz-\(getpid())")
    }
  }

  func run(_ bytes: UnsafeRawBufferPointer) {
    number += 1
    do {
      try? FileManager.default.removeItem(atPath: "\(folder)/data")
      try FileManager.default.createDirectory(atPath: "\(folder)/data", withIntermediateDirectories: true)
      let files = Self.files(bytes)
      for (path, content) in files {
        let place = "\(folder)/data/\(path)"
        let above = FileName.folder(of: place)
        // Names may clash with folders; such files are left out.
        try? FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        try? Data(content).write(to: URL(fileURLWithPath: place))
      }
      guard FileManager.default.fileExists(atPath: "\(folder)/data/input") else { return }
      var check = check
      try check.run(number)
      if let first = check.complaints.first { broken(first) }
    } catch {
      broken("\(error)")
    }
  }

  /// The files that bytes stand for.
  private static func files(_ bytes: UnsafeRawBufferPointer) -> [(path: String, content: [UInt8])] {
    let mark = Array("=== ".utf8)
    guard bytes.starts(with: mark) else { return [("input", Array(bytes))] }
    var files: [(path: String, content: [UInt8])] = []
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if line.starts(with: mark) {
        let name = String(decoding: line.dropFirst(mark.count), as: UTF8.self)
        if let last = files.indices.last, files[last].content.last == 0x0A { files[last].content.removeLast() }
        guard files.count < 16, let path = try? RelativePath(name), path.text.utf8.count < 200 else { return files }
        files.append((path.text, []))
      } else if !files.isEmpty {
        files[files.count - 1].content += Array(line) + [0x0A]
      }
    }
    if let last = files.indices.last, files[last].content.last == 0x0A { files[last].content.removeLast() }
    return files
  }
}
