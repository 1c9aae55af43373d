import WaybillDiagnostics

/// What a sample's media is and where it lies.
public struct Media: Hashable, Sendable {
  /// Kinds of media.
  public enum Kind: String, Sendable, CaseIterable {
    case image, text, audio, video, table, file
  }

  /// What it is.
  public var kind: Kind
  /// Path or URI as the file names it.
  public var location: String?
  /// The text itself, when it is given inline.
  public var text: String?
  /// Width in pixels.
  public var width: Int?
  /// Height in pixels.
  public var height: Int?
  /// Samples per pixel.
  public var channels: Int?
  /// How long it lasts.
  public var duration: MediaTime?
  /// For a frame taken from a video: where from.
  public var frame: FrameOrigin?

  /// Media of a kind at a place.
  public init(_ kind: Kind, location: String? = nil, text: String? = nil, width: Int? = nil, height: Int? = nil) {
    self.kind = kind
    self.location = location
    self.text = text
    self.width = width
    self.height = height
  }

  /// Takes everything back that was said.
  mutating func reset() {
    kind = .file
    if location != nil { location = nil }
    if text != nil { text = nil }
    width = nil
    height = nil
    channels = nil
    // Matched and not compared: compared with nil, what is there would be copied.
    if case .some = duration { duration = nil }
    if case .some = frame { frame = nil }
  }
}

/// Where a picture was taken out of a video, or out of a sequence of pictures.
public struct FrameOrigin: Hashable, Sendable {
  /// Path, URI or name of the video.
  public var video: String?
  /// Number of the frame, in the file's numbering.
  public var number: Int?
  /// Moment in the video.
  public var time: MediaTime?
  /// Length of the video.
  public var duration: MediaTime?

  /// Whether more than the number is said, or nothing at all.
  public var namesVideo: Bool { number == nil || video != nil || time != nil || duration != nil }

  /// A moment of a video.
  public init(video: String? = nil, number: Int? = nil, time: MediaTime? = nil, duration: MediaTime? = nil) {
    self.video = video
    self.number = number
    self.time = time
    self.duration = duration
  }
}

/// One labeled thing: a picture, a text, a recording, with all that is said about it.
public struct Sample: Sendable, Equatable {
  /// The path or URI of the media as the file names it; where there is none, the record's id; where there is none, its running number.
  public var key: String
  /// The id the file gave to the record.
  public var id: RecordID?
  /// What the sample is.
  public var media: Media
  /// `train`, `validation`, `test`, `inference` or a name of the dataset's own.
  public var split: String?
  /// The hard-example mark of the whole sample.
  public var hard: HardExample?
  /// What is said about it, in the file's order.
  public var annotations: [Annotation]
  /// Tokens of its text, for formats that label word by word.
  public var tokens: Tokens?
  /// Named values for people.
  public var attributes: Attributes
  /// Fields the model has no place for.
  public var preserved: Preserved
  /// Where the sample was read; not part of its value.
  public var source: SourceRange?

  /// A sample that says nothing yet.
  public init(key: String, media: Media) {
    self.key = key
    self.media = media
    self.annotations = []
    self.attributes = Attributes()
    self.preserved = Preserved()
  }

  /// Takes everything back that was said, and keeps the memory of the annotations.
  public mutating func reset() {
    // What was not given is not touched: taking back nothing costs as much as taking back something.
    key = ""
    if case .some = id { id = nil }
    media.reset()
    if split != nil { split = nil }
    if case .some = hard { hard = nil }
    if annotations.count > 8 { annotations.removeAll(keepingCapacity: true) }
    // A few are taken away one by one with less ado.
    while !annotations.isEmpty { annotations.removeLast() }
    if case .some = tokens { tokens = nil }
    if !attributes.isEmpty { attributes = Attributes() }
    if !preserved.isEmpty { preserved = Preserved() }
    source = nil
  }

  /// Whether all that is said is the same, wherever it was read.
  public static func == (a: Sample, b: Sample) -> Bool {
    a.key == b.key && a.id == b.id && a.media == b.media && a.split == b.split && a.hard == b.hard && a.annotations == b.annotations
      && a.tokens == b.tokens && a.attributes == b.attributes && a.preserved == b.preserved
  }
}
