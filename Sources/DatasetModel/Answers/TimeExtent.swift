/// When an annotation holds.
public enum TimeExtent: Hashable, Sendable {
  /// One frame of a video, in the file's numbering.
  case frame(Int)
  /// One moment, in seconds from the start.
  case instant(MediaTime)
  /// From one moment to another, in seconds from the start.
  case interval(start: MediaTime, end: MediaTime)
}
