import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  /// Appends the numbers of a list to ``numbers``.
  mutating func takeNumbers(_ scanner: inout JSONScanner) throws(JSONFault) {
    if takePlainNumbers(&scanner) { return }
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) { numbers.append(try scanner.double()) }
  }

  /// Appends the numbers of a list of one number or more; takes nothing when the list holds anything else.
  ///
  /// Three quarters of all bytes of COCO files pass through this loop.
  @inline(__always)
  private mutating func takePlainNumbers(_ scanner: inout JSONScanner) -> Bool {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    let start = base + scanner.offset
    let end = base + bytes.count
    var p = start
    let before = numbers.count
    guard p < end, p.pointee == UInt8(ascii: "[") else { return false }
    p += 1
    while true {
      numbers.reserve(64)
      let taken = NumberRuns.read(&p, end, into: numbers.base + numbers.count, room: numbers.capacity - numbers.count)
      numbers.advance(by: taken)
      if taken == 0 {
        Self.skipSpaces(&p, end)
        var value = 0.0
        guard let next = NumberParser.double(p, end, &value) else { break }
        numbers.append(value)
        p = next
        Self.skipSpaces(&p, end)
      }
      guard p < end else { break }
      if p.pointee == UInt8(ascii: " ") { Self.skipSpaces(&p, end) }
      guard p < end else { break }
      if p.pointee == UInt8(ascii: ",") {
        p += 1
        if p < end, p.pointee == UInt8(ascii: " ") { p += 1 }
      } else if p.pointee == UInt8(ascii: "]") {
        scanner.offset += p + 1 - start
        return true
      } else {
        break
      }
    }
    numbers.truncate(to: before)
    return false
  }

  @inline(__always) private static func skipSpaces(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    while p < end, p.pointee == 0x20 || p.pointee == 0x0A || p.pointee == 0x0D || p.pointee == 0x09 { p += 1 }
  }

  /// Reads a segmentation of any kind; false when the annotation must be left out.
  mutating func takeSegmentation(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene,
    _ start: Int
  ) throws(JSONFault) -> Bool {
    let value = scanner.offset
    switch try scanner.peekKind() {
    case .array: return try takePolygons(key, &scanner, &annotation, scene, start)
    case .object: return try takeMask(key, &scanner, &annotation, scene, start)
    case .null: try members.take(key, from: &scanner)
    case .string, .number, .boolean:
      try members.take(key, from: &scanner)
      warnOfKind(scene, start, value, scanner)
    }
    return true
  }

  private func warnOfKind(_ scene: borrowing AnnotationScene, _ start: Int, _ value: Int, _ scanner: borrowing JSONScanner) {
    scene.report(
      .warning, "coco.annotation.segmentation-kind",
      "Segmentation of \(scene.name(at: start)) is neither a list of polygons nor a run-length mask; it is kept as it is",
      at: value,
      scanner.offset)
  }

  private mutating func takePolygons(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene,
    _ start: Int
  ) throws(JSONFault) -> Bool {
    let value = scanner.offset
    numbers.removeAll()
    ringEnds.removeAll(keepingCapacity: true)
    var progress = try scanner.beginArray()
    var shortest = Int.max
    while try scanner.nextElement(&progress) {
      let before = numbers.count
      guard try scanner.peekKind() == .array, try !scanner.beginsWithList() else {
        // Bare numbers, points as pairs, masks in a list: kept, but not understood.
        try members.take(key, from: &scanner, at: value)
        warnOfKind(scene, start, value, scanner)
        return true
      }
      let ring = scanner.offset
      try takeNumbers(&scanner)
      let count = numbers.count - before
      guard count % 2 == 0 else {
        return refuse(
          "polygon-odd", "A polygon of \(scene.name(at: start)) has \(count) numbers; points are pairs of x and y", scene, ring,
          scanner)
      }
      shortest = min(shortest, count)
      ringEnds.append(numbers.count)
    }
    guard numbers.count > 0 else {
      try members.take(key, from: &scanner, at: value)
      return true
    }
    if shortest < 6 {
      scene.report(
        .warning, "coco.annotation.polygon-short",
        "A polygon of \(scene.name(at: start)) has \(shortest / 2) point\(shortest == 2 ? "" : "s"); a polygon has three or more",
        at: value, scanner.offset)
    }
    annotation.shape = .polygon(
      Polygon(coordinates: numbers.array, ringEnds: ringEnds.count > 1 ? Array(ringEnds.dropLast()) : []))
    return true
  }

  private mutating func takeMask(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene,
    _ start: Int
  ) throws(JSONFault) -> Bool {
    let value = scanner.offset
    var size: (height: Int, width: Int)?
    var runs: Mask.Runs?
    var isPlain = true
    var seen = KeySet()
    var progress = try scanner.beginObject()
    while true {
      guard let member = try scanner.nextKey(&progress) else { break }
      switch member {
      case "size":
        try seen.insert(0, member, in: bytes)
        size = try Self.size(&scanner)
      case "counts":
        try seen.insert(1, member, in: bytes)
        switch try scanner.peekKind() {
        case .string: runs = .compressed(try scanner.string().makeString())
        case .array:
          if let counts = plainCounts(&scanner) {
            runs = .counts(counts)
          } else {
            runs = try Self.counts(&scanner).map { .counts($0) }
          }
        default: try scanner.skipValue()
        }
      default:
        isPlain = false
        try scanner.skipValue()
      }
    }
    guard let size else {
      return refuse(
        "rle-size", "The mask of \(scene.name(at: start)) has no size; it is a list of height and width", scene, value, scanner)
    }
    guard let runs else {
      return refuse(
        "rle-counts", "The mask of \(scene.name(at: start)) has no counts that are lengths or COCO's compressed text", scene, value,
        scanner)
    }
    let mask = Mask(width: size.width, height: size.height, runs: runs)
    do throws(RunLength.Problem) {
      try RunLength.check(try RunLength.runs(of: mask), width: size.width, height: size.height)
    } catch {
      if case .total(let total, let expected) = error {
        return refuse(
          "rle-total",
          "The runs of the mask of \(scene.name(at: start)) cover \(total) pixels; the image has \(size.height) x \(size.width) = "
            + "\(expected)", scene, value, scanner)
      }
      return refuse(
        "rle-counts", "The compressed runs of the mask of \(scene.name(at: start)) cannot be read", scene, value, scanner)
    }
    annotation.shape = .mask(mask)
    if !isPlain { try members.take(key, from: &scanner, at: value) }
    return true
  }

  /// Reads a mask's height and width; nil for anything else.
  private static func size(_ scanner: inout JSONScanner) throws(JSONFault) -> (height: Int, width: Int)? {
    guard let values = try integers(&scanner), values.count == 2, values[0] >= 0, values[1] >= 0 else { return nil }
    return (Int(values[0]), Int(values[1]))
  }

  /// Reads lengths of runs that are plain digits with commas and single spaces between them; nil, with nothing read, for all else.
  private mutating func plainCounts(_ scanner: inout JSONScanner) -> [UInt32]? {
    let start = scanner.offset
    guard start < bytes.count, bytes[start] == UInt8(ascii: "[") else { return nil }
    lengths.removeAll(keepingCapacity: true)
    var at = start &+ 1
    while at < bytes.count {
      var value: UInt64 = 0
      let first = at
      while at < bytes.count, bytes[at] &- 48 <= 9, at &- first < 10 {
        value = value &* 10 &+ UInt64(bytes[at] &- 48)
        at &+= 1
      }
      guard at > first, at < bytes.count, value <= UInt64(UInt32.max), bytes[first] != 48 || at == first &+ 1 else { return nil }
      lengths.append(UInt32(truncatingIfNeeded: value))
      if bytes[at] == UInt8(ascii: "]") {
        scanner.offset = at &+ 1
        return lengths.withUnsafeBufferPointer { Array($0) }
      }
      guard bytes[at] == UInt8(ascii: ",") else { return nil }
      at &+= 1
      if at < bytes.count, bytes[at] == UInt8(ascii: " ") { at &+= 1 }
    }
    return nil
  }

  /// Reads lengths of runs; nil when one is no length.
  private static func counts(_ scanner: inout JSONScanner) throws(JSONFault) -> [UInt32]? {
    guard let values = try integers(&scanner) else { return nil }
    var counts: [UInt32] = []
    counts.reserveCapacity(values.count)
    for value in values {
      guard let count = UInt32(exactly: value) else { return nil }
      counts.append(count)
    }
    return counts
  }

  /// Reads a list of whole numbers; nil, with the scanner behind the value, for anything else.
  private static func integers(_ scanner: inout JSONScanner) throws(JSONFault) -> [Int64]? {
    let start = scanner.offset
    do throws(JSONFault) {
      var values: [Int64] = []
      var progress = try scanner.beginArray()
      while try scanner.nextElement(&progress) { values.append(try scanner.integer()) }
      return values
    } catch {
      scanner.offset = start
      try scanner.skipValue()
      return nil
    }
  }
}

extension JSONScanner {
  /// Whether the list the scanner stands on has a list or an object as its first element.
  fileprivate func beginsWithList() throws(JSONFault) -> Bool {
    var copy = self
    var progress = try copy.beginArray()
    guard try copy.nextElement(&progress) else { return false }
    let kind = try copy.peekKind()
    return kind == .array || kind == .object
  }
}
