import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// What a conversion read, wrote and lost, and what was wrong with the input.
public struct ConversionReport: Sendable {
  /// The source format.
  public var from: FormatID
  /// The target format.
  public var to: FormatID
  /// The account.
  public var ledger = Ledger()
  /// Problems found in the input.
  public var diagnostics = DiagnosticList()
  /// The files read.
  public var sources: SourceMap
  /// Path of what was written; nil when nothing was.
  public var output: String?
  /// Shapes that would have avoided a loss, by feature.
  public var approximations: [Feature: [Feature]] = [:]

  init(from: FormatID, to: FormatID, sources: SourceMap) {
    self.from = from
    self.to = to
    self.sources = sources
  }

  /// One loss: a feature that was dropped or approximated.
  public struct Loss: Sendable {
    /// What was lost.
    public var feature: Feature
    /// How many times.
    public var count: Int
    /// Whether something like it was written instead.
    public var isApproximated: Bool
    /// Where it was met first.
    public var first: Ledger.Place?
  }

  /// All losses: essential ones first, each class in the order of features.
  public var losses: [Loss] {
    var losses: [Loss] = []
    for weight in [Feature.Weight.essential, .incidental] {
      for feature in Feature.allCases where feature.weight == weight {
        let entry = ledger[feature]
        if entry.dropped > 0 {
          losses.append(Loss(feature: feature, count: entry.dropped, isApproximated: false, first: ledger.firstDrop(of: feature)))
        }
        if entry.approximated > 0 {
          losses.append(
            Loss(feature: feature, count: entry.approximated, isApproximated: true, first: ledger.firstApproximation(of: feature)))
        }
      }
    }
    return losses
  }

  /// The report as one JSON object.
  public func json() -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    out.append("{\"from\":")
    out.appendJSON(from.name)
    out.append(",\"to\":")
    out.appendJSON(to.name)
    out.append(",\"output\":")
    if let output { out.appendJSON(output) } else { out.append("null") }
    appendCounts("read", \.read, to: &out)
    appendCounts("written", \.written, to: &out)
    appendCounts("approximated", \.approximated, to: &out)
    appendCounts("dropped", \.dropped, to: &out)
    out.append(",\"filtered\":{\"samples\":")
    out.append(decimal: ledger.filteredSamples)
    out.append(",\"annotations\":")
    out.append(decimal: ledger.filteredAnnotations)
    out.append("},\"skipped\":{\"samples\":")
    out.append(decimal: ledger.skippedSamples)
    out.append(",\"errors\":")
    out.append(decimal: diagnostics.count(atLeast: .error))
    out.append("},\"losses\":[")
    var places = PlaceFinder(sources)
    for (index, loss) in losses.enumerated() {
      if index > 0 { out.append(",") }
      out.append("{\"feature\":")
      out.appendJSON(loss.feature.name)
      out.append(",\"count\":")
      out.append(decimal: loss.count)
      out.append(",\"class\":")
      out.appendJSON(loss.feature.weight.rawValue)
      out.append(",\"kind\":")
      out.appendJSON(loss.isApproximated ? "approximated" : "dropped")
      out.append(",\"first\":")
      if let first = loss.first {
        out.append("{\"key\":")
        out.appendJSON(first.key)
        if let source = first.source {
          out.append(",\"place\":")
          out.appendJSON(places.place(of: source).text)
        }
        out.append("}")
      } else {
        out.append("null")
      }
      out.append("}")
    }
    out.append("],\"diagnostics\":")
    diagnostics.appendJSON(to: &out, &places)
    out.append("}\n")
    return out.array()
  }

  private func appendCounts(_ name: String, _ path: KeyPath<Ledger.Entry, Int>, to out: inout ByteBuffer) {
    out.append(",")
    out.appendJSON(name)
    out.append(":{\"samples\":")
    out.append(decimal: ledger.samples[keyPath: path])
    out.append(",\"annotations\":")
    out.append(decimal: ledger.annotations[keyPath: path])
    for feature in ledger.features {
      out.append(",")
      out.appendJSON(feature.name)
      out.append(":")
      out.append(decimal: ledger[feature][keyPath: path])
    }
    out.append("}")
  }
}
