import WaybillDatasetModel
import WaybillFormatSupport

/// What the numbers and colours of class pictures mean.
struct MaskClasses: Sendable {
  /// Where the meaning comes from.
  enum Source: Sendable {
    /// The 20 classes of Pascal VOC.
    case standard
    /// The lines of `class_names.txt`, numbered from 0.
    case names
    /// The lines of `labelmap.txt` with their colours.
    case labelmap
  }

  let source: Source
  private var lines: [String] = []
  private var colors: [UInt32?] = []
  private var byColor: [UInt32: Int] = [:]
  /// What would be written.
  let table: ClassTable

  /// The meaning of the classes of a label list.
  init(_ source: Source, _ labels: [Label]) {
    self.source = source
    table = ClassTable(labels)
    switch source {
    case .standard: lines = [ClassTable.backgroundName] + ClassTable.standard
    case .names:
      // What labelme2voc writes: the class that is ignored has no number.
      lines = labels.map(\.name).filter { $0 != "__ignore__" }
    case .labelmap:
      lines = labels.map(\.name)
      colors = labels.map(\.color)
      for (line, color) in colors.enumerated() {
        if let color, byColor[color] == nil { byColor[color] = line }
      }
    }
  }

  /// The name of a class in a picture; nil for one that nothing names.
  func name(of number: UInt32, in picture: LabelPicture) -> String? {
    let line = Int(number)
    if source == .labelmap, let color = picture.color(of: number) {
      if picture.form == .palette, line < colors.count, colors[line] == color { return lines[line] }
      if let found = byColor[color] { return lines[found] }
    } else if line < lines.count {
      return lines[line]
    }
    return number == ClassTable.void ? ClassTable.voidName : nil
  }

  /// Whether an object's label shows that the classes of its mask are not those of Pascal VOC, where no list names them.
  func isForeign(_ label: String) -> Bool { source == .standard && ClassTable.standardNumber(label) == nil }

  /// Whether a class that was read under a number is written under it again.
  func isWritten(_ name: String, as number: UInt32, in picture: LabelPicture) -> Bool {
    guard let paint = table[name] else { return false }
    return picture.form == .rgb ? ColorMap.color(of: number) == paint.color : paint.number == number
  }
}
