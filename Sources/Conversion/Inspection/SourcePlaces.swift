import WaybillDiagnostics

/// The places of many byte ranges, found in one pass over each file whatever the order they are asked for.
public struct SourcePlaces {
  private var places: [SourceRange: SourcePlace] = [:]

  /// Finds the places of everything a list of problems names.
  public init(_ diagnostics: [Diagnostic], _ sources: SourceMap) {
    var ranges: Set<SourceRange> = []
    for diagnostic in diagnostics {
      if let range = diagnostic.range { ranges.insert(range) }
      for related in diagnostic.related { ranges.insert(related.range) }
    }
    var finder = PlaceFinder(sources)
    for range in ranges.sorted(by: { ($0.file, $0.offset) < ($1.file, $1.offset) }) {
      places[range] = finder.place(of: range)
    }
  }

  /// The place of a range of the list.
  public subscript(range: SourceRange) -> SourcePlace? { places[range] }
}
