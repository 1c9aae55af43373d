import WaybillFormatSupport

extension RTTMFormat {
  /// What can be wrong with a file.
  static let rules: [FormatRule] = [
    FormatRule("rttm.file.empty", .warning, "A file has records; one without is kept and written again."),
    FormatRule("rttm.file.encoding", .error, "A file is UTF-8; a line that is not is left out."),
    FormatRule("rttm.file.bom", .warning, "A file begins without a byte order mark; one that is there is written again."),
    FormatRule("rttm.row.type", .error, "A row begins with the type of its record."),
    FormatRule("rttm.row.type-case", .warning, "The type of a record is written in capitals."),
    FormatRule("rttm.row.recording", .error, "A row names its recording in the second field."),
    FormatRule("rttm.row.fields", .error, "A row has 9 or 10 fields."),
    FormatRule("rttm.row.time", .error, "The begin and the duration of a turn or a word are numbers of seconds."),
    FormatRule("rttm.row.duration", .error, "A duration is not negative."),
    FormatRule("rttm.row.negative", .warning, "No record begins before the recording."),
    FormatRule("rttm.row.confidence", .warning, "A confidence is a number from 0 to 1, or `<NA>`; any other is kept unread."),
    FormatRule("rttm.uem.row", .error, "A row of a UEM file is a recording, a channel, a begin and an end."),
    FormatRule("rttm.uem.empty", .warning, "A UEM file has rows."),
    FormatRule("rttm.write.name", .error, "The name of a recording is not empty and has no white space."),
    FormatRule("rttm.write.label", .error, "A label is not empty, not `<NA>`, and has no white space."),
    FormatRule("rttm.write.location", .warning, "A recording has one name, its key; another location is not written."),
    FormatRule("rttm.write.no-time", .error, "An annotation has an interval or an instant."),
    FormatRule("rttm.write.time", .error, "An interval ends at or after its begin."),
    FormatRule("rttm.write.number", .error, "A confidence is finite."),
    FormatRule("rttm.write.uem", .warning, "UEM rows are written into a folder only."),
  ]
}
