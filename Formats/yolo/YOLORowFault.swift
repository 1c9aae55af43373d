import WaybillDiagnostics

/// What is wrong with a row: the rule, the words, and where in the row.
struct YOLORowFault: Error {
  var rule: String
  var message: String
  /// Where in the row; nil for the whole row.
  var range: Range<Int>?

  /// The row does not begin with a class number.
  static func noClass(_ text: UnsafeRawBufferPointer) -> YOLORowFault {
    YOLORowFault(
      rule: "yolo.row.class",
      message: "A row begins with the number of its class, not with \"\(shown(text))\"", range: 0..<text.count)
  }

  /// The class has no name.
  static func classRange(_ number: Int, _ length: Int, _ index: YOLOIndex) -> YOLORowFault {
    let known = index.positions == nil ? "there are \(index.classCount), from 0 on" : "\"names\" does not list it"
    return YOLORowFault(rule: "yolo.row.class-range", message: "The class \(number) has no name; \(known)", range: 0..<length)
  }

  /// A column is no number.
  static func number(_ base: UnsafePointer<UInt8>, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> YOLORowFault {
    var stop = start
    while stop < end, !YOLOLines.isBlank(stop.pointee) { stop += 1 }
    let text = UnsafeRawBufferPointer(start: start, count: stop - start)
    return YOLORowFault(
      rule: "yolo.row.number", message: "A column after the class is a finite number, not \"\(shown(text))\"",
      range: (start - base)..<(stop - base))
  }

  /// The width or the height of the box is negative.
  static let negative = YOLORowFault(rule: "yolo.row.negative", message: "A box has no negative width or height", range: nil)

  /// Nine columns without a task.
  static let ambiguous = YOLORowFault(
    rule: "yolo.row.ambiguous",
    message: "A row of 9 columns is a turned box or an outline of four points; --from yolo:task=obb or task=segment says which",
    range: nil)

  /// A pose without the shape of its keypoints.
  static func keypointShape(_ count: Int) -> YOLORowFault {
    YOLORowFault(
      rule: "yolo.row.columns",
      message: "A row of \(count) columns has keypoints, and kpt_shape is not given; --from yolo:task=pose,keypoints=17x3 says it",
      range: nil)
  }

  /// A number of columns that the task does not have.
  static func columns(_ count: Int, _ index: YOLOIndex) -> YOLORowFault {
    let wanted: String
    switch index.task {
    case .detect: wanted = "a box is class, x, y, width, height"
    case .segment: wanted = "an outline is class, then x and y of three points or more"
    case .obb: wanted = "a turned box is class, then x and y of four corners"
    case .pose:
      let shape = index.keypoints.map { "\($0.count) times \($0.numbers) numbers" } ?? "its keypoints"
      wanted = "a pose is class, x, y, width, height, then \(shape)"
    case nil: wanted = "a box has 5, an outline an odd number from 7 on; --from yolo:task=pose,keypoints=17x3 reads keypoints"
    }
    return YOLORowFault(
      rule: "yolo.row.columns", message: "This row has \(count) \(count == 1 ? "column" : "columns"); \(wanted)", range: nil)
  }

  private static func shown(_ text: UnsafeRawBufferPointer) -> String {
    terminalSafe(String(decoding: text.prefix(40), as: UTF8.self)) + (text.count > 40 ? ".." : "")
  }
}
