import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Brings the regions of the pictures and the objects of the annotation file together.
///
/// A region is all pixels of one class and one object. Object number n is the n-th `object` of the file, as the development kit has it,
/// provided the class is the object's label.
struct MaskJoin {
  /// The pixels of one class and one object.
  struct Region {
    /// The number of the class; nil without a picture of classes.
    var number: UInt32?
    /// The number of the object; nil without a picture of objects.
    var instance: UInt32?
    var runs: [UInt32]
    var label: LabelID?
    var name: String?
    var isTaken = false
    var area: Int { RunLength.area(of: runs) }
  }

  let pair: MaskPair
  let classes: MaskClasses
  let labels: LabelCache
  private(set) var regions: [Region] = []
  /// Numbers of classes that nothing names.
  private(set) var unknownNumbers: [UInt32] = []
  /// Numbers of objects whose mask is far from the box at their place.
  private(set) var strayObjects: [UInt32] = []
  /// Numbers that objects name and that have no pixels.
  private(set) var missingObjects: [UInt32] = []

  init(pair: MaskPair, classes: MaskClasses, labels: LabelCache) {
    self.pair = pair
    self.classes = classes
    self.labels = labels
  }

  /// Finds the regions in one pass over the pixels; false when there are too many.
  mutating func findRegions() -> Bool {
    var numbering = RegionNumbering()
    let count = pair.width * pair.height
    var isComplete = true
    let rows = [UInt16](unsafeUninitializedCapacity: count) { rows, used in
      used = count
      for pixel in 0..<count {
        var value: UInt64 = 0
        if let classes = pair.classes { value = UInt64(classes.numbers[pixel]) << 32 }
        if let objects = pair.objects { value |= UInt64(objects.numbers[pixel]) }
        guard value != 0 else {
          rows[pixel] = 0
          continue
        }
        guard let number = numbering.number(of: value) else {
          isComplete = false
          rows[pixel] = 0
          continue
        }
        rows[pixel] = number
      }
    }
    guard isComplete, let map = RegionMap(width: pair.width, height: pair.height, rows: rows) else { return false }
    for (value, runs) in zip(numbering.values, map.runs(of: numbering.values.count)) {
      regions.append(
        Region(
          number: pair.classes == nil ? nil : UInt32(truncatingIfNeeded: value >> 32),
          instance: pair.objects == nil ? nil : UInt32(truncatingIfNeeded: value), runs: runs))
    }
    regions.sort { a, b in a.rank != b.rank ? a.rank < b.rank : (a.number ?? 0) < (b.number ?? 0) }
    return true
  }

  /// Finds the labels of the regions.
  ///
  /// Without a list of labels the classes are those of Pascal VOC, unless the objects of the file show that they are others.
  mutating func nameRegions(knowing annotations: [Annotation]) {
    guard let picture = pair.classes else { return }
    let isForeign = annotations.contains { annotation in
      guard annotation.partOf == nil, let label = annotation.label.flatMap({ labels.label($0) }) else { return false }
      return classes.isForeign(label.name)
    }
    for at in regions.indices {
      guard let number = regions[at].number, number != 0 else { continue }
      if !isForeign || number == ClassTable.void, let name = classes.name(of: number, in: picture) {
        regions[at].name = name
        regions[at].label = labels.intern(name)
      } else if !unknownNumbers.contains(number) {
        unknownNumbers.append(number)
      }
    }
    unknownNumbers.sort()
  }

