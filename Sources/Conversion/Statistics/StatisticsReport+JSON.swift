import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

extension StatisticsReport {
  /// The report as one JSON object and a line feed, as `Schemas/stats.schema.json` describes it.
  public func json() -> [UInt8] {
    var out = ByteBuffer(capacity: 1 << 14)
    out.append("{\"format\":")
    out.appendJSON(format.id.name)
    out.append(",\"path\":")
    out.appendJSON(path)
    out.append(",\"name\":")
    if let name { out.appendJSON(name) } else { out.append("null") }
    appendSamples(to: &out)
    var places = PlaceFinder(sources)
    if let leftOut {
      out.append(",\"filtered\":{\"samples\":")
      out.append(decimal: leftOut.samples)
      out.appendMember("annotations", leftOut.annotations)
      appendProblems("problems", filterProblems, &places, to: &out)
      out.append("}")
    }
    appendAnnotations(to: &out)
    appendLabels(to: &out)
    appendImages(to: &out)
    appendBoxes(to: &out)
    appendTime(to: &out)
    out.append(",\"measures\":{")
    for (index, measure) in Measure.allCases.filter({ self[$0].count > 0 }).enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(measure.name)
      out.append(":")
      append(self[measure], perOctave: measure.binsPerOctave, to: &out)
    }
    out.append("}")
    appendHard(to: &out)
    appendProblems("problems", diagnostics, &places, to: &out)
    appendProblems("suspicious", suspicions, &places, to: &out)
    out.append("}\n")
    return out.array()
  }

  private func appendSamples(to out: inout ByteBuffer) {
    out.append(",\"samples\":{\"count\":")
    out.append(decimal: counts.samples)
    out.appendMember("labeled", counts.labeled)
    out.appendMember("unlabeled", counts.unlabeled)
    out.appendMember("unreadable", counts.unreadable)
    out.append(",\"media\":{")
    for (index, kind) in counts.media.enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(kind.name)
      out.append(":")
      out.append(decimal: kind.count)
    }
    out.append("},\"splits\":")
    out.appendNamed(counts.splits, "samples")
    out.appendMember("unsplit", counts.unsplit)
    out.append("}")
  }

  private func appendAnnotations(to out: inout ByteBuffer) {
    out.append(",\"annotations\":{\"count\":")
    out.append(decimal: counts.annotations)
    out.appendMember("withLabel", withLabel)
    out.append(",\"kinds\":{")
    for (index, kind) in kinds.enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(kind.name)
      out.append(":")
      out.append(decimal: counts[kind])
    }
    out.append("},\"authors\":")
    out.appendNamed(authors, "annotations")
    out.appendMember("otherAuthors", otherAuthors)
    out.append("}")
  }

  /// What annotations say: classes, captions and places, as far as they occur.
  public var kinds: [Feature] {
    [.classification, .caption].filter { counts[$0] > 0 } + FeatureSet.places.features.filter { counts[$0] > 0 }
  }

  private func appendLabels(to out: inout ByteBuffer) {
    out.append(",\"labels\":[")
    for (index, entry) in labels.enumerated() {
      out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
      out.appendJSON(entry.label.name)
      out.appendMember("annotations", entry.annotations)
      out.append(",\"share\":")
      out.append(share(entry.annotations, withLabel))
      out.appendMember("samples", entry.samples)
      out.append(",\"sampleShare\":")
      out.append(share(entry.samples, counts.samples))
      out.append(",\"seconds\":")
      out.append(entry.seconds)
      out.append(",\"splits\":[")
      for (split, count) in zip(splits, entry.bySplit).enumerated().map({ ($0.element.0, ($0.offset, $0.element.1)) }) {
        out.append(count.0 > 0 ? ",{\"name\":" : "{\"name\":")
        out.appendJSON(split.name)
        out.appendMember("annotations", count.1.annotations)
        out.appendMember("samples", count.1.samples)
        out.append("}")
      }
      out.append("]}")
    }
    out.append("]")
  }

  /// A part of a whole, 0 when there is no whole.
  public func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

  private func appendImages(to out: inout ByteBuffer) {
    out.append(",\"imageSizes\":[")
    for (index, size) in sizes.enumerated() {
      out.append(index > 0 ? ",{\"width\":" : "{\"width\":")
      out.append(decimal: size.width)
      out.appendMember("height", size.height)
      out.appendMember("samples", size.count)
      out.append("}")
    }
    out.append("]")
    out.appendMember("otherImageSizes", otherSizes)
  }

  private func appendBoxes(to out: inout ByteBuffer) {
    out.append(",\"boxes\":{\"small\":")
    out.append(decimal: boxSizes.small)
    out.appendMember("medium", boxSizes.medium)
    out.appendMember("large", boxSizes.large)
    out.append(",\"positions\":[")
    for row in 0..<gridSize {
      out.append(row > 0 ? ",[" : "[")
      for column in 0..<gridSize {
        if column > 0 { out.append(",") }
        out.append(decimal: positions[row * gridSize + column])
      }
      out.append("]")
    }
    out.append("]}")
  }

  private func appendTime(to out: inout ByteBuffer) {
    out.append(",\"time\":{\"covered\":")
    out.append(timeUse.covered)
    out.append(",\"overlapped\":")
    out.append(timeUse.overlapped)
    out.append(",\"gaps\":")
    out.append(timeUse.gaps)
    out.append("}")
    out.appendMember("tracks", trackCount)
  }

  private func append(_ values: Distribution, perOctave parts: Int, to out: inout ByteBuffer) {
    out.append("{\"count\":")
    out.append(decimal: values.count)
    out.append(",\"min\":")
    out.append(values.least)
    for (name, share) in Distribution.quantiles {
      out.append(",")
      out.appendJSON(name)
      out.append(":")
      out.append(values.quantile(share) ?? 0)
    }
    out.append(",\"max\":")
    out.append(values.greatest)
    out.append(",\"mean\":")
    out.append(values.mean)
    out.append(",\"histogram\":[")
    var isFirst = true
    for bin in values.histogram(perOctave: parts) where bin.count > 0 {
      out.append(isFirst ? "[" : ",[")
      isFirst = false
      out.append(bin.from)
      out.append(",")
      out.append(bin.to)
      out.append(",")
      out.append(decimal: bin.count)
      out.append("]")
    }
    out.append("]}")
  }

  private func appendHard(to out: inout ByteBuffer) {
    out.append(",\"hard\":{\"samples\":")
    out.append(decimal: hard.samples)
    out.appendMember("annotations", hard.annotations)
    out.append(",\"reasons\":[")
    for (index, entry) in hardReasons.enumerated() {
      out.append(index > 0 ? ",{\"reason\":" : "{\"reason\":")
      out.append(decimal: entry.reason)
      out.appendMember("count", entry.count)
      out.append("}")
    }
    out.append("]}")
  }

  private func appendProblems(_ name: String, _ list: DiagnosticList, _ places: inout PlaceFinder, to out: inout ByteBuffer) {
    out.append(",")
    out.appendJSON(name)
    out.append(":{\"rules\":[")
    for (index, entry) in list.counts.enumerated() {
      out.append(index > 0 ? ",{\"rule\":" : "{\"rule\":")
      out.appendJSON(entry.rule)
      out.append(",\"severity\":")
      out.appendJSON(entry.severity.word)
      out.appendMember("count", entry.count)
      out.append("}")
    }
    out.append("],\"first\":")
    list.appendJSON(to: &out, &places)
    out.append("}")
  }
}

