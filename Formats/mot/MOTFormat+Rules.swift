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
    FormatRule("mot.row.long", .error, "A row is at most 64 kilobytes long"),
    FormatRule("mot.row.frame", .error, "The number of a frame is not negative"),
    FormatRule("mot.row.class", .error, "The class of a row is a whole number, or -1 for none"),
    FormatRule("mot.class.unknown", .warning, "labels.txt names every class"),
    FormatRule("mot.seqinfo.number", .error, "seqLength, imWidth and imHeight are whole numbers"),
    FormatRule("mot.seqinfo.folder", .error, "imDir is a folder below that of the sequence"),
    FormatRule("mot.seqinfo.ending", .error, "imExt is how names end, and no path"),
    FormatRule("mot.seqinfo.encoding", .error, "seqinfo.ini is UTF-8"),
    FormatRule("mot.seqinfo.size", .error, "seqinfo.ini is at most a megabyte long"),
    FormatRule("mot.labels.encoding", .error, "labels.txt is UTF-8"),
    FormatRule("mot.labels.size", .error, "labels.txt is at most a megabyte long"),
    FormatRule("mot.list.value", .error, "A line of frames.txt, tracks.txt, ids.txt or attributes.jsonl can be read"),
    FormatRule("mot.list.foreign", .warning, "frames.txt, tracks.txt, ids.txt and attributes.jsonl are what Waybill writes"),
    FormatRule("mot.write.box", .error, "Every object has a box"),
    FormatRule("mot.write.unit", .error, "Boxes are written in pixels, so shares need the size of the picture"),
    FormatRule("mot.write.class", .error, "A label is a line of labels.txt"),
    FormatRule("mot.write.frame", .error, "The number of a frame is not negative, and below two thousand million"),
  ]
}
