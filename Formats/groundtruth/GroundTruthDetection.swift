import WaybillBytes
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension GroundTruthFormat {
  /// Looks at the first line of a file, or of the one manifest of a folder.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return GroundTruthDetection.judge(probe.head, probe.name) }
    var found: [Detection] = []
    for name in GroundTruthDetection.candidates(probe.files) {
      if let detection = GroundTruthDetection.judge(probe.head(of: name), name, inFolder: true) { found.append(detection) }
    }
    guard found.count == 1, var detection = found.first else { return nil }
    detection.reasons.insert("the folder holds one manifest", at: 0)
    return detection
  }

  /// Folders of the output of a labeling job are part of the layout.
  public static func hasFolder(named name: String) -> Bool {
    ["annotations", "manifests", "sequences", "masks"].contains(name)
  }
}

/// What the first bytes of files say.
enum GroundTruthDetection {
  /// The files of a folder that may be the manifest: those with its ending, else those of lines of JSON, else files of frames; hidden
  /// ones are none.
  static func candidates(_ files: [String]) -> [String] {
    let visible = files.filter { !FileName.basename(of: $0).hasPrefix(".") }
    let all = visible.filter { $0.hasSuffix(".manifest") }
    var named = all.isEmpty ? visible.filter { $0.hasSuffix(".jsonl") } : all
    if named.isEmpty { named = visible.filter { $0.hasSuffix(".json") } }
    let top = named.filter { !$0.contains("/") }
    return Array((top.isEmpty ? named : top).prefix(16))
  }

  /// Judges the first bytes of a file.
  static func judge(_ head: [UInt8], _ name: String, inFolder: Bool = false) -> Detection? {
    var first = head[...]
    if first.starts(with: [0xEF, 0xBB, 0xBF]) { first = first.dropFirst(3) }
    first = first.drop { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
    guard first.first == UInt8(ascii: "{") else { return nil }
    let isAlone = Array(first).withUnsafeBufferPointer { isSequence($0[...]) }
    if isAlone { return Detection(.certain, ["the file has the frames of a labeling job"]) }
    // A folder may hold JSON of all kinds.
    if inFolder, name.hasSuffix(".json") { return nil }
    let line = Array(first.prefix { $0 != 0x0A })
    var keys: [String] = []
    var isText = false
    line.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      // The first 4 KiB may cut the line: what was seen until then counts.
      guard var progress = try? scanner.beginObject() else { return }
      while let key = try? scanner.nextKey(&progress) {
        keys.append(key.makeString())
        if key == "source" || key == "source-ref" { isText = (try? scanner.peekKind()) == .string }
        guard (try? scanner.skipValue()) != nil else { break }
      }
    }
    guard !keys.contains("waybill"), !keys.contains("key"), isText else { return nil }
    let hasPlace = keys.contains("source-ref")
    guard hasPlace || keys.contains("source") else { return nil }
    let twin = keys.first { keys.contains($0 + LabelAttribute.suffix) }
    if let twin, holds(line, "\"\(LabelTask.prefix)") {
      return Detection(.certain, ["\"\(twin)\" has metadata with a type groundtruth/..."])
    }
    if keys.contains("annotation") { return nil }
    if let twin, hasPlace { return Detection(.certain, ["the first line has source-ref, and \"\(twin)\" with its metadata"]) }
    if let twin { return Detection(.likely, ["the first line has source, and \"\(twin)\" with its metadata"]) }
    // Labels that are cut off, or a manifest without labels yet.
    if hasPlace, holds(line, "\"\(LabelTask.prefix)") { return Detection(.certain, ["the first line has a type groundtruth/..."]) }
    if hasPlace { return Detection(.likely, ["the first line has the key source-ref"]) }
    return nil
  }

  /// Whether a file begins as files of frames do.
  static func isSequence(_ head: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    let text = head.drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
    guard text.first == UInt8(ascii: "{") else { return false }
    let rest = text.dropFirst().drop { $0 <= 0x20 }
    for key in ["\"tracking-annotations\"", "\"detection-annotations\""] where rest.starts(with: key.utf8) {
      // A list follows.
      let value = rest.dropFirst(key.utf8.count).drop { $0 <= 0x20 || $0 == UInt8(ascii: ":") }
      return value.first == UInt8(ascii: "[")
    }
    return false
  }

  private static func holds(_ bytes: [UInt8], _ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return false }
    for at in 0...(bytes.count - wanted.count) where bytes[at] == wanted[0] {
      if bytes[at..<(at + wanted.count)].elementsEqual(wanted) { return true }
    }
    return false
  }
}
