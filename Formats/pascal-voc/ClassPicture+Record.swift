import WaybillBytes
import WaybillFormatSupport

/// Pictures of classes travel from the encoder to the writer where only the writer can number the classes: it sees the samples in order,
/// so that the numbers do not depend on the threads.
extension ClassPicture {
  /// Appends the picture: lengths and numbers as four bytes each, then the regions of the pixels.
  func append(to out: inout ByteBuffer) {
    ClassPicture.append(path, to: &out)
    ClassPicture.append(form.rawValue, to: &out)
    for value in [UInt32(width), UInt32(height), UInt32(palette?.count ?? 0)] { ClassPicture.append(value, to: &out) }
    for color in palette ?? [] { ClassPicture.append(color, to: &out) }
    ClassPicture.append(UInt32(regions.count), to: &out)
    for region in regions {
      ClassPicture.append(region.number ?? .max, to: &out)
      ClassPicture.append(region.name ?? "", to: &out)
    }
    rows.withUnsafeBytes { out.append($0) }
  }

  private static func append(_ value: UInt32, to out: inout ByteBuffer) { withUnsafeBytes(of: value) { out.append($0) } }

  private static func append(_ text: String, to out: inout ByteBuffer) {
    let bytes = Array(text.utf8)
    append(UInt32(bytes.count), to: &out)
    bytes.withUnsafeBytes { out.append($0) }
  }

  /// Reads a picture that was appended; nil when the bytes are none.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    func number() -> UInt32? {
      guard bytes.count - at >= 4 else { return nil }
      defer { at += 4 }
      return bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
    }
    func text() -> String? {
      guard let count = number().map(Int.init), bytes.count - at >= count else { return nil }
      defer { at += count }
      return String(decoding: bytes[at..<at + count], as: UTF8.self)
    }
    guard let path = text(), let form = text().flatMap(LabelPicture.Form.init), let width = number(), let height = number(),
      let colors = number().map(Int.init)
    else { return nil }
    var palette: [UInt32] = []
    for _ in 0..<colors {
      guard let color = number() else { return nil }
      palette.append(color)
    }
    guard let count = number().map(Int.init) else { return nil }
    var regions: [Region] = []
    for _ in 0..<count {
      guard let number = number(), let name = text() else { return nil }
      regions.append(Region(name: name.isEmpty ? nil : name, number: number == .max ? nil : number))
    }
    guard bytes.count - at == Int(width) * Int(height) * 2 else { return nil }
    let rows = (0..<Int(width) * Int(height)).map { bytes.loadUnaligned(fromByteOffset: at + 2 * $0, as: UInt16.self) }
    guard rows.allSatisfy({ Int($0) <= count }) else { return nil }
    self.init(
      path: path, width: Int(width), height: Int(height), form: form, palette: palette.isEmpty ? nil : palette, regions: regions,
      rows: rows)
  }
}
