import WaybillDiagnostics

/// What an archive must keep to; messages end with the name of the rule that was broken.
///
/// An archive that contradicts itself is `corrupt`; one that says clearly what is not accepted is `invalid-input`.
enum ZipRule: String, Sendable, CaseIterable {
  // The end of the archive.
  case endMissing = "zip.end.missing"
  case endDoubled = "zip.end.doubled"
  case endTrailing = "zip.end.trailing"
  case endSplit = "zip.end.split"
  case endZIP64 = "zip.end.zip64"
  // The directory.
  case directoryPlace = "zip.directory.place"
  case directoryCount = "zip.directory.count"
  case directoryRecord = "zip.directory.record"
  // Names.
  case nameEmpty = "zip.entry.empty-name"
  case nameLong = "zip.entry.long-name"
  case nameEncoding = "zip.entry.encoding"
  case nameControl = "zip.entry.control"
  case nameAbsolute = "zip.entry.absolute"
  case nameBackslash = "zip.entry.backslash"
  case nameUnclean = "zip.entry.unclean"
  case nameOutside = "zip.entry.outside"
  case nameTwice = "zip.entry.two-names"
  case duplicate = "zip.entry.duplicate"
  case caseConflict = "zip.entry.case"
  case fileAndFolder = "zip.entry.file-and-folder"
  // What an entry is.
  case link = "zip.entry.link"
  case special = "zip.entry.special"
  case kind = "zip.entry.kind"
  case encrypted = "zip.entry.encrypted"
  case method = "zip.entry.method"
  case zip64 = "zip.entry.zip64"
  case size = "zip.entry.size"
  // Where it lies.
  case place = "zip.entry.place"
  case overlap = "zip.entry.overlap"
  case header = "zip.entry.header"
  case gap = "zip.entry.gap"
  case descriptor = "zip.entry.descriptor"
  // What it holds.
  case data = "zip.entry.data"
  case crc = "zip.entry.crc"
  // Limits, and the second reader.
  case limitEntries = "zip.limit.entries"
  case limitTotal = "zip.limit.total"
  case limitRatio = "zip.limit.ratio"
  case readersDiffer = "zip.readers.differ"

  /// The code of errors about the rule.
  var code: DatasetError.Code {
    switch self {
    case .endMissing, .endSplit, .nameEmpty, .nameLong, .nameEncoding, .nameControl, .nameAbsolute, .nameBackslash, .nameUnclean,
      .nameOutside, .duplicate, .caseConflict, .fileAndFolder, .link, .special, .encrypted, .method, .limitEntries, .limitTotal,
      .limitRatio:
      .invalidInput
    case .endDoubled, .endTrailing, .endZIP64, .directoryPlace, .directoryCount, .directoryRecord, .nameTwice, .kind, .zip64, .size,
      .place, .overlap, .header, .gap, .descriptor, .data, .crc, .readersDiffer:
      .corrupt
    }
  }

  /// What is wrong with a name that breaks the rule, as the end of a sentence.
  var namePhrase: String {
    switch self {
    case .nameEmpty: "has an empty name"
    case .nameLong: "has a name of more than 65,535 bytes"
    case .nameEncoding: "has a name that is not UTF-8"
    case .nameControl: "has a control character in its name"
    case .nameAbsolute: "has an absolute path"
    case .nameBackslash: "has a backslash in its name, which is a folder to some systems"
    case .nameUnclean: "has an empty part or a dot alone in its path"
    case .nameOutside: "leads out of the folder"
    default: "has a name that is not accepted"
    }
  }

  /// The error of breaking the rule.
  func error(_ sentence: String, path: String) -> DatasetError {
    DatasetError(code, "\(sentence) [\(rawValue)]", path: path)
  }

  /// The error of an entry that breaks the rule.
  func error(entry name: UnsafeRawBufferPointer, _ phrase: String, path: String) -> DatasetError {
    error("entry \(ZipName.shown(name)) \(phrase)", path: path)
  }
}
