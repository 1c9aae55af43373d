import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// How the masks of a sample go into a picture of classes and a picture of objects, and what is left for the annotation file.
struct MaskLayout {
  /// What one mask is painted with.
  struct Region {
    /// Position of the annotation.
    var index: Int
    /// The number of the object.
    var instance: UInt32
    /// The class as a name, or as a number that has none.
    var name: String?
    var number: UInt32?
    var runs: [UInt32]
  }

  /// Why masks cannot be written.
  struct Problem: Error { var message: String }

  private(set) var width = 0
  private(set) var height = 0
  private(set) var regions: [Region] = []
  /// The annotations that the annotation file holds, without masks.
  private(set) var objects: [Annotation] = []
  /// Whether all annotations are in the pictures alone.
  var isAlone: Bool { objects.isEmpty }
  private(set) var writesClasses = true
  private(set) var writesObjects = true

  /// The layout of a sample; nil when there is neither a mask nor a picture to write.
  init?(_ sample: Sample, _ kept: KeptFields, _ labels: LabelCache) throws(Problem) {
    let hasMasks = sample.annotations.contains { $0.mask != nil }
    guard hasMasks || kept.pictures != nil else { return nil }
    try findSize(sample, kept)
    let alone = try findAlone(sample.annotations, kept, labels)
    if let pictures = kept.pictures {
      writesClasses = pictures.classes != nil || alone.count < sample.annotations.count { $0.mask != nil }
      writesObjects = pictures.objects != nil || alone.count < sample.annotations.count { $0.mask != nil }
      // A picture of objects alone takes its classes from the annotation file.
      if pictures.classes == nil, alone.allSatisfy({ sample.annotations[$0].label == nil }) { writesClasses = false }
    }
    try place(sample.annotations, alone, labels)
    guard regions.count <= RegionNumbering.limit else { throw Problem(message: "there are \(regions.count) of them") }
  }

  private mutating func findSize(_ sample: Sample, _ kept: KeptFields) throws(Problem) {
    if let first = sample.annotations.lazy.compactMap(\.mask).first {
      (width, height) = (first.width, first.height)
    } else {
      (width, height) = kept.pictures?.size ?? (sample.media.width ?? 0, sample.media.height ?? 0)
    }
    guard width > 0, height > 0, width <= 65_535, height <= 65_535, width * height <= 1 << 28 else {
      throw Problem(message: "a mask of \(width) x \(height) pixels is no picture")
    }
    for annotation in sample.annotations {
      guard let mask = annotation.mask else { continue }
      guard mask.width == width, mask.height == height else {
        throw Problem(message: "one has \(mask.width) x \(mask.height) pixels, another \(width) x \(height)")
      }
    }
    if let imageWidth = sample.media.width, let imageHeight = sample.media.height, imageWidth != width || imageHeight != height {
      throw Problem(message: "they have \(width) x \(height) pixels, and the image \(imageWidth) x \(imageHeight)")
    }
  }

  /// What tells regions apart in the pictures.
  private struct Key: Hashable {
    var instance: UInt32
    var name: String?
    var number: UInt32?
  }

  /// Finds the annotations that say nothing but a mask and a label, were read from pictures alone and can go back there.
  private mutating func findAlone(
    _ annotations: [Annotation], _ kept: KeptFields, _ labels: LabelCache
  ) throws(Problem) -> Set<Int> {
    let isOfClasses = kept.pictures?.classes != nil && kept.pictures?.objects == nil
    var alone: Set<Int> = []
    var keys: Set<Key> = []
    for (index, annotation) in annotations.enumerated() {
      guard let mask = annotation.mask, annotation.saysOnlyMask else { continue }
      let found = KeptMask(annotation.preserved)
      guard let instance = isOfClasses ? 0 : found.instance else { continue }
      let region = try region(index, annotation, mask, instance, labels)
      guard RunLength.area(of: region.runs) > 0, region.name != nil || region.number != nil || kept.pictures?.classes == nil,
        keys.insert(Key(instance: instance, name: region.name, number: region.number)).inserted
      else { continue }
      alone.insert(index)
    }
    // Classes alone have no number for a second mask of the same class.
    if isOfClasses, annotations.indices.contains(where: { annotations[$0].mask != nil && !alone.contains($0) }) { return [] }
    return alone
  }

