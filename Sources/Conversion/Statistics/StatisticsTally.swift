import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// What one worker finds in a run of samples.
final class StatisticsTally: ScanTally {
  /// A picture's size.
  struct Size: Hashable {
    var width: Int
    var height: Int
  }

  /// A label in a split.
  struct SplitLabel: Hashable {
    var split: ExactText
    var label: UInt32
  }

  /// An object followed over the frames of one sequence.
  struct Track: Hashable {
    /// The hash of the folder of the frames, or of the key of the film.
    var sequence: UInt64
    var id: TrackID
  }

  /// The grid that centres of boxes are counted in has so many rows and columns.
  static let gridSize = 21

  let media: MediaResolver
  var counts = SampleCounts()
  /// Samples and annotations that the filter leaves out.
  var leftOut = (samples: 0, annotations: 0)
  var values = [[Double]](repeating: [], count: Measure.allCases.count)
  /// Samples by label, by the label's position.
  var samplesOfLabel: [Int] = []
  /// Seconds of the intervals that carry each label, by the label's position.
  var secondsOfLabel: [Double] = []
  var timeUse = TimeUse()
  var tracks: [Track: Int] = [:]
  /// Tracks in the order they were met.
  var trackOrder: [Track] = []
  private var intervals: [(start: Double, end: Double)] = []
  var splitLabels: [SplitLabel: (annotations: Int, samples: Int)] = [:]
  var splitOrder: [String] = []
  var sizes: [Size: Int] = [:]
  var sizeOrder: [Size] = []
  var authors: [ExactText: Int] = [:]
  var authorOrder: [String] = []
  var reasons: [Int: Int] = [:]
  var hardSamples = 0
  var hardAnnotations = 0
  var withoutLabel = 0
  /// Cells of the grid, row by row, one for each box whose place in its picture is known.
  var cells: [UInt16] = []
  var keys: [(hash: UInt64, position: Int)] = []
  /// Labeled pictures by the hash that chooses examples.
  var examples: [(hash: UInt64, position: Int)] = []
  var suspicions = DiagnosticList(limitPerRule: Statistics.suspicionLimit)

  init(media: MediaResolver) { self.media = media }

  func add(_ value: Double, _ measure: Measure) { values[measure.rawValue].append(value) }

  func noteUnfit(_ sample: borrowing Sample) {
    leftOut.samples += 1
    leftOut.annotations += sample.annotations.count
  }

  func note(_ sample: Sample?, at position: Int) {
    counts.add(sample)
    guard let sample else { return }
    keys.append((DuplicateKeys.hash(sample.key), position))
    add(Double(sample.annotations.count), .annotationsPerSample)
    if let text = sample.media.text { add(Double(text.unicodeScalars.count), .sampleTextLength) }
    if let tokens = sample.tokens { add(Double(tokens.count), .tokensPerSample) }
    if let length = sample.media.duration { add(length.seconds, .duration) }
    note(sample.hard, &hardSamples)
    noteLabels(of: sample)
    let size = sample.media.kind == .image ? noteSize(of: sample) : nil
    if sample.media.kind == .image, !sample.annotations.isEmpty {
      examples.append((Subset.hash(of: sample.key, seed: 0), position))
    }
    if sample.annotations.isEmpty && sample.tokens == nil {
      suspect("unlabeled-sample", "\"\(terminalSafe(sample.key))\" has no annotations", sample)
    }
    var places = Set<SeenBox>()
    intervals.removeAll(keepingCapacity: true)
    for index in sample.annotations.indices { note(sample.annotations[index], index, in: sample, size, &places) }
    var gaps: [Double] = []
    timeUse.add(&intervals, length: sample.media.duration?.seconds) { gaps.append($0) }
    for gap in gaps { add(gap, .gapLength) }
  }

