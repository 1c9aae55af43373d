import Glibc
import WaybillDiagnostics
import WaybillFiles

/// The files `~/.aws/config` and `~/.aws/credentials`, as far as a store needs them: sections of settings, and settings of settings.
struct AWSProfileFile {
  /// By the section's name, such as `default` or `profile team`; a nested setting is called `s3.endpoint_url`.
  let sections: [String: [String: String]]

  /// Reads a file; one that is not there is empty.
  init(path: String) throws(DatasetError) {
    var status = stat()
    // Whoever wants no settings names /dev/null.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFCHR else {
      self.init("")
      return
    }
    let file = try MappedFile(path: path)
    guard file.bytes.count <= 1 << 20 else { throw DatasetError(.io, "is too large for a file of settings", path: path) }
    self.init(String(decoding: file.bytes, as: UTF8.self))
  }

  /// Reads the text of a file; lines that are none of it are passed over, as other tools do.
  init(_ text: String) {
    var sections: [String: [String: String]] = [:]
    var section = ""
    var parent = ""
    for line in text.split(whereSeparator: \.isNewline) {
      let isNested = line.first == " " || line.first == "\t"
      let words = Self.trimmed(line)
      if words.isEmpty || words.hasPrefix("#") || words.hasPrefix(";") { continue }
      if words.hasPrefix("["), let end = words.firstIndex(of: "]") {
        section = words[words.index(after: words.startIndex)..<end].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        sections[section, default: [:]] = sections[section] ?? [:]
        parent = ""
        continue
      }
      guard let equals = words.firstIndex(of: "=") else { continue }
      let name = Self.trimmed(words[..<equals]).lowercased()
      var value = Self.trimmed(words[words.index(after: equals)...])
      // A comment may follow a value after white space.
      if let comment = value.range(ofAnyOf: [" #", "\t#", " ;"]) { value = Self.trimmed(value[..<comment]) }
      if isNested, !parent.isEmpty {
        sections[section, default: [:]]["\(parent).\(name)"] = value
      } else {
        parent = value.isEmpty ? name : ""
        sections[section, default: [:]][name] = value
      }
    }
    self.sections = sections
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension String {
  /// Where the first of some texts begins.
  fileprivate func range(ofAnyOf texts: [String]) -> Index? {
    indices.first { index in texts.contains { self[index...].hasPrefix($0) } }
  }
}
