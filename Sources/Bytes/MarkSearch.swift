import CWaybillMachine

/// Looks for the bytes that give JSON its structure.
public enum MarkSearch {
  /// How many bytes from an address on, a multiple of 64, are neither quotes nor of the range brackets lie in (bit 6 is set).
  ///
  /// Digits, commas, signs and white space are passed over at the speed of memory.
  public static func skipUnmarked(_ start: UnsafeRawPointer, _ count: Int) -> Int {
    waybill_skip_unmarked(start, max(0, count))
  }
}
