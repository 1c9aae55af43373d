import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

/// What happens to a sample that is there already and has other annotations.
public enum ImportConflictPolicy: String, Sendable, CaseIterable {
  /// Its annotations stay, and those that come are left out.
  case keep
  /// Its annotations go, and those that come take their place.
  case replace
  /// Those that come are added, unless they say the same.
  case add
  /// The import fails.
  case error
}

/// Brings the samples of a dataset of any format into a repository.
///
/// A sample is the same that has the same key, or whose media is the same file below the repository's folder. Labels that the set does not have are
/// added to it, as the dataset describes them.
public struct DatasetImport {
  /// What happens where both have annotations.
  public var policy = ImportConflictPolicy.error
  /// Whether only hard samples come.
  public var onlyHard = false
  /// Whether the annotations that come wait to be confirmed.
  public var unconfirmed = false
  /// What stands before the keys of samples that have no media below the repository's folder.
  public var keyPrefix = ""
  private let dataset: Dataset
  private let media: MediaFiles
  private let resolver: MediaResolver

  /// An import of a dataset that was opened with its labels demanded.
  public init(_ dataset: Dataset, into repository: LabelRepository) {
    self.dataset = dataset
    media = MediaFiles(repository)
    resolver = MediaResolver(folders: dataset.mediaFolders, urlMap: dataset.urlMap)
  }

