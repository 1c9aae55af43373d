import WaybillDiagnostics
import WaybillFormatSupport

extension MOTFormat {
  static let rules: [FormatRule] = [
    FormatRule("mot.file.bom", .warning, "A file of rows has no byte order mark"),
    FormatRule("mot.file.unread", .warning, "Every file of rows is read"),
    FormatRule("mot.line.blank", .warning, "A file of rows has no blank lines"),
    FormatRule("mot.line.ends", .warning, "All lines end in the same way"),
    FormatRule("mot.row.number", .error, "Every column is a number; frame, track and class are whole"),
    FormatRule("mot.row.columns", .error, "A row has six to ten columns"),
    FormatRule("mot.row.short", .warning, "A row has nine or ten columns"),
    FormatRule("mot.row.frame", .error, "The number of a frame is not negative"),
    FormatRule("mot.row.class", .error, "The class of a row is a whole number, or -1 for none"),
    FormatRule("mot.class.unknown", .warning, "labels.txt names every class"),
    FormatRule("mot.seqinfo.number", .error, "seqLength, imWidth and imHeight are whole numbers"),
    FormatRule("mot.seqinfo.folder", .error, "imDir is a folder below that of the sequence"),
    FormatRule("mot.write.box", .error, "Every object has a box"),
    FormatRule("mot.write.unit", .error, "Boxes are written in pixels, so shares need the size of the picture"),
    FormatRule("mot.write.class", .error, "A label is a line of labels.txt"),
    FormatRule("mot.write.frame", .error, "The number of a frame is not negative, and below two thousand million"),
  ]
}
