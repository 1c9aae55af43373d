import WaybillFormatSupport

extension TextClassificationFormat {
  /// What can be wrong with a file.
  static let rules: [FormatRule] = [
    FormatRule("csv.unterminated-quote", .error, "A quoted field is closed."),
    FormatRule("csv.long-row", .error, "A row has at most 16 MiB."),
    FormatRule("csv.many-fields", .error, "A row has at most 65,536 fields."),
    FormatRule("csv.text-behind-quote", .error, "Behind a closing quote comes a delimiter or the end of the row."),
    FormatRule(
      "text-classification.file.encoding", .error,
      "A file is UTF-8, or in the encoding that its mark or the option `encoding` tells."),
    FormatRule("text-classification.file.columns", .error, "All files of a folder have the same columns."),
    FormatRule("text-classification.row.columns", .error, "A row has no more fields than there are columns, and one for the text."),
    FormatRule(
      "text-classification.row.short", .warning, "A row has as many fields as there are columns; fields that are missing are empty."
    ),
    FormatRule("text-classification.pair.lines", .error, "A file of texts and the file of their labels have as many lines."),
    FormatRule("text-classification.write.no-text", .error, "A sample has a text of its own."),
    FormatRule("text-classification.write.no-label", .error, "An annotation has a label."),
    FormatRule("text-classification.write.label", .error, "A label can stand beside others in its place."),
    FormatRule("text-classification.write.line", .error, "A text can be a line where it has to be one, and is not blank."),
    FormatRule(
      "text-classification.write.field", .error, "A field of a table without quotes holds neither delimiters nor line ends."),
    FormatRule("text-classification.write.encoding", .error, "The encoding of the file has all characters."),
    FormatRule("text-classification.write.long-row", .error, "A row has at most 16 MiB."),
    FormatRule("text-classification.write.split", .error, "The name of a split can be the name of a file."),
  ]
}