  /// Gives the objects of the file their masks.
  mutating func joinObjects(_ annotations: inout [Annotation], omissions: [Int]) {
    guard pair.objects != nil else { return }
    var places: [UInt32: [Int]] = [:]
    for (at, region) in regions.enumerated() { if let instance = region.instance { places[instance, default: []].append(at) } }
    var number: UInt32 = 0
    var omitted = 0
    for index in annotations.indices {
      while omitted < omissions.count, omissions[omitted] <= index {
        omitted += 1
        number += 1
      }
      if annotations[index].partOf == nil { number += 1 }
      let marks = ObjectMarks.take(from: &annotations[index])
      guard annotations[index].shape == nil else {
        marks?.put(into: &annotations[index])
        continue
      }
      if marks?.instance == 0 {
        annotations[index].shape = .mask(
          Mask(width: pair.width, height: pair.height, runs: .counts([UInt32(truncatingIfNeeded: pair.width * pair.height)])))
      } else if marks?.instance != nil || annotations[index].partOf == nil {
        let wanted = marks?.instance ?? number
        guard wanted != ClassTable.void || marks?.instance != nil else { continue }
        let found = find(wanted, for: annotations[index], among: places[wanted] ?? [], isNamed: marks?.instance != nil)
        guard let found else {
          if marks != nil { missingObjects.append(wanted) }
          marks?.put(into: &annotations[index])
          continue
        }
        take(found, for: &annotations[index])
      } else {
        marks?.put(into: &annotations[index])
        continue
      }
      if marks?.boxIsOfMask == true { annotations[index].box = nil }
    }
  }

  /// Finds the region of an object of a number, by its label unless the file names the number.
  private mutating func find(_ instance: UInt32, for annotation: Annotation, among places: [Int], isNamed: Bool) -> Int? {
    // Of several regions the largest is the object; the others are specks.
    let free = places.filter { !regions[$0].isTaken }.sorted { regions[$0].area > regions[$1].area }
    let same = free.first { regions[$0].label != nil && regions[$0].label == annotation.label }
    // Without a class in the picture the object's own label counts.
    guard let found = same ?? free.first(where: { regions[$0].label == nil && regions[$0].number != ClassTable.void }) else {
      return isNamed ? free.first : nil
    }
    guard !isNamed, let box = annotation.box?.converted(to: .corners), box.unit == .pixels,
      let bounds = RunLength.bounds(of: regions[found].runs, height: pair.height)?.converted(to: .corners)
    else { return found }
    if bounds.first < box.third, box.first < bounds.third, bounds.second < box.fourth, box.second < bounds.fourth { return found }
    strayObjects.append(instance)
    return nil
  }

  private mutating func take(_ at: Int, for annotation: inout Annotation) {
    regions[at].isTaken = true
    annotation.shape = .mask(Mask(width: pair.width, height: pair.height, runs: .counts(regions[at].runs)))
    let label = annotation.label.flatMap { labels.label($0) }?.name
    keep(regions[at], label: label, isInFile: true, in: &annotation)
  }

  /// Keeps what a writer would not come to by itself.
  private func keep(_ region: Region, label: String?, isInFile: Bool, in annotation: inout Annotation) {
    var kept = KeptMask()
    if !isInFile { kept.instance = region.instance }
    if let number = region.number, let picture = pair.classes {
      if let label, region.name == nil || region.name == label {
        if !classes.isWritten(label, as: number, in: picture) { kept.number = number }
      } else {
        kept.number = number
      }
      kept.label = label
    }
    kept.put(into: &annotation)
  }

  /// Adds an annotation for each region that belongs to no object of the file.
  func appendRest(to annotations: inout [Annotation]) {
    for region in regions where !region.isTaken {
      var annotation = Annotation(
        label: region.label, shape: .mask(Mask(width: pair.width, height: pair.height, runs: .counts(region.runs))))
      keep(region, label: region.name, isInFile: false, in: &annotation)
      annotations.append(annotation)
    }
  }
}

extension MaskJoin.Region {
  /// Objects come in the order of their numbers, before what belongs to none.
  fileprivate var rank: UInt32 {
    guard let instance else { return 0 }
    return instance == 0 ? .max : instance == ClassTable.void ? .max - 1 : instance
  }
}

extension LabelCache {
  /// The label of a name.
  fileprivate func intern(_ name: String) -> LabelID {
    var name = name
    return name.withUTF8 { intern($0) }
  }
}
