import WaybillDiagnostics

/// The bucket and the prefix that an `s3://` URL names.
struct S3URL: Equatable {
  var bucket: String
  /// Empty, or keys and a slash at the end.
  var prefix: String

  /// Reads `s3://bucket/prefix`.
  ///
  /// - Throws: An error of the code `usage` for a URL without a bucket, or with a prefix that no path has.
  init(_ text: String) throws(DatasetError) {
    guard let end = text.firstRange(of: "://"), text[..<end.lowerBound].lowercased() == "s3" else {
      throw DatasetError(.usage, "is no s3:// URL", path: terminalSafe(text))
    }
    let rest = text[end.upperBound...]
    guard !rest.contains("@"), !rest.contains("?"), !rest.contains("#") else {
      throw DatasetError(.usage, "An s3:// URL is s3://BUCKET/PREFIX, without names, passwords and queries")
    }
    bucket = String(rest.prefix { $0 != "/" })
    var path = rest.dropFirst(bucket.count)
    while path.hasPrefix("/") { path = path.dropFirst() }
    while path.hasSuffix("/") { path = path.dropLast() }
    guard !bucket.isEmpty else { throw DatasetError(.usage, "names no bucket; it is s3://BUCKET/PREFIX", path: terminalSafe(text)) }
    let isPlain = path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      part != "." && part != ".." && !part.isEmpty && part.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
    guard path.isEmpty || (isPlain && path.utf8.count <= 512) else {
      throw DatasetError(.usage, "has a prefix that no store can have", path: terminalSafe(text))
    }
    prefix = path.isEmpty ? "" : path + "/"
  }
}
