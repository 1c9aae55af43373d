import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Puts the surveys of files together into one index.
struct COCOIndexBuilder {
  var mediaFolders: [String] = []
  private var index = COCOIndex()
  var categories = CategoryMerge()
  var layout = COCOLayout()
  private var annotationCount = 0
  private var isGrouped = true

  /// Surveys one file and adds what it holds.
  ///
  /// What stops the survey is both reported, under its rule, and thrown.
  mutating func survey(
    _ mapped: MappedFile, path: String, name: String, split: String?, _ options: COCOReadOptions, _ context: ReadContext
  ) throws(DatasetError) {
    var file = COCOFile(mapped: mapped, id: context.sources.add(path), name: name, split: split)
    var survey = FileSurvey(file)
    try Self.run(&survey, context)
    try complete(&survey, &file, path: path, options, context)
    file.images = index.count..<(index.count + survey.imageOffsets.count)
    reportDuplicates(&survey, context)
    join(&survey, file, context)
    index.files.append(file)
    if let split, !index.splits.contains(split) { index.splits.append(split) }
  }

  static func error(_ stop: SurveyStop, _ file: COCOFile, _ context: ReadContext) -> DatasetError {
    let diagnostic: Diagnostic
    switch stop {
    case .interrupted(let error): return error
    case .fault(let fault): diagnostic = fault.diagnostic(in: file.id)
    case .refused(let rule, let message, let offset):
      diagnostic = Diagnostic(.error, rule, message, at: file.range(offset, offset + 1))
    }
    context.diagnostics.report(diagnostic)
    return DatasetError(.invalidInput, "\(diagnostic.message) [\(diagnostic.rule)]", range: diagnostic.range)
  }

  /// Warns of annotation ids that stand twice; ids that rise are known to be unique without a table.
  private func reportDuplicates(_ survey: inout FileSurvey, _ context: ReadContext) {
    if !IDTable.isRising(survey.annotationIDs) {
      _ = IDTable(survey.annotationIDs) { pair in
        let first = survey.annotationOffsets[Int(survey.annotationIDOwners[pair.first])]
        let second = survey.annotationOffsets[Int(survey.annotationIDOwners[pair.second])]
        survey.reportDuplicate(.integer(survey.annotationIDs[pair.first]), first: first, second: second, context)
      }
    }
    survey.annotationIDs = []
    survey.annotationIDOwners = []
    survey.textAnnotationIDs = [:]
  }

  /// Finds the image of each annotation and sorts the annotations by image, keeping their order.
  private mutating func join(_ survey: inout FileSurvey, _ file: COCOFile, _ context: ReadContext) {
    let imageCount = survey.imageOffsets.count
    let missing = UInt32.max
    var joined = ImageJoin(survey, file)
    let owners = joined.owners(context, missing: missing)
    for position in joined.repeated { index.repeated.insert(index.count + position) }
    var firsts = [UInt32](repeating: 0, count: imageCount + 1)
    var previous: UInt32 = 0
    var isSorted = true
    for owner in owners where owner != missing {
      firsts[Int(owner) + 1] += 1
      if owner < previous { isSorted = false }
      previous = owner
    }
    for image in 0..<imageCount { firsts[image + 1] += firsts[image] }
    let kept = Int(firsts[imageCount])
    let base = index.annotationOffsets.count
    for image in 0..<imageCount { index.firstAnnotations.append(UInt32(truncatingIfNeeded: base) &+ firsts[image + 1]) }
    index.imageOffsets.append(contentsOf: survey.imageOffsets)

    if isGrouped, !isSorted {
      isGrouped = false
      index.ordinals = (0..<UInt32(truncatingIfNeeded: base)).map { $0 }
    }
    let firstOrdinal = UInt32(truncatingIfNeeded: annotationCount)
    annotationCount += owners.count
    if isSorted, kept == owners.count, base == 0 {
      index.annotationOffsets = survey.annotationOffsets
      if !isGrouped { index.ordinals.append(contentsOf: (0..<UInt32(truncatingIfNeeded: kept)).map { $0 + firstOrdinal }) }
      return
    }
    index.annotationOffsets.append(contentsOf: repeatElement(0, count: kept))
    if !isGrouped { index.ordinals.append(contentsOf: repeatElement(0, count: kept)) }
    for position in owners.indices where owners[position] != missing {
      let image = Int(owners[position])
      let target = base + Int(firsts[image])
      firsts[image] += 1
      index.annotationOffsets[target] = survey.annotationOffsets[position]
      if !isGrouped { index.ordinals[target] = firstOrdinal &+ UInt32(truncatingIfNeeded: position) }
    }
  }