  private func region(
    _ index: Int, _ annotation: Annotation, _ mask: Mask, _ instance: UInt32, _ labels: LabelCache
  ) throws(Problem) -> Region {
    let kept = KeptMask(annotation.preserved)
    let name = annotation.label.flatMap { labels.label($0) }?.name
    let usesNumber = kept.number != nil && kept.label == name
    do throws(RunLength.Problem) {
      let runs = try RunLength.runs(of: mask)
      try RunLength.check(runs, width: mask.width, height: mask.height)
      return Region(
        index: index, instance: instance, name: usesNumber ? nil : name, number: usesNumber ? kept.number : nil, runs: runs)
    } catch {
      throw Problem(message: "the runs of annotation \(index + 1) do not cover a picture of \(mask.width) x \(mask.height) pixels")
    }
  }

  /// Numbers the objects and splits the annotations between the pictures and the file.
  private mutating func place(_ annotations: [Annotation], _ alone: Set<Int>, _ labels: LabelCache) throws(Problem) {
    var taken: Set<Key> = []
    var numbers: Set<UInt32> = [0, ClassTable.void]
    var count: UInt32 = 0
    for (index, annotation) in annotations.enumerated() {
      if alone.contains(index), let mask = annotation.mask {
        let instance = writesObjects ? KeptMask(annotation.preserved).instance ?? 0 : 0
        let region = try region(index, annotation, mask, instance, labels)
        taken.insert(Key(instance: region.instance, name: region.name, number: region.number))
        numbers.insert(instance)
        regions.append(region)
      } else if !annotation.isPart {
        count += 1
        numbers.insert(count)
      }
    }
    var next = count
    var number: UInt32 = 0
    for (index, annotation) in annotations.enumerated() where !alone.contains(index) {
      if !annotation.isPart { number += 1 }
      var object = annotation
      guard let mask = annotation.mask else {
        objects.append(object)
        continue
      }
      object.shape = nil
      object.forgetKeptMask()
      var marks = ObjectMarks()
      var region = try region(index, annotation, mask, annotation.isPart ? ClassTable.void : number, labels)
      let bounds = RunLength.bounds(of: region.runs, height: height)
      if object.box == nil {
        object.box = bounds ?? Box(0, 0, 0, 0, form: .extent)
        marks.boxIsOfMask = true
      }
      let key = Key(instance: region.instance, name: region.name, number: region.number)
      if bounds == nil {
        marks.instance = 0
      } else if region.instance == ClassTable.void || taken.contains(key) {
        repeat { next += 1 } while numbers.contains(next)
        numbers.insert(next)
        region.instance = next
        marks.instance = next
      } else if let bounds, !object.isNear(bounds) {
        marks.instance = region.instance
      }
      marks.put(into: &object)
      objects.append(object)
      if bounds != nil { regions.append(region) }
    }
    regions.sort { $0.index < $1.index }
  }

  /// Paints the masks, later ones over earlier ones; gives the picture of regions and how many pixels of each were covered.
  func paint() -> (map: RegionMap, covered: [Int]) {
    var map = RegionMap(width: width, height: height)
    var covered = [Int](repeating: 0, count: regions.count + 1)
    for (index, region) in regions.enumerated() {
      map.paint(region.runs, as: UInt16(truncatingIfNeeded: index + 1)) { other, pixels in covered[Int(other)] += pixels }
    }
    return (map, covered)
  }
}

extension Annotation {
  /// The mask, when that is the shape.
  var mask: Mask? {
    if case .mask(let mask)? = shape { return mask }
    return nil
  }

  fileprivate var isPart: Bool { hasRareAnswers && partOf != nil }

  /// Whether there is nothing to say in the annotation file.
  fileprivate var saysOnlyMask: Bool {
    let most: FeatureSet = [.mask, .label, .preserved]
    guard features.isSubset(of: most) else { return false }
    guard !preserved.isEmpty else { return true }
    guard preserved.sections.count == 1, preserved.sections[0].format == VOCCodec.section else { return false }
    var says = false
    PreservedReader(preserved, VOCCodec.section).forEach { key, _ in
      if !KeptMask.members.contains(key.makeString()) { says = true }
    }
    return !says
  }

  /// Whether a reader would find the mask in the box.
  fileprivate func isNear(_ bounds: Box) -> Bool {
    guard let box = box?.converted(to: .corners), box.unit == .pixels else { return true }
    let bounds = bounds.converted(to: .corners)
    return bounds.first < box.third && box.first < bounds.third && bounds.second < box.fourth && box.second < bounds.fourth
  }
}
