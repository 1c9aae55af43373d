import WaybillFormatSupport

extension AudacityFormat {
  /// What can be wrong with a file.
  static let rules: [FormatRule] =
    files.rules + [
      FormatRule("audacity.file.skipped", .warning, "A file without a tab is no label track and is left out."),
      FormatRule("audacity.row.fields", .error, "A label is a begin, an end and a text, with tabs between."),
      FormatRule("audacity.row.time", .error, "A begin and an end are numbers of seconds."),
      FormatRule("audacity.row.backwards", .error, "A label does not end before it begins."),
      FormatRule("audacity.row.negative", .warning, "No label begins before the recording."),
      FormatRule(
        "audacity.row.frequencies", .error, "A second line of a label is a backslash, a lowest and a highest frequency."),
      FormatRule("audacity.write.no-time", .error, "An annotation has an interval or an instant."),
      FormatRule("audacity.write.time", .error, "An interval does not end before it begins."),
      FormatRule("audacity.write.label", .error, "A label is not empty and has no line end."),
    ]
}
