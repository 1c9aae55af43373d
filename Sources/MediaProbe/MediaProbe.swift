import Glibc

/// Reads the pixel size of images from their headers; pixels are never decoded.
///
/// Known are PNG, JPEG, GIF, BMP, WebP and TIFF with BigTIFF. Sizes are the stored grid's: **EXIF orientation is not applied**.
/// Whatever the bytes are, the work is bounded: a JPEG's segments and a TIFF's directory entries are counted, and no more than
/// 4 KiB are in memory at a time.
public enum MediaProbe {
  /// Reads the header of the image whose first bytes these are.
  ///
  /// Some headers lie far into the file (a JPEG behind its metadata, most TIFFs); the result is then `.needs`, which says how much
  /// more must be given. `fileSize` is the whole file's size, which separates a header that goes on from one that was cut off.
  public static func header(of bytes: UnsafeRawBufferPointer, fileSize: Int) -> ProbeResult {
    var file = HeaderBytes(prefix: bytes, fileSize: fileSize)
    do throws(ProbeStop) {
      return .found(try header(in: &file))
    } catch {
      switch error {
      case .needs(let offset, let count): return .needs(offset: offset, count: count)
      case .broken(let reason): return .broken(reason: reason)
      // Nothing is read from a system here, so no read can fail.
      case .unknown, .cannotRead: return .unknown
      }
    }
  }

  /// Reads the header of an image file.
  ///
  /// Reads the first 4 KiB and, where the header lies further in, 4 KiB at each place it points to. Only regular files are read: a
  /// FIFO or device neither blocks nor is consumed. The path is relative to the working directory; symbolic links are followed.
  public static func imageHeader(atPath path: String) -> Result<ImageHeader, ProbeFailure> {
    // The system would take the part before a NUL for the whole path, and so another file.
    guard !path.utf8.contains(0) else { return .failure(.cannotRead(EINVAL)) }
    let descriptor = openForReading(path)
    guard descriptor >= 0 else { return .failure(.cannotRead(errno)) }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .failure(.cannotRead(errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .failure(.cannotRead(EISDIR))
    default: return .failure(.notAnImage)
    }
    return withUnsafeTemporaryAllocation(byteCount: HeaderBytes.pieceSize, alignment: 16) { buffer in
      var file = HeaderBytes(descriptor: descriptor, fileSize: Int(status.st_size), buffer: buffer)
      do throws(ProbeStop) {
        return .success(try header(in: &file))
      } catch {
        switch error {
        case .cannotRead(let code): return .failure(.cannotRead(code))
        case .broken(let reason): return .failure(.broken(reason))
        // The window moves wherever it is asked for, so nothing is left to need.
        case .unknown, .needs: return .failure(.notAnImage)
        }
      }
    }
  }

  /// Opens without waiting for a FIFO's writer and without taking over a terminal.
  private static func openForReading(_ path: String) -> Int32 {
    while true {
      let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
      if descriptor >= 0 || errno != EINTR { return descriptor }
    }
  }

  private static func header(in file: inout HeaderBytes) throws(ProbeStop) -> ImageHeader {
    let signature = try file.bytes(at: 0, count: min(ImageFormat.signatureLength, file.fileSize))
    switch ImageFormat(signature: signature) {
    case .png: return try ImageHeader(png: &file)
    case .jpeg: return try ImageHeader(jpeg: &file)
    case .gif: return try ImageHeader(gif: &file)
    case .bmp: return try ImageHeader(bmp: &file)
    case .webp: return try ImageHeader(webp: &file)
    case .tiff: return try ImageHeader(tiff: &file)
    case nil: throw .unknown
    }
  }
}
