import WaybillBytes
import WaybillFormatSupport
import WaybillSyntax

extension ModelArtsFormat {
  /// Looks at the first line of a file, or of the one manifest of a folder.
  public static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.input.isFolder else { return detect(probe.head, isManifest: probe.name.hasSuffix(".manifest")) }
    let all = probe.files.filter { $0.hasSuffix(".manifest") }
    let top = all.filter { !$0.contains("/") }
    let found = top.isEmpty ? all : top
    guard found.count == 1, let name = found.first else { return nil }
    guard var detection = detect(probe.head(of: name), isManifest: true) else { return nil }
    detection.reasons.insert("the folder holds one manifest", at: 0)
    return detection
  }

  private static func detect(_ head: [UInt8], isManifest: Bool) -> Detection? {
    var first = head[...]
    if first.starts(with: [0xEF, 0xBB, 0xBF]) { first = first.dropFirst(3) }
    first = first.drop { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
    guard first.first == UInt8(ascii: "{") else { return nil }
    let line = Array(first.prefix { $0 != 0x0A })
    let isCut = line.count == first.count
    var keys: [String] = []
    var source: String?
    var namesType = false
    line.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      // The first 4 KiB may cut the line: what was seen until then counts.
      guard var progress = try? scanner.beginObject() else { return }
      while let key = try? scanner.nextKey(&progress) {
        keys.append(key.makeString())
        let start = scanner.offset
        if key == "source", let text = try? scanner.string() {
          source = text.makeString()
          continue
        }
        // A long text is cut, and how it begins is enough.
        if key == "source", isCut, start + 1 < bytes.count, bytes[start] == UInt8(ascii: "\"") {
          source = String(decoding: bytes[(start + 1)..<min(start + 64, bytes.count)], as: UTF8.self)
        }
        scanner.offset = start
        guard (try? scanner.skipValue()) != nil else { break }
      }
      namesType = contains(bytes, "\"modelarts/")
    }
    guard !keys.contains("source-ref"), !keys.contains("waybill"), !keys.contains("key") else { return nil }
    let others = keys.filter { ["annotation", "usage", "id", "sample-type", "inference-loc", "source-type", "hard"].contains($0) }
    if namesType, keys.contains("annotation") { return Detection(.certain, ["an annotation has a type modelarts/..."]) }
    if source == nil, isManifest, isCut, keys.contains("annotation") {
      return Detection(.likely, ["the first line has the key annotation, and the name ends with .manifest"])
    }
    guard let source else { return nil }
    if !others.isEmpty { return Detection(.likely, ["the first line has the keys source and \(others.joined(separator: ", "))"]) }
    guard keys.count == 1 || isManifest else { return nil }
    let isPlace = source.hasPrefix("content://") || URLMap.isURL(source)
    if isManifest, isPlace { return Detection(.likely, ["the first line has the key source, and the name ends with .manifest"]) }
    return isManifest || isPlace ? Detection(.possible, ["the first line has the key source"]) : nil
  }

  private static func contains(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count >= count else { return false }
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: count)
    for at in 0...(bytes.count - count) where bytes[at] == wanted[0] {
      if bytes[at..<(at + count)].elementsEqual(wanted) { return true }
    }
    return false
  }
}
