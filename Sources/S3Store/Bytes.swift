import WaybillDiagnostics

extension [UInt8] {
  /// Lends the bytes to a body that throws the errors of this package.
  func withRawBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Result) throws(DatasetError) -> Result {
    try withUnsafeBufferPointer { bytes throws(DatasetError) in try body(UnsafeRawBufferPointer(bytes)) }
  }
}

extension UnsafeRawBufferPointer {
  /// No bytes, for requests whose body is there and empty.
  static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

extension String {
  /// What follows a prefix, compared byte by byte as servers do; nil when the text does not begin so.
  func dropping(prefix: String) -> String? {
    utf8.starts(with: prefix.utf8) ? String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
  }
}