  private func noteLabels(of sample: Sample) {
    var own: [UInt32: Int] = [:]
    for annotation in sample.annotations {
      if let label = annotation.label { own[label.index, default: 0] += 1 } else { withoutLabel += 1 }
    }
    for label in own.keys {
      while samplesOfLabel.count <= Int(label) { samplesOfLabel.append(0) }
      samplesOfLabel[Int(label)] += 1
    }
    guard let split = sample.split else { return }
    if splitOrder.last != split, !splitOrder.contains(split) { splitOrder.append(split) }
    for (label, count) in own {
      let entry = splitLabels[SplitLabel(split: ExactText(split), label: label)] ?? (0, 0)
      splitLabels[SplitLabel(split: ExactText(split), label: label)] = (entry.annotations + count, entry.samples + 1)
    }
  }

  /// The size the labels give, else that of the picture's header.
  private func noteSize(of sample: Sample) -> Size? {
    var size: Size?
    if let width = sample.media.width, let height = sample.media.height {
      size = Size(width: width, height: height)
    } else if let location = sample.media.location, let path = media.path(of: location), let probed = media.imageSize(atPath: path)
    {
      size = Size(width: probed.width, height: probed.height)
    }
    guard let size, size.width > 0, size.height > 0 else { return nil }
    if sizes[size] == nil { sizeOrder.append(size) }
    sizes[size, default: 0] += 1
    add(Double(size.width), .imageWidth)
    add(Double(size.height), .imageHeight)
    add(Double(size.width) / Double(size.height), .imageAspect)
    return size
  }

  private func note(_ annotation: Annotation, _ index: Int, in sample: Sample, _ size: Size?, _ places: inout Set<SeenBox>) {
    if let confidence = annotation.confidence { add(confidence, .confidence) }
    if case .polygon(let polygon) = annotation.shape { add(Double(polygon.coordinates.count / 2), .polygonCorners) }
    if let box = annotation.box ?? annotation.shape.flatMap({ $0.hasArea ? Bounds.box(around: $0) : nil }) {
      note(box, annotation, index, in: sample, size, &places)
    }
    guard annotation.hasRareAnswers else { return }
    if let span = annotation.span { add(Double(span.end) - Double(span.start), .spanLength) }
    if let text = annotation.text { add(Double(text.unicodeScalars.count), .textLength) }
    if case .interval(let start, let end) = annotation.time { note(from: start.seconds, to: end.seconds, annotation.label) }
    if let id = annotation.track {
      let track = Track(sequence: StatisticsTally.sequence(of: sample), id: id)
      if tracks[track] == nil { trackOrder.append(track) }
      tracks[track, default: 0] += 1
    }
    note(annotation.hard, &hardAnnotations)
    if let author = annotation.author {
      let name = ExactText(author)
      if authors[name] == nil { authorOrder.append(author) }
      authors[name, default: 0] += 1
    }
  }

  private func note(from start: Double, to end: Double, _ label: LabelID?) {
    add(end - start, .intervalLength)
    intervals.append((start, end))
    guard let label, end > start else { return }
    while secondsOfLabel.count <= Int(label.index) { secondsOfLabel.append(0) }
    secondsOfLabel[Int(label.index)] += end - start
  }

  /// The same for all frames of a sequence: their folder, and a film itself.
  private static func sequence(of sample: Sample) -> UInt64 {
    sample.key.withBytes { bytes in
      let end = sample.media.kind == .image ? bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0 : bytes.count
      return Hash64.hash(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<end]))
    }
  }

  private func note(_ hard: HardExample?, _ count: inout Int) {
    guard let hard else { return }
    if hard.isHard != false { count += 1 }
    if let coefficient = hard.coefficient { add(coefficient, .hardCoefficient) }
    for reason in hard.reasons { reasons[reason, default: 0] += 1 }
  }

  func suspect(_ problem: String, _ message: String, _ sample: Sample) {
    suspicions.report(.note, "stats.\(problem)", message, at: sample.source)
  }
}
