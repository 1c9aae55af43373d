import WaybillBytes
import WaybillDatasetModel

/// What nearly all rows of a recording have in common: the bytes before the begin, between duration and name, and behind the name.
///
/// It points to the row it was made of.
struct RTTMPattern {
  private var head = RTTMRow.nothing
  private var middle = RTTMRow.nothing
  private var tail = RTTMRow.nothing

  /// What annotations of such rows say.
  private static let features: FeatureSet = [.interval, .classification, .label, .order]

  /// The pattern that no row matches.
  init() {}

  /// The pattern of a row that says no more than an interval and a name, in the usual way; none for any other.
  init(_ row: RTTMRow, _ line: RTTMRow.Field, _ annotation: UnsafePointer<Annotation>) {
    guard row.isPlain, annotation.features.isSubset(of: RTTMPattern.features), annotation.pointee.label != nil,
      let base = line.baseAddress, let start = row.start.baseAddress, let duration = row.duration.baseAddress,
      let name = row.name.baseAddress
    else { return }
    let middle = duration + row.duration.count
    let tail = name + row.name.count
    head = RTTMRow.Field(start: base, count: start - base)
    self.middle = RTTMRow.Field(start: middle, count: name - middle)
    self.tail = RTTMRow.Field(start: tail, count: line.count - (tail - base))
  }

  /// The time and the name of a row, if it has all else in common with this pattern and its time is spelled in the usual way.
  @inline(__always) func match(_ line: RTTMRow.Field) -> (time: TimeExtent, name: RTTMRow.Field)? {
    guard let base = line.baseAddress, head.count > 0, line.count > head.count + middle.count + tail.count else { return nil }
    // The line without its tail, which is compared last.
    let end = base + (line.count &- tail.count)
    var p = base + head.count
    guard RTTMPattern.holds(base, head), let start = RTTMDecoder.plainTime(&p, end), p < end, p.pointee == head[head.count &- 1]
    else {
      return nil
    }
    p += 1
    guard let duration = RTTMDecoder.plainTime(&p, end), let time = RTTMDecoder.interval(start, duration), end - p > middle.count,
      RTTMPattern.holds(p, middle)
    else { return nil }
    p += middle.count
    let name = RTTMRow.Field(start: p, count: end - p)
    guard ControlBytes.count(in: name) == 0, !RTTMRow.isAbsent(name), RTTMPattern.holds(end, tail) else { return nil }
    return (time, name)
  }

  @inline(__always) private static func holds(_ place: UnsafePointer<UInt8>, _ bytes: RTTMRow.Field) -> Bool {
    RTTMRow.Field(start: place, count: bytes.count).holdsSameBytes(as: bytes)
  }
}
