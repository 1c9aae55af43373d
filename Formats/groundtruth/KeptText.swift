import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// A line or a frame as it stood: it is written again only while it says what the sample says.
final class KeptText {
  private(set) var text: [UInt8] = []
  @exclusivity(unchecked) private var lines: LineDecoder
  private let labels: LabelCache
  private let quiet = ReadContext(sources: SourceMap(), limitPerRule: 0)

  init(_ layout: ManifestLayout, _ labels: LabelCache) {
    self.labels = labels
    lines = LineDecoder(layout: layout, labels: labels, file: FileID(index: 0), masks: nil)
  }

  /// Takes the text of a sample.
  func take(_ line: String) { text = Array(line.utf8) }

  /// Whether the line says what a sample says.
  func lineSays(_ sample: Sample, _ position: Int, _ context: EncodeContext) -> Bool {
    var again = Sample(key: "", media: Media(.image))
    let isRead = text.withUnsafeBytes { lines.decode($0, 0..<$0.count, position: position, into: &again, quiet) }
    guard isRead, lines.faults == 0, KeptText.isOneLine(text) else { return false }
    return KeptText.says(again, sample)
  }

  /// Whether the frame says what a sample says.
  func frameSays(
    _ sample: Sample, _ sequence: Int, _ attribute: Int, _ settings: WriterSettings, _ context: EncodeContext
  ) -> Bool {
    let layout = settings.source.sequences[sequence]
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.count), alignment: 1)
    memory.copyBytes(from: text)
    let file = MappedFile(adopting: memory, path: "")
    var index = SequenceIndex(file, FileID(index: 0))
    index.layout = layout
    if settings.text.layout.attributes.indices.contains(attribute) {
      index.classes = settings.text.layout.attributes[attribute].classes.map { (Array($0.id.utf8), labels.intern($0.name)) }
    }
    var decoder = FrameDecoder(index, labels: labels)
    var again = Sample(key: "", media: Media(.image))
    let isRead = text.withUnsafeBytes { decoder.decode($0, 0..<$0.count, position: 0, into: &again, quiet) }
    return isRead && decoder.faults == 0 && KeptText.says(again, sample)
  }

  private static func isOneLine(_ text: [UInt8]) -> Bool { !text.contains(0x0A) }

  /// Whether a text that was read again says what the sample says; of masks it holds everything but the pixels.
  private static func says(_ again: Sample, _ sample: Sample) -> Bool {
    var (mine, theirs) = (again, sample)
    let masks = sample.annotations.filter { isMask($0) }
    let others = sample.annotations.filter { !isMask($0) }
    let found = again.annotations.filter { isKeptMask($0) }
    let rest = again.annotations.filter { !isKeptMask($0) }
    (mine.annotations, theirs.annotations) = ([], [])
    (mine.preserved, theirs.preserved) = (Preserved(), Preserved())
    guard mine == theirs, rest.count == others.count else { return false }
    guard zip(rest, others).allSatisfy({ plain($0) == plain($1) }) else { return false }
    return masks.allSatisfy { mask in
      if let reference = mask.reference {
        return found.contains { $0.reference == reference || Marks($0.preserved).text("@mask") == reference }
      }
      let index = Marks(mask.preserved).text("@index")
      var bare = plain(mask)
      bare.shape = nil
      return index != nil && found.contains { Marks($0.preserved).text("@index") == index && plain($0) == bare }
    }
  }

  private static func isMask(_ annotation: Annotation) -> Bool {
    annotation.features.contains(.mask) || annotation.reference != nil
  }

  private static func isKeptMask(_ annotation: Annotation) -> Bool {
    annotation.reference != nil || (!annotation.preserved.isEmpty && Marks(annotation.preserved).text("@index") != nil)
  }

  private static func plain(_ annotation: Annotation) -> Annotation {
    var plain = annotation
    plain.preserved = Preserved()
    return plain
  }
}
