import CWaybillZlib
import WaybillDiagnostics

extension ZipEntry {
  /// Its first bytes, at most a count; no more of it is read or inflated, and nothing is checked but its header.
  ///
  /// For finding out what something is: whoever uses what it says must read it whole.
  public func head(_ count: Int) throws(DatasetError) -> [UInt8] {
    guard method == .deflated, count < size, let mapped = archive.source.mapped else {
      let contents = try uncheckedContents()
      return withExtendedLifetime(contents) { Array(contents.bytes.prefix(max(0, count))) }
    }
    let range = try dataRange()
    let head = withExtendedLifetime(archive.source) {
      DeflatedHead.bytes(of: mapped.part(range.lowerBound, range.count), count: count)
    }
    guard let head else { throw error(.data, Inflater.Problem.invalid.phrase) }
    return head
  }
}

/// The beginning of a raw DEFLATE stream (RFC 1951), without the cost of the rest: libdeflate inflates whole streams alone, zlib stops.
enum DeflatedHead {
  /// The first bytes of what a stream inflates to, fewer only where there are no more; nil where it breaks the rules of DEFLATE before.
  static func bytes(of stream: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
    guard count > 0 else { return [] }
    var state = z_stream()
    // A negative number of window bits means a stream without a header.
    guard inflateInit2_(&state, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&state) }
    // What inflates to so few bytes lies within the first gigabytes.
    state.next_in = stream.baseAddress.map { UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: UInt8.self)) }
    state.avail_in = UInt32(clamping: stream.count)
    var filled = 0
    var isSound = true
    let head = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      state.next_out = target.baseAddress
      state.avail_out = UInt32(clamping: count)
      let result = inflate(&state, Z_SYNC_FLUSH)
      filled = min(count, Int(clamping: state.total_out))
      isSound = result == Z_STREAM_END || result == Z_OK && filled == count
      initialized = filled
    }
    return isSound ? head : nil
  }
}
