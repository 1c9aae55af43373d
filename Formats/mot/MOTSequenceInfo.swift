import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension MOTSequenceLayout {
  /// The largest `seqinfo.ini` or `labels.txt`: those of the benchmark have some hundred bytes, and all of one is kept.
  static let largestText = 1 << 20

  /// The longest sequence: every frame is a sample even without rows, and this is half a day of them.
  private static let longest = 1_000_000

  /// Takes what `seqinfo.ini` says; keys are looked for in any case.
  ///
  /// A line that is wrong is left out of what is kept, so that it does not come back.
  mutating func read(info text: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) {
    guard text.count <= MOTSequenceLayout.largestText else {
      info = ""
      return context.report(
        .error, "mot.seqinfo.size", "seqinfo.ini is at most a megabyte long, and this one has \(text.count) bytes",
        at: SourceRange(file: file, offset: 0, length: 1))
    }
    var kept = ByteBuffer(capacity: text.count)
    var scanner = LineScanner(text)
    while let line = scanner.next() {
      let place = SourceRange(file: file, offset: line.lowerBound, length: max(1, line.count))
      if take(UnsafeRawBufferPointer(rebasing: text[line]), place, context) {
        kept.append(UnsafeRawBufferPointer(rebasing: text[line.lowerBound..<scanner.offset]))
      }
    }
    info = kept.string()
    infoFile = file
    // No picture has a side of 0: that is how a size is written that nobody knows.
    if (width ?? 0) == 0 || (height ?? 0) == 0 { (width, height) = (nil, nil) }
  }

  /// Takes what a line says; false, and a report, when that cannot be.
  private mutating func take(_ line: UnsafeRawBufferPointer, _ place: SourceRange, _ context: ReadContext) -> Bool {
    guard UTF8Check.firstInvalid(in: line) == nil else {
      context.report(.error, "mot.seqinfo.encoding", "This line of seqinfo.ini is not UTF-8", at: place)
      return false
    }
    guard let mark = line.firstIndex(of: UInt8(ascii: "=")) else { return true }
    let value = MOTSequenceLayout.trimmed(line[(mark + 1)...])
    switch MOTSequenceLayout.trimmed(line[..<mark]).lowercased() {
    case "imdir":
      guard let folder = try? RelativePath(value).text else {
        context.report(.error, "mot.seqinfo.folder", "imDir is a folder below that of the sequence", at: place)
        return false
      }
      pictureFolder = folder
    case "imext":
      let ending = value.isEmpty || value.hasPrefix(".") ? value : "." + value
      guard !ending.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else {
        context.report(.error, "mot.seqinfo.ending", "imExt is how the names of the pictures end, and no path", at: place)
        return false
      }
      saysEnding = true
      pictureEnding = ending
    case "seqlength": return take(value, "seqLength", MOTSequenceLayout.longest, \.length, place, context)
    case "imwidth": return take(value, "imWidth", Int(Int32.max), \.width, place, context)
    case "imheight": return take(value, "imHeight", Int(Int32.max), \.height, place, context)
    default: break
    }
    return true
  }

  private mutating func take(
    _ text: String, _ name: String, _ limit: Int, _ target: WritableKeyPath<MOTSequenceLayout, Int?>, _ place: SourceRange,
    _ context: ReadContext
  ) -> Bool {
    guard let value = Int(text), value >= 0, value <= limit else {
      context.report(.error, "mot.seqinfo.number", "\(name) is a whole number up to \(limit)", at: place)
      return false
    }
    self[keyPath: target] = value
    return true
  }

  private static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> String {
    var text = text
    while let last = text.last, last <= 0x20 { text.removeLast() }
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
    while let first = text.first, first <= 0x20 { text.removeFirst() }
    return String(decoding: text, as: UTF8.self)
  }

  // MARK: labels.txt

  /// Takes `labels.txt`: a line that is wrong becomes an empty one, for those after it keep their numbers.
  mutating func read(labels text: UnsafeRawBufferPointer, _ file: FileID, _ context: ReadContext) {
    guard text.count <= MOTSequenceLayout.largestText else {
      labels = ""
      return context.report(
        .error, "mot.labels.size", "labels.txt is at most a megabyte long, and this one has \(text.count) bytes",
        at: SourceRange(file: file, offset: 0, length: 1))
    }
    var kept = ByteBuffer(capacity: text.count)
    var scanner = LineScanner(text)
    while let line = scanner.next() {
      var start = line.lowerBound
      if UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: text[line])) != nil {
        context.report(
          .error, "mot.labels.encoding", "This line of labels.txt is not UTF-8",
          at: SourceRange(file: file, offset: line.lowerBound, length: max(1, line.count)))
        start = line.upperBound
      }
      kept.append(UnsafeRawBufferPointer(rebasing: text[start..<scanner.offset]))
    }
    labels = kept.string()
  }
}
