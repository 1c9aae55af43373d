import Foundation
import TestSupport
import Waybill
import WaybillFiles

@testable import WaybillConversion

/// Runs a conversion with everything allowed that a test does not forbid.
func convert(
  _ input: String, _ output: String, to: String, from: String? = nil, jobs: Int = 1,
  _ change: (inout ConversionRequest) throws -> Void = { _ in }
) throws -> ConversionReport {
  var request = ConversionRequest(input: input, output: output, to: try FormatRegistry.all.parse(to))
  if let from { request.from = try FormatRegistry.all.parse(from) }
  request.jobs = jobs
  try change(&request)
  return try Conversion(request, registry: .all).run()
}

/// What a dataset says, in a form that can be compared over formats: labels belong to one shared table, places are forgotten.
struct Contents {
  var samples: [Sample]
  var header: DatasetHeader
  var diagnostics: DiagnosticList

  /// Reads everything.
  init(_ path: String, as choice: FormatChoice? = nil, shared: LabelTable, demand: Demand = Demand(labels: true)) throws {
    let input = try DatasetInput(path: path)
    let context = ReadContext(sources: SourceMap())
    let choice = try choice ?? FormatRegistry.all.detect(input)
    let dataset = try Dataset.open(input, as: choice, demand: demand, context: context)
    samples = []
    header = dataset.header
    let worker = dataset.makeContext()
    for position in 0..<dataset.count {
      guard var sample = try dataset.sample(at: position, worker) else { continue }
      sample.source = nil
      for index in sample.annotations.indices {
        if let id = sample.annotations[index].label, let label = dataset.header.labels[id] {
          sample.annotations[index].label = shared.intern(label.name)
        }
      }
      samples.append(sample)
    }
    diagnostics = dataset.surveyDiagnostics
    diagnostics.append(worker.diagnostics)
  }
}

/// The format of a name.
func format(_ name: String) throws -> any Format.Type { try FormatRegistry.all.format(named: name) }

/// Where a format's output goes in a folder: a single file where the format has one, a folder otherwise.
func outputName(_ format: any Format.Type, singleFile: Bool) -> String {
  let descriptor = format.descriptor
  return singleFile ? "out" + (descriptor.fileExtensions.first ?? "") : "out"
}

/// Restricts a sample to a format's abilities, as a conversion does.
func restricted(_ sample: Sample, to format: any Format.Type, isFile: Bool) throws -> Sample? {
  var sample = sample
  var ledger = Ledger()
  let options = try FormatOptions([], declared: format.descriptor.writeOptions, format: format.descriptor.id)
  let auditor = Auditor(
    abilities: format.writes(options, isFile: isFile), sections: format.descriptor.sections, approximations: Approximations(),
    needs: format.descriptor.needs, writesOnePlace: format.descriptor.writesOnePlace)
  return auditor.restrict(&sample, &ledger) ? sample : nil
}

/// Takes away from a sample read back what a writer may add to make complete records: everything the other does not say.
func withoutAdditions(_ sample: Sample, against expected: Sample) -> Sample {
  var sample = sample
  sample.remove(sample.features.subtracting(expected.features))
  // Media known by an id alone gets that as its name.
  if expected.media.location == nil && expected.media.text == nil { sample.media.location = nil }
  for index in sample.annotations.indices where index < expected.annotations.count {
    let extra = sample.annotations[index].features.subtracting(expected.annotations[index].features)
    // An essential answer may not appear from nowhere, but a box follows from a shape.
    sample.annotations[index].remove(extra.subtracting(FeatureSet.essential.subtracting([.box])))
    // COCO has no keypoint without a visibility: one that was not given is written as visible.
    if let points = expected.annotations[index].keypoints?.points, points.count == sample.annotations[index].keypoints?.points.count
    {
      for (at, point) in points.enumerated() where point.visibility == nil {
        sample.annotations[index].keypoints?.points[at].visibility = nil
      }
    }
  }
  return sample
}

/// The annotation with its box, polygon and keypoints in pixels; unchanged where it is.
func inPixels(_ annotation: Annotation, _ size: (width: Int, height: Int)) -> Annotation {
  var annotation = annotation
  let (width, height) = (Double(size.width), Double(size.height))
  annotation.box = annotation.box?.converted(to: .corners).converted(to: .pixels, width: width, height: height)
  if case .polygon(var polygon) = annotation.shape, polygon.unit == .unit {
    for index in polygon.coordinates.indices { polygon.coordinates[index] *= index % 2 == 0 ? width : height }
    polygon.unit = .pixels
    annotation.shape = .polygon(polygon)
  }
  if var keypoints = annotation.keypoints, keypoints.unit == .unit {
    for index in keypoints.points.indices {
      keypoints.points[index].x *= width
      keypoints.points[index].y *= height
    }
    keypoints.unit = .pixels
    annotation.keypoints = keypoints
  }
  return annotation
}