  /// The index of all files.
  consuming func finish() -> COCOIndex {
    index.header.labels = LabelTable(categories.labels)
    index.header.labelsAreComplete = true
    index.header.preserved = layout.preserved
    index.keypointCounts = categories.labels.map { $0.keypointNames?.count ?? -1 }
    index.mediaFolders = mediaFolders
    return index
  }
}

/// Finds the images of annotations by id.
struct ImageJoin {
  private let survey: FileSurvey
  private let file: COCOFile
  /// Images whose id an image before them has.
  private(set) var repeated: [Int] = []

  init(_ survey: FileSurvey, _ file: COCOFile) {
    self.survey = survey
    self.file = file
  }

  /// The position of each annotation's image, or the number given for missing ones.
  ///
  /// Reports images that share an id, and annotations without an image.
  mutating func owners(_ context: ReadContext, missing: UInt32) -> [UInt32] {
    let images = survey.imageIDs
    var texts: [String: Int] = [:]
    var numbers: [Int64] = []
    var positions: [UInt32] = []
    if images.texts.isEmpty {
      numbers = images.numbers
    } else {
      for position in 0..<images.count {
        if let text = images.text(position) {
          if let first = texts[text] {
            reportDuplicate(first, position, context)
            repeated.append(position)
          } else {
            texts[text] = position
          }
        } else {
          numbers.append(images.numbers[position])
          positions.append(UInt32(truncatingIfNeeded: position))
        }
      }
    }
    func image(_ position: Int) -> Int { positions.isEmpty ? position : Int(positions[position]) }
    var found: [IDTable.Duplicate] = []
    let table = IDTable(numbers) { found.append($0) }
    for pair in found {
      reportDuplicate(image(pair.first), image(pair.second), context)
      repeated.append(image(pair.second))
    }

    let references = survey.references
    var owners = [UInt32](repeating: missing, count: references.count)
    var lastNumber: Int64?
    var lastOwner: UInt32 = 0
    for position in 0..<references.count {
      if let text = references.text(position) {
        if let found = texts[text] {
          owners[position] = UInt32(truncatingIfNeeded: found)
          continue
        }
      } else {
        let number = references.numbers[position]
        if number == lastNumber {
          owners[position] = lastOwner
          continue
        }
        if let found = table.position(of: number) {
          lastNumber = number
          lastOwner = UInt32(truncatingIfNeeded: image(found))
          owners[position] = lastOwner
          continue
        }
      }
      let id = references.id(position)
      var found: Int?
      switch id.otherKind {
      case .string(let text): found = texts[text]
      case .integer(let number): found = table.position(of: number).map { image($0) }
      case nil: break
      }
      report(id, position, isFound: found != nil, context)
      if let found { owners[position] = UInt32(truncatingIfNeeded: found) }
    }
    return owners
  }

  /// Reports an `image_id` that names no image, or one whose id is of the other kind.
  private func report(_ id: RecordID, _ position: Int, isFound: Bool, _ context: ReadContext) {
    let offset = survey.annotationOffsets[position]
    let place = RecordName.member("image_id", file.mapped.bytes, at: offset)
    let name = RecordName.annotation(file, at: offset)
    let range = file.range(place?.lowerBound ?? offset, place?.upperBound ?? offset + 1)
    if isFound {
      context.report(
        .warning, "coco.annotation.image-id-kind",
        "The image_id of \(name) is \(id.safeText), while the image's id is \(id.otherKind?.safeText ?? "")", at: range)
    } else {
      context.report(
        .error, "coco.annotation.unknown-image", "The image_id \(id.safeText) of \(name) is not the id of an image", at: range)
    }
  }

  private func reportDuplicate(_ first: Int, _ second: Int, _ context: ReadContext) {
    context.diagnostics.report(
      Diagnostic(
        .error, "coco.image.duplicate-id", "The image id \(survey.imageIDs.id(second).safeText) stands for two images",
        at: survey.imageIDRange(second),
        related: [.init(range: survey.imageIDRange(first), message: "first used here")]))
  }
}
