import WaybillDatasetModel
import WaybillFormatSupport

/// The number and the colour of each class in label maps that are written, and the lines of `labelmap.txt`.
///
/// The 20 classes of Pascal VOC have the numbers they always had. A colour of the colour map stands for its own number; all other classes
/// are numbered as their lines in `labelmap.txt`, or with the next number that is free.
struct ClassTable: Sendable {
  /// The classes of Pascal VOC, numbered from 1.
  static let standard = [
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
    "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
  ]
  /// The number of the border of objects, and of what is not to be judged.
  static let void: UInt32 = 255
  /// What that number is called.
  static let voidName = "void"
  static let backgroundName = "background"

  /// What a class is painted as.
  struct Paint: Sendable, Equatable {
    var number: UInt32
    var color: UInt32
  }

  /// Whether numbers are those of Pascal VOC, so that no `labelmap.txt` is needed.
  let isStandard: Bool
  /// The classes in the order of their lines.
  private(set) var names: [String]
  private var paints: [String: Paint] = [:]
  private var taken: Set<UInt32> = [0, ClassTable.void]
  private var next: UInt32 = 1

  /// The classes of a label table.
  init(_ labels: [Label]) {
    let known = Set(ClassTable.standard + [ClassTable.voidName, ClassTable.backgroundName])
    isStandard = labels.allSatisfy { label in
      known.contains(label.name) && (label.color == nil || ClassTable.standardColor(label.name) == label.color)
    }
    names = labels.map(\.name)
    let keepsStandard = isStandard || labels.contains { ClassTable.standard.contains($0.name) }
    if keepsStandard { taken.formUnion(1...20) }
    // What colours settle comes first.
    for label in labels where paints[label.name] == nil {
      if let color = label.color {
        let number = ColorMap.number(of: color)
        let isOwn = ClassTable.standardNumber(label.name) == number
        if isOwn || number < ClassTable.void && !taken.contains(number) { setPaint(of: label.name, number) }
      } else if let number = ClassTable.standardNumber(label.name), number == 0 || number == ClassTable.void || keepsStandard {
        setPaint(of: label.name, number)
      }
    }
    let first = labels.contains { $0.color == 0 || $0.name == ClassTable.backgroundName } ? 0 : 1
    for (line, label) in labels.enumerated() where paints[label.name] == nil {
      let wanted = UInt32(line + first)
      var number = wanted == 0 || taken.contains(wanted) ? free() : wanted
      for own in [0, ClassTable.void] where label.color == ColorMap.color(of: own) && isFree(own) { number = own }
      taken.insert(number)
      paints[label.name] = Paint(number: number, color: label.color ?? ColorMap.color(of: number))
    }
    guard keepsStandard else { return }
    for name in ClassTable.standard + [ClassTable.voidName] where paints[name] == nil {
      if let number = ClassTable.standardNumber(name), number != ClassTable.void || isFree(number) { setPaint(of: name, number) }
    }
  }

  /// The number of a class in Pascal VOC; nil for any other.
  static func standardNumber(_ name: String) -> UInt32? {
    if name == voidName { return void }
    if name == backgroundName { return 0 }
    return standard.firstIndex(of: name).map { UInt32($0 + 1) }
  }

  /// Whether no class has one of the two numbers that are not handed out.
  private func isFree(_ number: UInt32) -> Bool { !paints.values.contains { $0.number == number } }

  private static func standardColor(_ name: String) -> UInt32? { standardNumber(name).map { ColorMap.color(of: $0) } }

  private mutating func setPaint(of name: String, _ number: UInt32) {
    taken.insert(number)
    paints[name] = Paint(number: number, color: ColorMap.color(of: number))
  }

  private mutating func free() -> UInt32 {
    while taken.contains(next) { next += 1 }
    return next
  }

  /// What a class is painted as; nil when it is not in the table.
  subscript(name: String) -> Paint? { paints[name] }

  /// What a class is painted as, which joins the table if it is new: for label tables that grow while samples are read.
  mutating func add(_ name: String) -> Paint {
    if let known = paints[name] { return known }
    let number = name == ClassTable.voidName && isFree(ClassTable.void) ? ClassTable.void : free()
    names.append(name)
    setPaint(of: name, number)
    return Paint(number: number, color: ColorMap.color(of: number))
  }

  /// The colours of the numbers.
  func palette() -> [UInt32] {
    let highest = paints.values.map(\.number).max() ?? 0
    var palette = (0...max(255, highest)).map { ColorMap.color(of: $0) }
    for paint in paints.values { palette[Int(paint.number)] = paint.color }
    return palette
  }
}

extension Label {
  /// The colour as 0xRRGGBB.
  var color: UInt32? { style.color.flatMap { ColorMap.color(named: $0) } }
}
