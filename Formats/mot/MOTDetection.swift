import WaybillBytes
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension MOTFormat {
  /// Looks at the first rows of a file, or of the files of a folder that are named as the benchmark names them.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else {
      guard let columns = MOTDetection.columns(probe.head) else { return nil }
      let reason = "rows of \(columns) numbers with commas, beginning with a frame and a track"
      let names = probe.input.path.split(separator: "/").suffix(2)
      let isNamed = names.last.map { ["gt.txt", "det.txt"].contains($0) } ?? false
      if columns < 9 { return isNamed ? Detection(.likely, [reason]) : nil }
      return Detection(isNamed ? .certain : .likely, isNamed ? [reason, "the name of the file"] : [reason])
    }
    let places = MOTPlaces(probe.files)
    for file in places.standard.prefix(4) where MOTDetection.columns(probe.head(of: file.path)) != nil {
      return Detection(.certain, ["\(file.path) has rows of numbers with commas"])
    }
    if let info = places.infos.first(where: { MOTDetection.isInfo(probe.head(of: $0)) }) {
      return Detection(.certain, ["\(info) describes a sequence"])
    }
    // Empty files of rows have nothing to show but their places.
    if let empty = places.standard.first(where: { probe.head(of: $0.path).isEmpty }), places.standard.count == 1 {
      return Detection(.possible, ["the name \(empty.path)"])
    }
    for path in places.others.prefix(4) {
      guard let columns = MOTDetection.columns(probe.head(of: path)), columns >= 9 else { continue }
      return Detection(.likely, ["\(path) has rows of \(columns) numbers with commas"])
    }
    return nil
  }
}

/// What the first bytes of files say.
enum MOTDetection {
  /// How many columns the first rows have; nil when they are no rows: numbers with commas, the first two whole.
  static func columns(_ head: [UInt8]) -> Int? {
    var rest = head[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    var lines = rest.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }.filter { !$0.allSatisfy { $0 <= 0x20 } }
    // The last line may be cut.
    if head.count >= 4096, lines.count > 1 { lines.removeLast() }
    guard let first = lines.first else { return nil }
    let columns = first.count { $0 == UInt8(ascii: ",") } + 1
    guard MOTRow.columnRange.contains(columns) else { return nil }
    for line in lines.prefix(3) {
      let row = Array(line).withUnsafeBytes { MOTRow($0, 0..<$0.count, MOTStyle()) }
      guard row.badColumn == 0, row.columns == columns, row.frame >= 0 else { return nil }
    }
    return columns
  }

  /// Whether one of the first lines is a row: what is wrong with the others is for the reader to say.
  static func hasRow(_ head: [UInt8]) -> Bool {
    head.withUnsafeBytes { bytes in
      var lines = LineScanner(bytes, from: head.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
      while let line = lines.next() {
        let row = MOTRow(bytes, line, MOTStyle())
        if row.badColumn == 0, row.frame >= 0 { return true }
      }
      return false
    }
  }

  /// Whether a file describes a sequence.
  static func isInfo(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head, as: UTF8.self).lowercased()
    return text.contains("[sequence]") && text.contains("=")
  }
}

/// The files of a folder by what their names say.
struct MOTPlaces {
  /// A file of rows of a sequence.
  struct Rows: Equatable {
    /// The folder of the sequence.
    var sequence: String
    /// The file below it.
    var name: String
    /// The file.
    var path: String
    /// Whether these are detections.
    var isDetection: Bool
  }

  /// Files named as the benchmark names them.
  private(set) var standard: [Rows] = []
  /// Descriptions of sequences.
  private(set) var infos: [String] = []
  /// Other text files.
  private(set) var others: [String] = []
  /// How the names of pictures end, by the sequence.
  private(set) var endings: [String: String] = [:]

  /// Looks at the names of files.
  init(_ files: [String]) {
    for path in files {
      let name = FileName.basename(of: path)
      let folder = FileName.folder(of: path)
      switch name {
      case "seqinfo.ini": infos.append(path)
      case "gt.txt", "det.txt":
        let stem = FileName.stem(of: name)
        let isDetection = stem == "det"
        if FileName.basename(of: folder) == stem {
          standard.append(
            Rows(sequence: FileName.folder(of: folder), name: "\(stem)/\(name)", path: path, isDetection: isDetection))
        } else {
          standard.append(Rows(sequence: folder, name: name, path: path, isDetection: isDetection))
        }
      default:
        if name.hasSuffix(".txt") {
          if MOTPlaces.isRows(name) { others.append(path) }
        } else if FileName.basename(of: folder) == "img1", endings[FileName.folder(of: folder)] == nil {
          let ending = FileName.extension(of: name)
          if ["jpg", "jpeg", "png", "bmp"].contains(ending.lowercased()) { endings[FileName.folder(of: folder)] = "." + ending }
        }
      }
    }
  }

  /// Whether a file below a sequence is called as one of rows may be.
  static func isRows(_ path: String) -> Bool {
    let name = FileName.basename(of: path)
    return name.hasSuffix(".txt") && !name.hasPrefix(".") && (try? RelativePath(path)) != nil
      && !["labels.txt", "frames.txt", "tracks.txt", "ids.txt"].contains(name)
  }

  /// Where the rows of a file lie that was given by itself.
  static func alone(_ path: String) -> Rows {
    let all = MOTPlaces([path])
    if let found = all.standard.first { return found }
    return Rows(sequence: FileName.folder(of: path), name: FileName.basename(of: path), path: path, isDetection: false)
  }
}
