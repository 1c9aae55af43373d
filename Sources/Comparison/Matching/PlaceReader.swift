import WaybillDatasetModel
import WaybillFormatSupport

/// Finds the places of a sample's annotations for matching.
struct PlaceReader {
  let ruler: Ruler
  let spans: SpanRuler

  /// The place of an annotation, without the ends of a relation.
  func place(of annotation: Annotation) -> MatchPlace {
    var place = MatchPlace()
    if let box = annotation.box ?? annotation.shape.flatMap({ Bounds.box(around: $0) })
      ?? annotation.keypoints.flatMap({ Bounds.box(around: $0) })
    {
      let corners = ruler.corners(of: box)
      var extent = MatchPlace.Extent(x0: corners.x0 + 0, y0: corners.y0 + 0, x1: corners.x1 + 0, y1: corners.y1 + 0)
      if annotation.box == nil, annotation.shape.map(PlaceReader.isThin) ?? true { PlaceReader.widen(&extent) }
      place.space = extent
      place.isShare = !ruler.hasPixels(box.unit)
    }
    if let span = annotation.span {
      let scalars = spans.scalars(span)
      place.span = MatchPlace.Extent(
        x0: Double(scalars?.lowerBound ?? span.start), y0: 0, x1: Double(scalars?.upperBound ?? span.end), y1: 0)
      if scalars == nil { place.spanUnit = span.unit }
    }
    switch annotation.time {
    case .frame(let frame): place.frame = frame
    case .instant(let moment):
      let half = MatchPlace.instantSeconds / 2
      place.time = MatchPlace.Extent(x0: moment.seconds - half, y0: 0, x1: moment.seconds + half, y1: 0)
    case .interval(let start, let end): place.time = MatchPlace.Extent(x0: start.seconds, y0: 0, x1: end.seconds, y1: 0)
    case nil: break
    }
    return place
  }

  private static func isThin(_ shape: Shape) -> Bool {
    switch shape {
    case .polyline, .point: true
    case .rotatedBox, .polygon, .circle, .ellipse, .mask: false
    }
  }

  private static func widen(_ extent: inout MatchPlace.Extent) {
    let missing = (
      x: max(0, MatchPlace.leastLineSize - (extent.x1 - extent.x0)) / 2,
      y: max(0, MatchPlace.leastLineSize - (extent.y1 - extent.y0)) / 2
    )
    extent.x0 -= missing.x
    extent.x1 += missing.x
    extent.y0 -= missing.y
    extent.y1 += missing.y
  }
}
