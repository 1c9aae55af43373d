import WaybillDiagnostics

extension [UInt8] {
  /// Lends the bytes to a body that throws the errors of this package.
  func withRawBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Result) throws(DatasetError) -> Result {
    try withUnsafeBufferPointer { bytes throws(DatasetError) in try body(UnsafeRawBufferPointer(bytes)) }
  }
}
