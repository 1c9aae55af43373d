/// The header `Content-Range: bytes 0-9/100` (RFC 9110, 14.4).
struct ContentRange {
  let lowerBound: Int
  let upperBound: Int
  let total: Int

  var count: Int { upperBound - lowerBound }

  /// Reads the header; nil for what is none, or has no total.
  init?(_ text: String?) {
    guard let text, text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/")
    let ends = parts.first?.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) } ?? []
    guard parts.count == 2, ends.count == 2, let first = ends[0], let last = ends[1], let total = Int(parts[1]), first >= 0,
      first <= last, last < total
    else { return nil }
    lowerBound = first
    upperBound = last + 1
    self.total = total
  }
}
