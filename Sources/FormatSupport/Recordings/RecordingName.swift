import WaybillDatasetModel
import WaybillFiles

/// How the name of a label file stands for a recording: `a.vtt` for `a`, `a.mp4.vtt` for the video `a.mp4`.
///
/// What lies beside the file does not matter, so that a dataset reads the same wherever its labels are. The kind of media follows from
/// the name: a video where the rest of the name ends like one, else a sound. Where that would be wrong, `.video` or `.audio` stands
/// before the ending: `clip.video.vtt` is the video `clip`.
public struct RecordingName: Hashable, Sendable {
  /// The key of the sample, which is the place of its media as well.
  public var key: String
  /// Sound or video.
  public var kind: Media.Kind

  private static let videos = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ogv", "wmv", "flv", "3gp"]
  /// Endings of media, those of sounds first.
  static let endings = ["wav", "flac", "mp3", "m4a", "ogg", "opus", "aac", "aiff", "wma"] + videos

  /// A recording by its key and kind.
  public init(key: String, kind: Media.Kind) {
    self.key = key
    self.kind = kind
  }

  /// Reads the path of a label file below its folder, without its ending.
  public init(stem: String) {
    let ending = FileName.extension(of: stem)
    if let kind = Media.Kind(rawValue: ending), kind == .audio || kind == .video, stem.utf8.count > ending.utf8.count + 1 {
      self.init(key: RecordingName.withScheme(String(stem.dropLast(ending.count + 1))), kind: kind)
    } else {
      self.init(key: RecordingName.withScheme(stem), kind: RecordingName.videos.contains(ending.lowercased()) ? .video : .audio)
    }
  }

  /// The path of the label file below its folder, without its ending; nil when no path would read back as this recording.
  public var stem: String? {
    guard kind == .audio || kind == .video else { return nil }
    for name in [key, "\(key).\(kind.rawValue)"] where RecordingName(stem: name) == self {
      guard let path = try? RelativePath(name).text, RecordingName(stem: path) == self else { return nil }
      return path
    }
    return nil
  }

  /// A path that begins with a folder such as `s3:` stands for a URL, whose two slashes are one in a path.
  private static func withScheme(_ path: String) -> String {
    guard let mark = path.utf8.firstIndex(of: 0x3A), path.utf8[..<mark].count > 1,
      path.utf8[..<mark].allSatisfy({ ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) })
    else { return path }
    let rest = path[mark...].dropFirst()
    return rest.hasPrefix("/") && !rest.hasPrefix("//") ? "\(path[...mark])/\(rest)" : path
  }
}
