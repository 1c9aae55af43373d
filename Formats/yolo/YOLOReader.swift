import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Reads a folder of label files: the survey lists the images, decoding reads one label file at a time.
struct YOLOReader: FormatReader {
  let input: DatasetInput
  /// The task as an option says it.
  let task: YOLOTask?
  /// The keypoints as an option says them.
  let keypoints: YOLOKeypointShape?
  /// The folder of images and labels as an option says it.
  let root: String?

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> YOLOIndex {
    var survey = try YOLOSurvey(input: input, root: root, context: context)
    try survey.describe()
    var index = YOLOIndex()
    index.task = task ?? survey.description.task ?? (keypoints == nil ? nil : .pose)
    index.keypoints = keypoints ?? survey.description.keypoints
    index.positions = survey.description.positions
    try survey.list(&index)
    try nameClasses(survey, &index, context)
    index.header.labelsAreComplete = true
    index.header.preserved = preserved(survey.description, index)
    return index
  }

  /// Makes the label table; classes without names are named by their numbers.
  private func nameClasses(_ survey: YOLOSurvey, _ index: inout YOLOIndex, _ context: ReadContext) throws(DatasetError) {
    if let labels = survey.description.labels {
      index.classCount = labels.count
      index.header.labels = LabelTable(labels)
      return
    }
    var count = survey.description.count
    if count == nil {
      let worker = context.scratch.thing(YOLOWorker.self) { YOLOWorker() }
      var highest = -1
      for image in index.images where !image.label.isEmpty {
        try InterruptFlag.check()
        // What is wrong with a file is said when it is decoded.
        guard worker.read(image, in: index, nil) else { continue }
        highest = max(highest, YOLORows.highestClass(worker.bytes))
      }
      count = highest + 1
    }
    context.report(
      .warning, "yolo.names.missing", "The names of the classes are not given; the classes are named by their numbers",
      at: survey.description.place)
    index.classCount = count ?? 0
    var labels: [Label] = []
    for number in 0..<index.classCount { labels.append(Label(name: "\(number)")) }
    index.header.labels = LabelTable(labels)
  }

  /// What the writer needs to write the same kind of dataset again.
  private func preserved(_ description: YOLODescription, _ index: YOLOIndex) -> Preserved {
    var members = ByteBuffer(capacity: 256)
    members.append("\"layout\":")
    members.appendJSON(description.isDarknet ? "darknet" : description.isGiven ? "ultralytics" : "folder")
    if let task = index.task {
      members.append(",\"task\":")
      members.appendJSON(task.rawValue)
    }
    if let shape = index.keypoints {
      members.append(",\"kpt_shape\":[")
      members.append(decimal: shape.count)
      members.append(UInt8(ascii: ","))
      members.append(decimal: shape.numbers)
      members.append(UInt8(ascii: "]"))
    }
    if !description.others.isEmpty {
      members.append(description.isDarknet ? ",\"data\":{" : ",\"yaml\":{")
      members.append(description.others)
      members.append(UInt8(ascii: "}"))
    }
    return Preserved(YOLOFormat.id, members: members.array())
  }

  func decode(_ position: Int, in index: YOLOIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.image))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: YOLOIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    guard index.images.indices.contains(position) else { return false }
    let image = index.images[position]
    sample.reset()
    sample.key = image.key
    sample.media = Media(.image, location: image.key)
    if image.split >= 0 { sample.split = index.splits[Int(image.split)] }
    sample.source = image.source
    guard !image.label.isEmpty else {
      sample.preserved = YOLOReader.unlabeled
      return true
    }
    let worker = context.scratch.thing(YOLOWorker.self) { YOLOWorker() }
    guard worker.read(image, in: index, context) else { return false }
    if let file = image.source?.file {
      sample.source = SourceRange(file: file, offset: 0, length: worker.bytes.count)
      worker.rows.read(worker.bytes, file, index, into: &sample.annotations, context)
    }
    return true
  }

  /// What is kept of an image without a label file: labeled with nothing would be an empty one.
  static let unlabeled = Preserved(YOLOFormat.id, members: Array("\"unlabeled\":true".utf8))
}

/// A worker's memory for reading label files.
final class YOLOWorker {
  var rows = YOLORows()
  private var buffer = ReusableBuffer()

  /// The label file read last.
  var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// Reads a label file; false, and a report to the context, when that fails.
  func read(_ image: YOLOIndex.Image, in index: YOLOIndex, _ context: ReadContext?) -> Bool {
    guard let folder = index.folder else { return false }
    do throws(DatasetError) {
      try folder.read(image.label, into: &buffer)
      return true
    } catch {
      context?.report(unreadable: error, at: image.source)
      return false
    }
  }
}

extension ReadContext {
  /// Reports a file that cannot be read.
  func report(unreadable error: DatasetError, at range: SourceRange?) {
    report(
      .error, "yolo.file.unreadable", "The file \(error.message)\(error.errno.map { ": \(systemMessage($0))" } ?? "")", at: range)
  }
}
