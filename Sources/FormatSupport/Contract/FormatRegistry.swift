import WaybillDatasetModel
import WaybillDiagnostics

/// The formats a program knows, and how a name, an option list or a file leads to one of them.
public struct FormatRegistry: Sendable {
  /// The formats, ordered by name.
  public let formats: [any Format.Type]

  /// A registry of formats.
  public init(_ formats: [any Format.Type]) {
    self.formats = formats.sorted { $0.descriptor.id < $1.descriptor.id }
  }

  /// The names of the formats, in order.
  public var names: [String] {
    var names: [String] = []
    for format in formats { names.append(format.descriptor.id.name) }
    return names
  }

  /// The format of a name.
  ///
  /// - Throws: ``DatasetError`` with the code `usage` that names the nearest format, or all.
  public func format(named name: String) throws(DatasetError) -> any Format.Type {
    for format in formats where format.descriptor.id.name == name { return format }
    let hint = nearest(to: name, among: names).map { "did you mean \($0)?" } ?? "the formats are \(names.joined(separator: ", "))"
    throw DatasetError(.usage, "There is no format \"\(terminalSafe(name))\"; \(hint)")
  }

  /// Reads `ID[:option=value,...]` as given on the command line.
  public func parse(_ text: String) throws(DatasetError) -> FormatChoice {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let format = try format(named: parts.first.map(String.init) ?? "")
    var options: [(name: String, value: String)] = []
    if parts.count == 2 {
      for item in parts[1].split(separator: ",") {
        let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else {
          throw DatasetError(.usage, "A format option is name=value, not \"\(terminalSafe(item))\"")
        }
        guard !options.contains(where: { $0.name == pair[0] }) else {
          throw DatasetError(.usage, "The format option \"\(terminalSafe(pair[0]))\" is given twice")
        }
        options.append((String(pair[0]), String(pair[1])))
      }
    }
    return FormatChoice(format: format, options: options, detection: nil)
  }

  /// Finds the format of an input by its content.
  ///
  /// A tie is an error that lists the candidates.
  public func detect(_ input: DatasetInput) throws(DatasetError) -> FormatChoice {
    var probe = try DetectionProbe(input)
    var found: [(format: any Format.Type, detection: Detection)] = []
    for format in formats {
      let rooted = input.rooted(for: format)
      if rooted.path != probe.input.path { probe = try DetectionProbe(rooted) }
      if let detection = format.detect(probe) { found.append((format, detection)) }
    }
    let best = found.map(\.detection.confidence).max()
    let candidates = found.filter { $0.detection.confidence == best }
    if let only = candidates.first, candidates.count == 1 {
      return FormatChoice(format: only.format, options: [], detection: only.detection)
    }
    if candidates.isEmpty {
      throw DatasetError(
        .invalidInput,
        "This is none of the formats known here (\(names.joined(separator: ", "))); --from names the format if it is one of them",
        path: input.path)
    }
    var list: [String] = []
    for (format, detection) in candidates {
      list.append("\(format.descriptor.id) (\(detection.reasons.joined(separator: "; ")))")
    }
    throw DatasetError(
      .invalidInput, "This may be \(list.joined(separator: " or ")); choose one with --from", path: input.path)
  }
}

/// A format with the options given for it.
public struct FormatChoice: Sendable {
  /// The format.
  public var format: any Format.Type
  /// Options as given.
  public var options: [(name: String, value: String)]
  /// Why it was chosen, when it was found by content.
  public var detection: Detection?

  /// A format with options.
  public init(format: any Format.Type, options: [(name: String, value: String)] = [], detection: Detection? = nil) {
    self.format = format
    self.options = options
    self.detection = detection
  }

  /// The options, checked as options of the reader.
  public func readOptions() throws(DatasetError) -> FormatOptions {
    try FormatOptions(options, declared: format.descriptor.readOptions, format: format.descriptor.id)
  }

  /// The options, checked as options of the writer.
  public func writeOptions() throws(DatasetError) -> FormatOptions {
    try FormatOptions(options, declared: format.descriptor.writeOptions, format: format.descriptor.id)
  }
}

/// The name nearest to a misspelt one, when it is near enough to be meant: at most a third of its letters differ.
public func nearest(to name: String, among names: [String]) -> String? {
  let best = names.map { (name: $0, distance: editDistance(Array(name.lowercased().utf8), Array($0.lowercased().utf8))) }
    .min { $0.distance < $1.distance }
  guard let best, best.distance <= max(1, best.name.utf8.count / 3) else { return nil }
  return best.name
}

/// How many letters differ, two neighbours that are swapped counting as one.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  guard a.count <= 64, b.count <= 64 else { return .max }
  var before: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
      row.append(best)
    }
    (before, last) = (last, row)
  }
  return last[b.count]
}
