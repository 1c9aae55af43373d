import WaybillDatasetModel

/// What kind of data a format is for; formats are shown by it.
public enum FormatFamily: String, Sendable, CaseIterable {
  /// Pictures.
  case pictures
  /// Texts.
  case texts
  /// Recordings, films and the frames of films.
  case soundAndVideo
  /// More than one of these.
  case several

  /// The heading in lists.
  public var title: String {
    switch self {
    case .pictures: "Pictures"
    case .texts: "Texts"
    case .soundAndVideo: "Sound and video"
    case .several: "Several kinds"
    }
  }

  /// The name for machines.
  public var name: String { self == .soundAndVideo ? "sound-and-video" : rawValue }
}

extension FormatDescriptor {
  /// What kind of data it is for, by what its reader can find.
  public var family: FormatFamily {
    let hasTexts = reads.contains(.textMedia)
    let hasSound = reads.contains(.audio) || reads.contains(.video)
    // Pictures that belong to objects followed over them are the frames of a film.
    let hasFrames = reads.contains(.track) && reads.contains(.frameNumber)
    let hasPictures = reads.contains(.image)
    if hasTexts { return hasSound || hasPictures ? .several : .texts }
    if hasFrames { return .soundAndVideo }
    if hasSound { return hasPictures ? .several : .soundAndVideo }
    return hasPictures ? .pictures : .several
  }
}
