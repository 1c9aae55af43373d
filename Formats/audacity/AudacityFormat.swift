import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Label tracks of Audacity: a text file of begins, ends and labels for each recording.
public enum AudacityFormat: Format {
  /// The name of the format.
  static let id: FormatID = "audacity"

  /// The files of recordings.
  static let files = RecordingFormat(id: id, ending: ".txt", noun: "A label track")

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id,
    name: "Audacity labels",
    summary:
      "A text file for each recording: begin, end and label of each stretch or moment, with frequencies where they are chosen",
    fileExtensions: [".txt"],
    reads: abilities.union([.text]),
    writes: abilities,
    readOptions: [
      FormatOption(
        "content", "What the text of a label is: the class of what is heard, or the text that is said", choices: ["label", "text"],
        defaultValue: "label"),
      RecordingFormat.readEncoding,
    ],
    writeOptions: [
      FormatOption(
        "content", "What is written as the text of a label: the label, or the text that is said", choices: ["label", "text"],
        defaultValue: "label"),
      RecordingFormat.writeEncoding,
    ],
    rules: rules,
    links: ["https://manual.audacityteam.org/man/importing_and_exporting_labels.html"])

  private static let abilities: FeatureSet = [
    .audio, .video, .samplePreserved, .label, .instant, .interval, .attributes, .preserved,
  ]

  /// With texts there is no room for labels.
  public static func writes(_ options: FormatOptions) -> FeatureSet {
    guard options["content"] == "text" else { return abilities }
    var found = abilities
    found.remove(.label)
    found.insert(.text)
    return found
  }

  /// Looks at the first lines, all of which are times and labels with tabs between.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    files.detect(probe) { head, hasEnding in
      var rows = 0
      var spectral = 0
      for line in lines(head).prefix(20) {
        if line.starts(with: [0x5C, 0x09]), rows > 0 {
          spectral += 1
          continue
        }
        guard isRow(line) else { return nil }
        rows += 1
      }
      guard rows > 0 else { return nil }
      if spectral > 0 { return Detection(.certain, ["lines of times, labels and frequencies, with tabs between"]) }
      return Detection(hasEnding ? .likely : .possible, ["the lines are a begin, an end and a label, with tabs between"])
    }
  }

  /// Whether a file with this beginning may be a label track; a text for people, or a list of names, has no tabs.
  static func mayBeTrack(_ head: [UInt8]) -> Bool {
    let lines = lines(head)
    return lines.isEmpty || lines.contains { $0.contains(0x09) }
  }

  /// The lines that are not blank; the last one of a long head may be cut off.
  private static func lines(_ head: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines = head.split(separator: 0x0A)
    if head.count >= 4000, lines.count > 1 { lines.removeLast() }
    return lines.map { $0.last == 0x0D ? $0.dropLast() : $0 }.filter { line in line.contains { $0 != 0x20 && $0 != 0x09 } }
  }

  /// Whether a line is two times, the second not before the first, and at most one field more.
  private static func isRow(_ line: ArraySlice<UInt8>) -> Bool {
    let fields = line.split(separator: 0x09, maxSplits: 3, omittingEmptySubsequences: false)
    guard fields.count == 2 || fields.count == 3 else { return false }
    let times = fields.prefix(2).map { field in
      field.filter { $0 != 0x20 }.withUnsafeBufferPointer { MediaTime(decimal: $0, allowsComma: true) }
    }
    guard let start = times[0], let end = times[1] else { return false }
    return start <= end
  }

  /// A reader of a file or a folder of files.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    AudacityReader(input: input, encoding: try files.encoding(options), holdsTexts: options["content"] == "text")
  }

  /// A writer of a folder of files, or of the file of one recording.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    let holdsTexts = options["content"] == "text"
    return RecordingWriter(files, encoding: try files.encoding(options)) { AudacityPrinter(holdsTexts: holdsTexts) }
  }
}
