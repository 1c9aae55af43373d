import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What was asked of the reader.
struct COCOReadOptions: Sendable {
  /// The kind of files to read from a folder; `auto` when none was asked for.
  var task = "auto"
  /// The path of a file with the images and categories of a list of results; empty when there is none.
  var images = ""
  /// The folder of a panoptic file's PNG files; empty for the usual places.
  var masks = ""
  /// Whether there is a folder around the input, as there is not around standard input.
  var hasFolder = true
  /// The files that are read.
  var files = InputFiles.disk
}

extension COCOIndexBuilder {
  /// Surveys one file, after its byte order mark.
  static func run(_ survey: inout FileSurvey, _ context: ReadContext) throws(DatasetError) {
    let file = survey.file
    var start = 0
    if file.mapped.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      start = 3
      context.report(.warning, "coco.file.bom", "The file begins with a byte order mark, which JSON has not", at: file.range(0, 3))
    }
    do throws(SurveyStop) { try survey.run(from: start, context) } catch { throw Self.error(error, file, context) }
  }

  /// Finds the images and categories of a file, wherever they are, and what else its kind needs.
  mutating func complete(
    _ survey: inout FileSurvey, _ file: inout COCOFile, path: String, _ options: COCOReadOptions, _ context: ReadContext
  ) throws(DatasetError) {
    let kind = survey.kind
    guard kind != .instances else {
      guard options.images.isEmpty else {
        throw DatasetError(
          .usage, "The option images is for lists of results and panoptic files without images; this file has its own", path: path)
      }
      layout.add(survey, split: file.split, as: .instances)
      return try readCategories(of: survey, from: file, &file, context)
    }
    var impliesImages = false
    if !options.images.isEmpty {
      try join(&survey, &file, toImagesOf: options.images, in: options.files, context)
      layout.add(survey, split: file.split, as: kind == .results ? .joined : kind)
    } else {
      layout.add(survey, split: file.split, as: kind)
      impliesImages = !survey.order.contains("images")
      if impliesImages { survey.implyImages() }
      if kind == .panoptic, survey.categoriesOffset == nil { survey.implyCategories() }
      if survey.categoriesOffset == nil {
        categories.add(survey.impliedCategories, file, context)
        file.categories = categories.takeTable()
      } else {
        try readCategories(of: survey, from: file, &file, context)
      }
    }
    file.variant = COCOVariant(
      kind, imageFile: survey.imageFile, impliesImages: impliesImages,
      segmentFolder: kind == .panoptic ? try SegmentFolder.find(path, survey, options, context) : nil)
  }

  private mutating func readCategories(
    of survey: FileSurvey, from source: COCOFile, _ file: inout COCOFile, _ context: ReadContext
  ) throws(DatasetError) {
    guard let offset = survey.categoriesOffset else { return }
    do throws(SurveyStop) { try categories.read(source, at: offset, context) } catch {
      throw Self.error(error, source, context)
    }
    file.categories = categories.takeTable()
  }

  /// Takes the images and categories of another file.
  private mutating func join(
    _ survey: inout FileSurvey, _ file: inout COCOFile, toImagesOf path: String, in files: InputFiles, _ context: ReadContext
  ) throws(DatasetError) {
    guard !survey.order.contains("images") else {
      throw DatasetError(
        .usage, "The option images is for lists of results and panoptic files without images; this file has its own",
        path: file.mapped.path)
    }
    let mapped = try files.map(path)
    let source = COCOFile(mapped: mapped, id: context.sources.add(path), name: path, split: nil)
    var images = FileSurvey(source)
    images.passesAnnotations = true
    try Self.run(&images, context)
    guard images.kind == .instances, images.order.contains("images") else {
      throw DatasetError(.usage, "The option images names a file with a member images; this one has none", path: path)
    }
    survey.imageFile = source
    survey.imageOffsets = images.imageOffsets
    survey.imageIDs = images.imageIDs
    if survey.categoriesOffset == nil {
      try readCategories(of: images, from: source, &file, context)
    } else {
      try readCategories(of: survey, from: file, &file, context)
    }
    // Of the other members a list of results has none; what is in the file read counts, not what is in the one beside it.
    if survey.kind == .results { survey.preserved = images.preserved }
    survey.order = []
  }
}

extension CategoryMerge {
  /// Adds categories that nothing but their ids is known of.
  mutating func add(_ implied: ImpliedCategories, _ file: COCOFile, _ context: ReadContext) {
    var seen: [RecordID: SourceRange] = [:]
    for id in implied.ids { add(Label(name: id.plainText, id: id), file.range(0, 1), &seen, context) }
  }
}

extension Label {
  /// Whether nothing is said of it but an id.
  var isBareID: Bool { id.map { self == Label(name: $0.plainText, id: $0) } ?? false }
}
