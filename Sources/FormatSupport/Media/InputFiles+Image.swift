import Glibc
import WaybillFiles
import WaybillMediaProbe

extension InputFiles {
  /// How much of a file in a mount is read at first; most headers lie within.
  private static let headSize = 4096

  /// Reads the header of an image file, as ``MediaProbe/imageHeader(atPath:)`` does; of a file in an archive, no more than it needs.
  public func imageHeader(of path: String) -> Result<ImageHeader, ProbeFailure> {
    if let onDisk = diskPath(of: path) { return MediaProbe.imageHeader(atPath: onDisk) }
    guard case .file(let size) = status(of: path) else { return .failure(.cannotRead(ENOENT)) }
    var wanted = min(InputFiles.headSize, size)
    while true {
      guard let head = try? readHead(path, count: wanted), head.count == wanted else { return .failure(.cannotRead(EIO)) }
      switch head.withUnsafeBytes({ MediaProbe.header(of: $0, fileSize: size) }) {
      case .found(let header): return .success(header)
      case .unknown: return .failure(.notAnImage)
      case .broken(let reason): return .failure(.broken(reason))
      case .needs(let offset, let count):
        let (end, overflows) = offset.addingReportingOverflow(count)
        // A header never needs what it has been given, or what the file has not.
        guard !overflows, end > wanted, end <= size else { return .failure(.broken("its header leads beyond the file")) }
        wanted = min(size, max(end, wanted * 4))
      }
    }
  }
}
