import WaybillFiles

/// Bytes of an object that know which writing of it they are.
package protocol RevisedSource: ByteSource {
  /// Which writing it is.
  var revision: ObjectRevision { get }
}
