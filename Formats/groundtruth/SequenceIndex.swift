import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// A file of frames: where they lie, and what their classes are called.
struct SequenceIndex: Sendable {
  let file: MappedFile
  let fileID: FileID
  /// The range of each frame in the file.
  var frames: [Range<Int>] = []
  var layout = SequenceLayout()
  /// The classes: ids and labels.
  var classes: [(id: [UInt8], label: LabelID)] = []

  init(_ file: MappedFile, _ fileID: FileID) {
    self.file = file
    self.fileID = fileID
  }

  /// Finds the frames; false, and a report, when the file is not one of frames.
  mutating func survey(_ labels: LabelTable, _ context: ReadContext) -> Bool {
    if let bad = UTF8Check.firstInvalid(in: file.bytes) {
      context.diagnostics.report(JSONFault(.invalidUTF8, at: bad).diagnostic(in: fileID))
      return false
    }
    var scanner = JSONScanner(file.bytes)
    do throws(JSONFault) {
      var progress = try scanner.beginObject()
      while let key = try scanner.nextKey(&progress) {
        guard key == "tracking-annotations" || key == "detection-annotations", try scanner.peekKind() == .array, frames.isEmpty
        else {
          try scanner.skipValue()
          continue
        }
        layout.root = key.makeString()
        var list = try scanner.beginArray()
        while try scanner.nextElement(&list) {
          scanner.skipWhitespace()
          frames.append(try scanner.skipValue())
        }
      }
      try scanner.expectEnd()
    } catch {
      context.diagnostics.report(error.diagnostic(in: fileID))
      return false
    }
    guard let first = frames.first, let last = frames.last else {
      guard layout.head.isEmpty, file.bytes.count > 0 else { return false }
      context.report(
        .warning, "groundtruth.sequence.empty", "The file has no frames", at: SourceRange(file: fileID, offset: 0, length: 1))
      return true
    }
    func text(_ range: Range<Int>) -> String { String(decoding: file.bytes[range], as: UTF8.self) }
    layout.head = text(0..<first.lowerBound)
    layout.tail = text(last.upperBound..<file.bytes.count)
    if frames.count > 1 { layout.separator = text(first.upperBound..<frames[1].lowerBound) }
    observe(labels)
    return true
  }

  /// Learns the habits of the file from its first frames, and the names of all classes.
  private mutating func observe(_ labels: LabelTable) {
    var isFirst = true
    var seen: Set<[UInt8]> = Set(classes.map(\.id))
    for range in frames {
      var scanner = JSONScanner(file.bytes, from: range.lowerBound, to: range.upperBound)
      guard var progress = try? scanner.beginObject() else { continue }
      if isFirst { layout.spacing = JSONSpacing(observing: UnsafeRawBufferPointer(rebasing: file.bytes[range])) }
      while let key = try? scanner.nextKey(&progress) {
        if isFirst { layout.frameKeys.append(key.makeString()) }
        if isFirst, key == "frame-no", let kind = try? scanner.peekKind() { layout.hasTextNumbers = kind == .string }
        let isList = ObjectList.allCases.contains { key == $0.key }
        guard isList, (try? scanner.peekKind()) == .array, var list = try? scanner.beginArray() else {
          guard (try? scanner.skipValue()) != nil else { break }
          continue
        }
        while (try? scanner.nextElement(&list)) == true {
          let takesKeys = layout.itemKeys.isEmpty
          guard (try? scanner.peekKind()) == .object, var item = try? scanner.beginObject() else { break }
          var id: [UInt8] = []
          var name: String?
          while let key = try? scanner.nextKey(&item) {
            if takesKeys { layout.itemKeys.append(key.makeString()) }
            let start = scanner.offset
            guard let range = try? scanner.skipValue() else { break }
            let value = scanner.bytes(from: range.lowerBound, to: range.upperBound)
            if key == "class-id" {
              id = Array(value.first == UInt8(ascii: "\"") ? UnsafeRawBufferPointer(rebasing: value.dropFirst().dropLast()) : value)
            }
            if key == "object-name" {
              var again = scanner
              again.offset = start
              name = (try? again.string())?.makeString()
            }
          }
          guard !id.isEmpty, seen.insert(id).inserted else { continue }
          classes.append((id, labels.intern(SequenceIndex.name(name) ?? String(decoding: id, as: UTF8.self))))
        }
      }
      isFirst = false
    }
  }

  /// The class in the name of an object such as `car:1`.
  static func name(_ object: String?) -> String? {
    guard let object, let colon = object.lastIndex(of: ":"), colon != object.startIndex else { return nil }
    let number = object[object.index(after: colon)...]
    guard !number.isEmpty, number.utf8.allSatisfy({ $0 &- 48 <= 9 }) else { return nil }
    return String(object[..<colon])
  }
}