extension Distribution {
  /// The quantiles that reports name.
  public static let quantiles: [(name: String, share: Double)] = [
    ("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95),
  ]
}

extension Measure {
  /// How fine reports show its histogram.
  public var binsPerOctave: Int {
    switch self {
    case .imageAspect, .boxAspect, .imageWidth, .imageHeight, .confidence, .hardCoefficient: 4
    case .annotationsPerSample, .polygonCorners, .boxWidth, .boxHeight, .duration, .intervalLength, .spanLength, .textLength,
      .sampleTextLength, .tokensPerSample, .gapLength, .trackLength:
      2
    case .boxArea, .boxShare: 1
    }
  }
}

extension ByteBuffer {
  /// Appends a member that is not the first of its object.
  fileprivate mutating func appendMember(_ name: StaticString, _ value: Int) {
    append(",\"")
    append(name)
    append("\":")
    append(decimal: value)
  }

  /// Appends names with their counts as an array of objects.
  fileprivate mutating func appendNamed(_ list: [SampleCounts.Named], _ member: StaticString) {
    append("[")
    for (index, entry) in list.enumerated() {
      append(index > 0 ? ",{\"name\":" : "{\"name\":")
      appendJSON(entry.name)
      appendMember(member, entry.count)
      append("}")
    }
    append("]")
  }
}
