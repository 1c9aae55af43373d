import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

/// Finds labels that lie beside media: Pascal VOC files of pictures, and files with a label a line.
struct LabelsBeside {
  private let edit: LabelEdit
  private let registry: FormatRegistry

  init(_ edit: LabelEdit, registry: FormatRegistry) {
    self.edit = edit
    self.registry = registry
  }

  /// The format whose files lie beside the media of the type, with the ending they have.
  private var choice: (format: String, ending: String)? {
    switch edit.settings.type {
    case .objectDetection, .imageSegmentation: ("pascal-voc", "xml")
    case .imageClassification, .soundClassification: ("media-folder:layout=text-files", "txt")
    default: nil
    }
  }

  /// Gives new samples the labels that lie beside their media.
  func add(to samples: inout [Sample], _ report: inout SourceSync.Report) throws(RepositoryFailure) {
    guard let choice, let format = try? registry.parse(choice.format) else { return }
    var positions: [ExactText: Int] = [:]
    for (index, sample) in samples.enumerated() { positions[ExactText(sample.key)] = index }
    let root = edit.repository.root
    let media = MediaFiles(edit.repository)
    var labels = LabelPlaces(edit.settings.labels)
    for source in edit.settings.sources where !URLMap.isURL(source) {
      let folder = source.hasPrefix("/") ? source : joinedPath(root, source)
      guard let tree = try? FileTree(root: folder),
        tree.files.contains(where: { FileName.extension(of: $0).lowercased() == choice.ending })
      else { continue }
      let context = ReadContext(sources: edit.context.sources)
      try RepositoryFailure.wrap(context) { () throws(DatasetError) in
        let dataset = try Dataset.open(
          try DatasetInput(path: folder), as: format, demand: Demand(labels: true), context: context)
        try take(dataset, positions, media, &samples, &labels, &report, context)
        if context.diagnostics.hasErrors || dataset.surveyDiagnostics.hasErrors {
          throw DatasetError(.invalidInput, "Labels beside the media cannot be read; nothing was changed", path: folder)
        }
      }
    }
    report.labels = labels.added.count
    try RepositoryFailure.wrap { () throws(DatasetError) in try edit.add(labels.added) }
  }

  private func take(
    _ dataset: Dataset, _ positions: [ExactText: Int], _ media: MediaFiles, _ samples: inout [Sample],
    _ labels: inout LabelPlaces, _ report: inout SourceSync.Report, _ context: ReadContext
  ) throws(DatasetError) {
    let resolver = MediaResolver(folders: dataset.mediaFolders)
    for position in 0..<dataset.count {
      guard let found = try dataset.sample(at: position, context), let location = found.media.location,
        let key = resolver.path(of: location).flatMap(media.location), let index = positions[ExactText(key)],
        samples[index].annotations.isEmpty, !found.annotations.isEmpty
      else { continue }
      var annotations = found.annotations
      for number in annotations.indices {
        guard let label = annotations[number].label, let definition = dataset.header.labels[label] else { continue }
        annotations[number].label = labels.place(of: definition)
        annotations[number].ordinal = nil
      }
      samples[index].annotations = annotations
      report.labeled += 1
      report.annotations += annotations.count
    }
  }
}
