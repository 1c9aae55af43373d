import WaybillBytes
import WaybillPNG
import WaybillSyntax

/// The files beside the labels, data files in YAML and masks in PNG, each with what must hold for any bytes at all.
enum FileTargets {
  // MARK: YAML

  /// A value that was read prints as JSON, which reads back the same, and every fault lies inside the bytes.
  static func yaml(_ bytes: UnsafeRawBufferPointer) {
    let text: [UInt8]
    do throws(YAMLFault) {
      let node = try YAMLReader.read(bytes)
      check(node, bytes.count)
      text = json(node)
    } catch {
      guard error.offset >= 0, error.offset <= bytes.count, !error.message.isEmpty else {
        broken("\(error.message) at \(error.offset) of \(bytes.count)")
      }
      return
    }
    text.withUnsafeBytes { printed in
      do throws(YAMLFault) {
        let again = json(try YAMLReader.read(printed))
        guard again == text else {
          broken("\(String(decoding: text, as: UTF8.self)) came back as \(String(decoding: again, as: UTF8.self))")
        }
      } catch {
        // The brackets of the whole are one level more than its lines were.
        guard error.problem == .tooDeep else {
          broken("\(error.message) at \(error.offset) of \(String(decoding: text, as: UTF8.self))")
        }
      }
    }
  }

  private static func json(_ node: YAMLNode) -> [UInt8] {
    var out = ByteBuffer()
    out.appendJSON(node)
    return out.array()
  }

  private static func check(_ node: YAMLNode, _ count: Int) {
    guard node.range.lowerBound >= 0, node.range.upperBound <= max(count, node.range.lowerBound + 1), node.range.lowerBound <= count
    else { broken("a value at \(node.range) of \(count)") }
    for item in node.items ?? [] { check(item, count) }
    for member in node.members ?? [] {
      guard member.keyRange.lowerBound >= 0, member.keyRange.upperBound <= count else {
        broken("a key at \(member.keyRange) of \(count)")
      }
      check(member.value, count)
    }
  }

  // MARK: PNG

  /// A picture that was read has as many bytes as it says, and comes back from the file that is written of it.
  static func png(_ bytes: UnsafeRawBufferPointer) {
    let limits = PNGLimits(side: 4096, pixels: 1 << 20, bytes: 1 << 22)
    for form in [PNGPicture.Form.stored8, .stored16, .rgb8, .rgba8] {
      do throws(PNGProblem) {
        let reader = try PNGReader(bytes, limits: limits)
        let picture = try reader.readPicture(as: form)
        guard picture.pixels.count == picture.width * picture.height * form.bytesPerPixel else {
          broken("\(picture.pixels.count) bytes of \(picture.width) x \(picture.height)")
        }
        checkRows(bytes, limits, picture)
        checkReturn(picture)
      } catch {
        guard error.offset >= 0, error.offset <= bytes.count, !error.message.isEmpty else {
          broken("\(error.message) at \(error.offset) of \(bytes.count)")
        }
      }
    }
  }

  private static func checkRows(_ bytes: UnsafeRawBufferPointer, _ limits: PNGLimits, _ picture: PNGPicture) {
    var rows: [UInt8] = []
    do throws(PNGProblem) {
      let reader = try PNGReader(bytes, limits: limits)
      try reader.readRows(as: picture.form) { _, row in rows += Array(row) }
    } catch {
      broken("a picture that can be read whole cannot be read by rows: \(error)")
    }
    guard rows == picture.pixels else { broken("the rows are not the picture") }
  }

  private static func checkReturn(_ picture: PNGPicture) {
    // An index without a colour is what libpng warns of or refuses.
    if !picture.palette.isEmpty, picture.pixels.contains(where: { Int($0) >= picture.palette.count }) { return }
    do {
      let again = try picture.encoded().withUnsafeBytes { try PNGReader($0).readPicture(as: picture.form) }
      guard again == picture else { broken("a picture of \(picture.width) x \(picture.height) came back otherwise") }
    } catch {
      broken("what was written cannot be read: \(error)")
    }
  }
}
