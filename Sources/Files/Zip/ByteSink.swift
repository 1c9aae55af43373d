import WaybillDiagnostics

/// Something that takes bytes one after another and never goes back: a file, a pipe, an upload.
public protocol ByteSink: AnyObject {
  /// Takes the bytes that follow those before.
  ///
  /// After a failure the sink is of no use.
  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError)
}

extension OutputFile: ByteSink {}
extension Spool: ByteSink {}
