import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// What formats with a text file for each recording have in common: the ending of the files and the names of the rules.
public struct RecordingFormat: Sendable {
  /// The format.
  public var id: FormatID
  /// The usual ending of a file, with its dot.
  public var ending: String
  /// What a file is called in messages, such as "A TextGrid".
  public var noun: String

  /// A format of text files.
  public init(id: FormatID, ending: String, noun: String) {
    self.id = id
    self.ending = ending
    self.noun = noun
  }

  /// Whether a path has the ending, in upper or lower case.
  public func isFile(_ path: String) -> Bool {
    path.utf8.count > ending.utf8.count && path.suffix(ending.count).lowercased() == ending.lowercased()
  }

  /// The path without its ending, whatever that is.
  func stem(of path: String) -> String {
    isFile(path) ? String(path.dropLast(ending.count)) : FileName.withoutExtension(path)
  }

  /// The rules of files and their names.
  public var rules: [FormatRule] {
    [
      FormatRule("\(id).file.unreadable", .error, "Each file can be read."),
      FormatRule("\(id).file.encoding", .error, "The bytes of a file are text in its encoding."),
      FormatRule("\(id).file.duplicate", .error, "No two files have the same name but for the case of their endings."),
      FormatRule(
        "\(id).write.name", .error,
        "The key of a sample can be the name of a file, and is read back as it was: no `..`, no empty part."),
      FormatRule(
        "\(id).write.location", .warning, "The place of the media is the key of the sample; another place is not written."),
      FormatRule("\(id).write.encoding", .error, "The encoding that is asked for has all characters of the text."),
    ]
  }

  /// The reader's option for files without a byte order mark.
  public static let readEncoding = FormatOption(
    "encoding", "The encoding of files without a byte order mark, such as gbk or windows-1252", defaultValue: "utf-8")

  /// The writer's option.
  public static let writeEncoding = FormatOption(
    "encoding", "The encoding of files, such as utf-8, utf-8-bom or utf-16; auto is as it was read, else utf-8",
    defaultValue: "auto")

  /// The encoding an option names; nil for `auto`.
  public func encoding(_ options: FormatOptions) throws(DatasetError) -> TextEncoding? {
    let name = options["encoding"]
    if name == "auto" { return nil }
    guard let encoding = TextEncoding(named: name) else {
      throw DatasetError(
        .usage,
        "The encoding \"\(terminalSafe(name))\" of \(id):encoding is not known; there are utf-8, utf-16, utf-32, "
          + TextEncoding.others.joined(separator: ", "))
    }
    return encoding
  }

  /// Looks at a file, or at some of the files of a folder that have the ending.
  ///
  /// - Parameter judge: Whether the first bytes, in UTF-8, are of the format, and why; the path may be asked for its ending.
  public func detect(_ probe: DetectionProbe, _ judge: (_ head: [UInt8], _ hasEnding: Bool) -> Detection?) -> Detection? {
    guard probe.input.isFolder else { return judge(RecordingFormat.text(probe.head), isFile(probe.input.path)) }
    let candidates = probe.files.filter(isFile)
    let step = max(1, candidates.count / 5)
    var best: Detection?
    for index in stride(from: 0, to: candidates.count, by: step).prefix(6) {
      guard let found = judge(RecordingFormat.text(probe.head(of: candidates[index])), true) else { continue }
      if best.map({ $0.confidence < found.confidence }) ?? true {
        best = Detection(found.confidence, found.reasons.map { "\(candidates[index]): \($0)" })
      }
    }
    return best
  }

  /// The first bytes of a file in UTF-8, as far as they are whole characters.
  public static func text(_ head: [UInt8]) -> [UInt8] {
    head.withUnsafeBytes { bytes in
      let decoding = TextDecoding()
      // The head may end within a character.
      for cut in 0..<4 where cut <= bytes.count {
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - cut)])
        if (try? decoding.decode(part)) != nil { return Array(decoding.text) }
      }
      return Array(bytes)
    }
  }
}
