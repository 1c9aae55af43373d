internal import CWaybillPNG

/// Reads one PNG file from bytes: first the header, then the pixels in the form asked for.
///
/// Everything up to the end of the file is checked: checksums, lengths, that no row is missing. Memory is the picture's own and a few
/// rows; nothing is allocated for a picture outside the limits. The bytes must stay while the reader does.
public final class PNGReader {
  /// What the file says before its pixels.
  public let header: PNGHeader
  private let limits: PNGLimits
  private let count: Int
  private let reader: OpaquePointer
  private var wasRead = false

  /// Whether bytes begin as a PNG file does.
  public static func isPNG(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 8 && bytes.prefix(8).elementsEqual([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  /// Reads everything before the pixels.
  public init(_ bytes: UnsafeRawBufferPointer, limits: PNGLimits = .standard) throws(PNGProblem) {
    guard PNGReader.isPNG(bytes) else {
      throw PNGProblem(.notPNG, bytes.isEmpty ? "the file is empty" : "the file does not begin as a PNG file does")
    }
    guard let reader = waybill_png_open(bytes.baseAddress, bytes.count) else { throw PNGProblem(.memory, "there is no memory") }
    do throws(PNGProblem) {
      try check(waybill_png_header(reader, UInt32(limits.side), UInt32(limits.side)), reader)
      let header = try PNGHeader(waybill_png_get(reader).pointee)
      try header.check(limits, byteCount: bytes.count)
      self.header = header
    } catch {
      waybill_png_close(reader)
      throw error
    }
    self.reader = reader
    self.limits = limits
    count = bytes.count
  }

  deinit { waybill_png_close(reader) }

  /// The whole picture.
  ///
  /// Works once. Throws ``PNGProblem/Kind/form`` when the file does not store what the form asks for.
  public func readPicture(as form: PNGPicture.Form) throws(PNGProblem) -> PNGPicture {
    let total = try begin(form)
    var problem: PNGProblem?
    let pixels = [UInt8](unsafeUninitializedCapacity: total) { buffer, used in
      // Rows that damage leaves unread must not show what the memory held before.
      buffer.initialize(repeating: 0)
      used = total
      do throws(PNGProblem) { try read(form, into: UnsafeMutableRawBufferPointer(buffer)) } catch { problem = error }
    }
    if let problem { throw problem }
    let palette = form == .stored8 && header.colorType == .palette ? header.palette : []
    return PNGPicture(width: header.width, height: header.height, form: form, palette: palette, pixels: pixels)
  }

  /// Hands on the rows from the top, each valid during its call.
  ///
  /// Works once. Only one row is in memory, or all when the picture is interlaced. A problem found later than a row is thrown after that
  /// row was handed on.
  public func readRows(as form: PNGPicture.Form, _ body: (Int, UnsafeRawBufferPointer) -> Void) throws(PNGProblem) {
    if header.isInterlaced {
      let picture = try readPicture(as: form)
      let row = header.width * form.bytesPerPixel
      picture.pixels.withUnsafeBytes { pixels in
        for y in 0..<header.height { body(y, UnsafeRawBufferPointer(rebasing: pixels[y * row..<(y + 1) * row])) }
      }
      return
    }
    _ = try begin(form)
    let (row, _) = try start(form)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: row, alignment: 16)
    defer { buffer.deallocate() }
    for y in 0..<header.height {
      try check(waybill_png_rows(reader, buffer.baseAddress, row, 1), reader)
      body(y, UnsafeRawBufferPointer(buffer))
    }
    try check(waybill_png_finish(reader), reader)
  }

  /// Checks that the form fits and gives the bytes of the picture.
  private func begin(_ form: PNGPicture.Form) throws(PNGProblem) -> Int {
    precondition(!wasRead, "A PNGReader reads its pixels once")
    wasRead = true
    let isSingle = header.colorType == .palette || header.colorType == .grey || header.colorType == .greyAlpha
    switch form {
    case .stored8 where !isSingle || header.bitDepth > 8:
      throw PNGProblem(.form, "the picture does not store one sample of 8 bits a pixel")
    case .stored16 where !isSingle || header.bitDepth != 16:
      throw PNGProblem(.form, "the picture does not store one sample of 16 bits a pixel")
    default: break
    }
    // Both sides are at most 2^30 and were checked by the header, so this cannot overflow.
    let total = header.width * header.height * form.bytesPerPixel
    guard total <= limits.bytes else {
      throw PNGProblem(.tooLarge, "the picture would take \(total) bytes, more than the \(limits.bytes) allowed")
    }
    return total
  }

  private func start(_ form: PNGPicture.Form) throws(PNGProblem) -> (row: Int, passes: Int) {
    var row = 0
    var passes: Int32 = 0
    try check(waybill_png_begin(reader, Int32(form.rawValue), &row, &passes), reader)
    guard row == header.width * form.bytesPerPixel else {
      throw PNGProblem(.form, "libpng gives rows of \(row) bytes for \(header.width) pixels")
    }
    return (row, Int(passes))
  }

  private func read(_ form: PNGPicture.Form, into pixels: UnsafeMutableRawBufferPointer) throws(PNGProblem) {
    let (row, passes) = try start(form)
    for _ in 0..<passes { try check(waybill_png_rows(reader, pixels.baseAddress, row, UInt32(header.height)), reader) }
    try check(waybill_png_finish(reader), reader)
  }
}

/// The problem a code stands for.
private func check(_ code: Int32, _ reader: OpaquePointer) throws(PNGProblem) {
  let kind: PNGProblem.Kind
  switch Int(code) {
  case WAYBILL_PNG_OK: return
  case WAYBILL_PNG_TRUNCATED: kind = .truncated
  case WAYBILL_PNG_TOO_LARGE: kind = .tooLarge
  case WAYBILL_PNG_NO_MEMORY: kind = .memory
  default: kind = .damaged
  }
  let facts = waybill_png_get(reader).pointee
  throw PNGProblem(kind, text(of: facts.message), at: Int(clamping: facts.offset))
}

/// The text of a C array of characters up to its zero.
func text<Message>(of message: Message) -> String {
  withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
