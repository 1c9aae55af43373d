import CWaybillMachine

/// Hints that bytes will be read soon, so that the wait for memory goes on beside other work.
public enum ReadAhead {
  /// Begins to fetch bytes from an offset on; does nothing outside the buffer.
  ///
  /// Only worth it where reads jump: memory that is read from front to back is fetched ahead by itself.
  public static func fetch(_ bytes: UnsafeRawBufferPointer, at offset: Int, count: Int) {
    guard let base = bytes.baseAddress, offset >= 0, offset < bytes.count, count > 0 else { return }
    waybill_prefetch(base + offset, min(count, bytes.count &- offset))
  }
}