/// Two samples with their places in pixels rounded to millionths, where one of them is in shares of the image and the other is not.
func inOneUnit(_ a: Sample, _ b: Sample, size: (width: Int, height: Int)?) -> (Sample, Sample) {
  guard let size, a.annotations.count == b.annotations.count else { return (a, b) }
  func rounded(_ annotation: Annotation) -> Annotation {
    func near(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 + 0.0 }
    var annotation = inPixels(annotation, size)
    annotation.box = annotation.box.map { Box(near($0.first), near($0.second), near($0.third), near($0.fourth), form: $0.form) }
    if case .polygon(var polygon) = annotation.shape {
      polygon.coordinates = polygon.coordinates.map(near)
      annotation.shape = .polygon(polygon)
    }
    if var keypoints = annotation.keypoints {
      keypoints.points = keypoints.points.map { .init(x: near($0.x), y: near($0.y), visibility: $0.visibility) }
      annotation.keypoints = keypoints
    }
    return annotation
  }
  var (a, b) = (a, b)
  for index in a.annotations.indices where units(a.annotations[index]) != units(b.annotations[index]) {
    a.annotations[index] = rounded(a.annotations[index])
    b.annotations[index] = rounded(b.annotations[index])
  }
  return (a, b)
}

/// The units of an annotation's places.
private func units(_ annotation: Annotation) -> Set<CoordinateUnit> {
  var found: Set<CoordinateUnit> = []
  if let box = annotation.box { found.insert(box.unit) }
  if case .polygon(let polygon) = annotation.shape { found.insert(polygon.unit) }
  if let keypoints = annotation.keypoints { found.insert(keypoints.unit) }
  return found
}

/// The sample with its boxes as corners and its masks as canonical runs: formats differ in the form, not in the place.
func withCorners(_ sample: Sample) -> Sample {
  var sample = sample
  for index in sample.annotations.indices {
    sample.annotations[index].box = sample.annotations[index].box?.converted(to: .corners)
    if case .mask(var mask) = sample.annotations[index].shape, let runs = try? RunLength.runs(of: mask) {
      mask.runs = .counts(RunLength.canonical(runs))
      sample.annotations[index].shape = .mask(mask)
    }
  }
  return sample
}

/// The sample with its annotations with a place before the others, both in their order.
func withPlacesFirst(_ sample: Sample) -> Sample {
  var sample = sample
  func hasPlace(_ annotation: Annotation) -> Bool { annotation.box != nil || annotation.shape != nil }
  sample.annotations = sample.annotations.filter(hasPlace) + sample.annotations.filter { !hasPlace($0) }
  return sample
}

/// The sample with its intervals in thousandths of a second.
func inThousandths(_ sample: Sample) -> Sample {
  func near(_ time: MediaTime) -> MediaTime { MediaTime(units: Int64((time.seconds * 1000).rounded()), fractionDigits: 3) ?? time }
  var sample = sample
  for index in sample.annotations.indices {
    guard case .interval(let start, let end) = sample.annotations[index].time else { continue }
    sample.annotations[index].time = .interval(start: near(start), end: near(end))
  }
  return sample
}

/// The sample with its annotations by label, intervals before points, by time and text.
func tierByTier(_ sample: Sample) -> Sample {
  func place(_ annotation: Annotation) -> (label: Int, kind: Int, start: MediaTime, rest: String) {
    let label = annotation.label.map { Int($0.index) } ?? -1
    guard case .interval(let start, let end) = annotation.time else {
      if case .instant(let time) = annotation.time { return (label, 1, time, annotation.text ?? "") }
      return (label, 2, .zero, annotation.text ?? "")
    }
    return (label, 0, start, "\(end.normalized.text) \(annotation.text ?? "")")
  }
  var sample = sample
  sample.annotations.sort { place($0) < place($1) }
  return sample
}

/// The sample without its masks.
func withoutMasks(_ sample: Sample) -> Sample {
  var sample = sample
  for index in sample.annotations.indices { sample.annotations[index].remove([.mask]) }
  return sample
}

/// Whether a conversion failed because a label cannot be written as it is, such as a share of a picture whose size nobody knows, or
/// because the dataset as a whole has two tasks where the target has one.
func isUnwritable(_ error: any Error) -> Bool {
  guard let failure = error as? Conversion.Failure, let report = failure.report else { return false }
  if failure.error.code == .ambiguous, failure.error.range != nil, report.to == "yolo" { return true }
  let errors = report.diagnostics.items.filter { $0.severity == .error }
  return !errors.isEmpty && errors.allSatisfy { $0.rule.contains(".write.") && $0.range != nil }
}

/// Forgets preserved fields, which hold the layout of a format's own files.
func withoutPreserved(_ sample: Sample) -> Sample {
  var sample = sample
  sample.preserved = Preserved()
  for index in sample.annotations.indices { sample.annotations[index].preserved = Preserved() }
  return sample
}
