import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the PNG files of a panoptic file are, and what they are called.
enum SegmentFolder {
  /// The folder of a panoptic file's PNG files: the one asked for, else the one of the file's name, alone or with `_pixelmaps`.
  static func find(
    _ path: String, _ survey: FileSurvey, _ options: COCOReadOptions, _ context: ReadContext
  ) throws(DatasetError) -> Folder {
    let stem = FileName.withoutExtension(path)
    var candidates = options.hasFolder ? [stem, stem + "_pixelmaps"] : []
    if !options.masks.isEmpty { candidates = [options.masks] }
    for folder in candidates where options.files.isFolder(folder) { return try Folder(path: folder, in: options.files) }
    let names = candidates.map { terminalSafe($0) }.joined(separator: " or ")
    let reason = candidates.isEmpty ? "standard input has no folder beside it" : "no folder \(names)"
    let offset = survey.annotationOffsets.first ?? 0
    let stop = SurveyStop.refused(
      rule: "coco.panoptic.no-folder",
      message: "The PNG files of the segments are not there: \(reason); the option masks names it", at: offset)
    throw COCOIndexBuilder.error(stop, survey.file, context)
  }

  /// The usual name of an image's PNG file: the image's own with another ending, or its id.
  static func usualName(of sample: borrowing Sample) -> String {
    guard let location = sample.media.location else { return (sample.id?.plainText ?? sample.key) + ".png" }
    let isURL = URLMap.isURL(location)
    return (isURL ? FileName.stem(of: location) : FileName.withoutExtension(location)) + ".png"
  }

  /// A name to write, and the path below the folder that it means: the name as it is unless it leads out of the folder.
  static func place(of name: String) -> (name: String, path: String) {
    if let safe = try? RelativePath(name) { return (name, safe.text) }
    let inside = COCOEncoder.below(name)
    return (inside, inside)
  }
}
