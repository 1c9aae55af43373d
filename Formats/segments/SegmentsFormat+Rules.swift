import WaybillFormatSupport

extension SegmentsFormat {
  /// What can be wrong with a table.
  static let rules: [FormatRule] = [
    FormatRule("csv.unterminated-quote", .error, "A quoted cell is closed."),
    FormatRule("csv.long-row", .error, "A row has at most 16 MiB."),
    FormatRule("csv.many-fields", .error, "A row has at most 65,536 fields."),
    FormatRule("csv.text-behind-quote", .error, "Behind a closing quote comes a delimiter or the end of the row."),
    FormatRule("segments.file.encoding", .error, "A table is UTF-8."),
    FormatRule("segments.header.media", .error, "The first row names the columns, and one of them is `media`."),
    FormatRule("segments.header.duplicate", .error, "No two columns have one name."),
    FormatRule("segments.row.fields", .error, "A row has a cell for each column."),
    FormatRule("segments.row.media", .error, "A row names its media, or the key of its sample."),
    FormatRule("segments.row.two-tables", .error, "The rows of one sample stand in one table."),
    FormatRule("segments.row.blank", .warning, "No row is blank."),
    FormatRule("segments.row.empty", .warning, "A row that only names its media is the only one of its sample."),
    FormatRule("segments.row.disagrees", .warning, "All rows of a sample say the same about the media; the first counts."),
    FormatRule("segments.row.time", .error, "An annotation has a frame, or a begin with an end or without."),
    FormatRule("segments.row.backwards", .error, "An interval does not end before it begins."),
    FormatRule("segments.row.box", .error, "A box has four numbers, in columns that belong together."),
    FormatRule("segments.cell.value", .error, "A cell holds a value its column can have."),
    FormatRule("segments.write.name", .error, "A sample has a name."),
    FormatRule("segments.write.number", .error, "Numbers are finite, and the sides of a picture above 0."),
    FormatRule("segments.write.label", .error, "A label has a name."),
    FormatRule("segments.write.time", .error, "An interval does not end before it begins, and a duration is not negative."),
    FormatRule("segments.write.long-row", .error, "A row has at most 16 MiB."),
    FormatRule("segments.write.nothing", .error, "An annotation says something that a table has a column for."),
  ]
}