  /// Runs the import in an edit, which is not committed.
  ///
  /// - Throws: An error of the code `conflict` that names the first samples which have other annotations already.
  public func run(_ edit: LabelEdit, _ record: inout ImportRecord) throws(RepositoryFailure) {
    let context = dataset.makeContext()
    let map = try RepositoryFailure.wrap { () throws(DatasetError) in try addLabels(edit, &record) }
    var incoming: [ExactText: Int] = [:]
    var order: [ExactText] = []
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      for position in 0..<dataset.count {
        guard let sample = try dataset.sample(at: position, context) else { continue }
        if onlyHard, !DatasetImport.isHard(sample) { continue }
        let key = ExactText(key(of: sample))
        if incoming[key] != nil {
          context.report(
            .error, "repository.import.duplicate", "Two samples of the input have the key \"\(terminalSafe(key.text))\"",
            at: sample.source)
          continue
        }
        incoming[key] = position
        order.append(key)
      }
      if context.diagnostics.hasErrors || dataset.surveyDiagnostics.hasErrors {
        throw DatasetError(.invalidInput, "The input cannot be read as a whole; nothing was imported", path: dataset.path)
      }
    }
    let known = try RepositoryFailure.wrap(edit.context) { () throws(DatasetError) in try edit.keys() }
    let additions = try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      try self.additions(known, incoming, order, map, context, &record)
    }
    var conflicts: [String] = []
    var result = record
    let existing = order.filter(known.contains).map(\.text)
    try edit.change(.keys(existing), adding: additions) { (sample) throws(DatasetError) in
      guard let position = incoming[ExactText(sample.key)], let new = try self.sample(position, map, context) else { return .kept }
      if let text = sample.media.text, let other = new.media.text, ExactText(text) != ExactText(other) {
        throw DatasetError(
          .conflict, "The sample \"\(terminalSafe(sample.key))\" has another text in the input; --key-prefix tells them apart")
      }
      return merge(new, into: &sample, &result, &conflicts, edit.context)
    }
    record = result
    if let first = conflicts.first {
      let others = conflicts.count > 1 ? " and \(conflicts.count - 1) more" : ""
      throw RepositoryFailure(
        DatasetError(
          .conflict,
          "\"\(terminalSafe(first))\"\(others) have other annotations already; --on-conflict keep, replace or add says what shall become of them"
        ))
    }
  }

  /// The samples that are not there yet.
  private func additions(
    _ known: Set<ExactText>, _ incoming: [ExactText: Int], _ order: [ExactText], _ map: [LabelID], _ context: ReadContext,
    _ record: inout ImportRecord
  ) throws(DatasetError) -> [Sample] {
    var additions: [Sample] = []
    for key in order where !known.contains(key) {
      guard let position = incoming[key], let sample = try self.sample(position, map, context) else { continue }
      record.added += 1
      record.annotations += sample.annotations.count
      additions.append(sample)
    }
    return additions
  }

  private func merge(
    _ new: Sample, into sample: inout Sample, _ record: inout ImportRecord, _ conflicts: inout [String], _ context: ReadContext
  ) -> LabelEdit.Outcome {
    let old = sample
    for answer in sample.fill(from: new, replacing: policy == .replace) {
      context.report(
        .warning, "repository.import.differs",
        "\"\(terminalSafe(sample.key))\": \(answer) is another in the input, and stays as it is; --on-conflict replace takes it over",
        at: sample.source)
    }
    let known = Set(old.annotations.map { AnnotationPlace($0) })
    let fresh = new.annotations.filter { !known.contains(AnnotationPlace($0)) }
    if old.annotations.isEmpty {
      sample.annotations = new.annotations
      record.annotations += new.annotations.count
    } else if !fresh.isEmpty || policy == .replace && old.annotations != new.annotations {
      switch policy {
      case .keep: break
      case .replace:
        sample.annotations = new.annotations
        record.annotations += new.annotations.count
      case .add:
        sample.adopt(fresh, context)
        record.annotations += fresh.count
      case .error: conflicts.append(sample.key)
      }
    }
    if sample == old {
      record.kept += 1
      return .kept
    }
    record.changed += 1
    return .changed
  }

  private static func isHard(_ sample: Sample) -> Bool {
    sample.hard?.isHard == true || sample.annotations.contains { $0.hard?.isHard == true }
  }

  /// The key a sample has in the repository: the place of its media below the repository's folder, where it is found there.
  private func key(of sample: Sample) -> String { place(of: sample) ?? keyPrefix + sample.key }

  private func place(of sample: Sample) -> String? {
    guard let location = sample.media.location else { return nil }
    return resolver.path(of: location).flatMap(media.location)
  }

  /// A sample of the input as one of the repository.
  private func sample(_ position: Int, _ map: [LabelID], _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard var sample = try dataset.sample(at: position, context) else { return nil }
    if let place = place(of: sample) {
      sample.media.location = place
      sample.key = place
    } else {
      sample.key = keyPrefix + sample.key
    }
    for index in sample.annotations.indices {
      if let label = sample.annotations[index].label, Int(label.index) < map.count {
        sample.annotations[index].label = map[Int(label.index)]
      }
      if unconfirmed { sample.annotations[index].flags.unconfirmed = true }
      sample.annotations[index].ordinal = nil
    }
    sample.source = nil
    return sample
  }

  /// Adds labels the set does not have; gives the place in the set of each label of the dataset.
  private func addLabels(_ edit: LabelEdit, _ record: inout ImportRecord) throws(DatasetError) -> [LabelID] {
    var places = LabelPlaces(edit.settings.labels)
    let map = dataset.header.labels.labels.map { places.place(of: $0) }
    try edit.add(places.added)
    record.labels = places.added.count
    return map
  }
}

extension Sample {
  /// Takes what another description of the sample says and this one does not, or takes over what it says otherwise.
  ///
  /// - Returns: The answers that differ and were not taken over.
  fileprivate mutating func fill(from new: Sample, replacing: Bool) -> [String] {
    var kept: [String] = []
    func take<Value: Equatable>(_ name: String, _ path: WritableKeyPath<Sample, Value?>) {
      guard let value = new[keyPath: path], value != self[keyPath: path] else { return }
      if self[keyPath: path] == nil || replacing { self[keyPath: path] = value } else { kept.append(name) }
    }
    take("the width", \.media.width)
    take("the height", \.media.height)
    take("the number of channels", \.media.channels)
    take("the duration", \.media.duration)
    take("the frame", \.media.frame)
    take("the text", \.media.text)
    take("the split", \.split)
    take("the hard mark", \.hard)
    take("the tokens", \.tokens)
    for item in new.attributes.items {
      take("the attribute \"\(terminalSafe(item.name))\"", \.attributes[item.name])
    }
    return kept
  }
}
