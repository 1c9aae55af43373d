import WaybillConversion
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Reads the sizes of pictures from their headers, wherever they are; many at a time, for what is behind a wire is mostly waited for.
struct PictureSizes {
  /// Paths and URLs of pictures, with the number of bytes of those behind a wire.
  typealias File = (location: String, size: Int?)

  /// Width and height in pixels; nil for what is no picture.
  private final class Found: Sendable {
    let size: (width: Int, height: Int)?
    init(_ size: (width: Int, height: Int)?) { self.size = size }
  }

  /// Pictures whose beginnings are on their way at the same time.
  private static let jobs = 16

  let resolver: MediaResolver
  let remote: (any RemoteFiles)?

  /// Calls with the position and the size of each picture, in order; what is none is passed over.
  func forEach(
    of files: [File], _ body: (_ position: Int, _ width: Int, _ height: Int) -> Void
  ) throws(DatasetError) {
    let jobs = files.contains { $0.size != nil } ? PictureSizes.jobs : 1
    var position = 0
    try OrderedPool.run(
      pieces: files.count, jobs: jobs, makeWorker: { () },
      produce: { (piece, _) throws(DatasetError) in Found(try size(of: files[piece])) },
      consume: { (found) throws(DatasetError) in
        if let (width, height) = found.size { body(position, width, height) }
        position += 1
      })
  }

  private func size(of file: File) throws(DatasetError) -> (width: Int, height: Int)? {
    try InterruptFlag.check()
    guard let remote, let size = file.size else { return resolver.imageSize(atPath: file.location) }
    return try resolver.imageSize(fileSize: size) { (count) throws(DatasetError) in try remote.head(of: file.location, count: count)
    }
  }
}
