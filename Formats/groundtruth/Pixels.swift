import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Brings places into pixels, and ranges of text into characters.
enum Pixels {
  /// The sample as the format counts; what cannot be counted so is reported or left as it is.
  ///
  /// A size that had to be looked for is kept: boxes stand beside the size of their picture.
  static func converted(_ sample: Sample, isNew: Bool, _ context: EncodeContext) -> Sample {
    if isNew, sample.media.kind == .image, sample.media.width == nil, sample.annotations.contains(where: { $0.box != nil }),
      let size = context.imageSize(of: sample)
    {
      var sized = sample
      (sized.media.width, sized.media.height) = size
      return converted(sized, isNew: false, context)
    }
    let needsPixels = sample.annotations.contains { hasShares($0) }
    let needsSpans = sample.annotations.contains { $0.span != nil }
    guard needsPixels || needsSpans else { return sample }
    var sample = sample
    if needsPixels, let size = context.imageSize(of: sample) {
      (sample.media.width, sample.media.height) = size
      for index in sample.annotations.indices { scale(&sample.annotations[index], Double(size.width), Double(size.height)) }
    } else if needsPixels, sample.annotations.contains(where: { hasShares($0) && $0.shape != nil }) {
      context.diagnostics.report(
        .error, "groundtruth.write.unit", "Shares of \"\(terminalSafe(sample.key))\" cannot be pixels: the size is not known",
        at: sample.source)
    }
    if needsSpans { spans(&sample, context) }
    return sample
  }

  private static func hasShares(_ annotation: Annotation) -> Bool {
    if annotation.box?.unit == .unit { return true }
    switch annotation.shape {
    case .polygon(let shape): return shape.unit == .unit
    case .polyline(let shape): return shape.unit == .unit
    case .point(let shape): return shape.unit == .unit
    default: return false
    }
  }

  private static func scale(_ annotation: inout Annotation, _ width: Double, _ height: Double) {
    if let box = annotation.box, box.unit == .unit {
      annotation.box = box.converted(to: .pixels, width: width, height: height)
    }
    func scaled(_ numbers: [Double]) -> [Double] { numbers.enumerated().map { $1 * ($0 % 2 == 0 ? width : height) } }
    switch annotation.shape {
    case .polygon(var shape) where shape.unit == .unit:
      shape.coordinates = scaled(shape.coordinates)
      shape.unit = .pixels
      annotation.shape = .polygon(shape)
    case .polyline(var shape) where shape.unit == .unit:
      shape.coordinates = scaled(shape.coordinates)
      shape.unit = .pixels
      annotation.shape = .polyline(shape)
    case .point(let shape) where shape.unit == .unit:
      annotation.shape = .point(Point(x: shape.x * width, y: shape.y * height))
    default: break
    }
  }

  private static func spans(_ sample: inout Sample, _ context: EncodeContext) {
    let text = sample.media.text
    let length = text?.unicodeScalars.count
    for index in sample.annotations.indices {
      guard let span = sample.annotations[index].span else { continue }
      var own: TextSpan? = span
      if span.unit != .scalars {
        own = nil
        if let text, let start = position(span.start, span.unit, text), let end = position(span.end, span.unit, text) {
          own = TextSpan(start: start, end: end, unit: .scalars)
        }
      }
      if let own, own.start >= 0, own.start <= own.end, own.end <= length ?? Int(Int32.max) {
        sample.annotations[index].span = own
      } else {
        context.diagnostics.report(
          .error, "groundtruth.write.span", "The range \(span.start)..<\(span.end) is none of the text, or cannot be counted in it",
          at: sample.source)
      }
    }
  }

  private static func position(_ position: Int, _ unit: TextSpan.Unit, _ text: String) -> Int? {
    var source = 0
    var target = 0
    for scalar in text.unicodeScalars {
      if source >= position { break }
      source += unit == .utf16 ? UTF16.width(scalar) : UTF8.width(scalar)
      target += 1
    }
    return source == position ? target : nil
  }
}
