/// What the first bytes of a file say about the image in it.
public enum ProbeResult: Sendable, Hashable {
  /// The header was whole and sound.
  case found(ImageHeader)
  /// The header goes on beyond the bytes given: ask again with the file's first `offset + count` bytes.
  ///
  /// The piece lies within the file and ends beyond the bytes given, so asking again always comes to an end. It is rounded up to
  /// 4 KiB where the file goes on that far.
  case needs(offset: Int, count: Int)
  /// None of the known formats.
  case unknown
  /// A known format whose header cannot be right; the reason is a clause without full stop.
  case broken(reason: String)
}

/// Why the header of an image file could not be had.
public enum ProbeFailure: Error, Sendable, Hashable {
  /// The system refused to open or read the file; the value is its `errno`.
  case cannotRead(Int32)
  /// The file holds none of the known formats, or is no regular file (a FIFO or a device, say).
  case notAnImage
  /// A known format whose header cannot be right; the reason is a clause without full stop.
  case broken(String)
}

/// Why a header reader stopped before it knew the size.
enum ProbeStop: Error, Equatable {
  case needs(offset: Int, count: Int)
  case unknown
  case broken(String)
  case cannotRead(Int32)
}
