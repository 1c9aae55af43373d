/// What statistics measure of samples and annotations, each as one ``Distribution``.
public enum Measure: Int, CaseIterable, Sendable {
  /// Annotations of a sample.
  case annotationsPerSample
  /// Width of a picture in pixels.
  case imageWidth
  /// Height of a picture in pixels.
  case imageHeight
  /// Width of a picture by its height.
  case imageAspect
  /// Width of a box in pixels.
  case boxWidth
  /// Height of a box in pixels.
  case boxHeight
  /// Area of a box in square pixels.
  case boxArea
  /// Area of a box as a share of its picture's.
  case boxShare
  /// Width of a box by its height.
  case boxAspect
  /// Corners of a polygon, those of all its rings.
  case polygonCorners
  /// How sure an author is.
  case confidence
  /// Length of a span in its unit.
  case spanLength
  /// Length of an annotation's text in Unicode scalars.
  case textLength
  /// Length of a sample's text in Unicode scalars, where the labels give it.
  case sampleTextLength
  /// Tokens of a sample, where its words are labeled one by one.
  case tokensPerSample
  /// Length of a recording or film in seconds.
  case duration
  /// Length of an annotation's interval in seconds.
  case intervalLength
  /// Length of the time between intervals in seconds.
  case gapLength
  /// Annotations of one object over frames.
  case trackLength
  /// How hard something is, 0 to 1.
  case hardCoefficient

  /// The name in reports.
  public var name: String {
    switch self {
    case .annotationsPerSample: "annotations per sample"
    case .imageWidth: "image width"
    case .imageHeight: "image height"
    case .imageAspect: "image aspect ratio"
    case .boxWidth: "box width"
    case .boxHeight: "box height"
    case .boxArea: "box area"
    case .boxShare: "box share of image"
    case .boxAspect: "box aspect ratio"
    case .polygonCorners: "polygon corners"
    case .confidence: "confidence"
    case .spanLength: "span length"
    case .textLength: "text length"
    case .sampleTextLength: "sample text length"
    case .tokensPerSample: "tokens per sample"
    case .duration: "duration"
    case .intervalLength: "interval length"
    case .gapLength: "gap length"
    case .trackLength: "track length"
    case .hardCoefficient: "hard coefficient"
    }
  }
}
