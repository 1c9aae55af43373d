import WaybillFormatSupport

extension CoNLLFormat {
  /// Every rule of the reader and the writer.
  static let rules: [FormatRule] = [
    FormatRule("conll.file.empty", .warning, "A file has rows."),
    FormatRule("conll.file.columns", .error, "The columns that options name are there."),
    FormatRule("conll.file.encoding", .error, "Text is UTF-8."),
    FormatRule("conll.file.bom", .warning, "A file has no byte order mark; it is written again."),
    FormatRule("conll.sentence.size", .error, "A sentence has less than 2 GiB."),
    FormatRule("conll.sentence.columns", .warning, "The rows of all sentences have as many columns."),
    FormatRule("conll.row.columns", .error, "The rows of a sentence have as many columns as one another."),
    FormatRule("conll.tag.syntax", .error, "A tag is O, or one of the letters BIESLUM with a hyphen and a label or alone."),
    FormatRule("conll.tag.sequence", .warning, "Tags follow one scheme; those that do not are kept and read all the same."),
    FormatRule("conll.text.mismatch", .warning, "The text in a comment holds the tokens in order, and white space between them."),
    FormatRule("conll.write.no-text", .error, "A sample has a text or tokens."),
    FormatRule(
      "conll.write.cell", .error, "Cells of a row have no line end and no separator, and are not empty where spaces part them."),
    FormatRule("conll.write.columns", .error, "Each token has a value for each column."),
    FormatRule("conll.write.label", .error, "A label can stand in a tag: it has no line end and no separator, and is not empty."),
    FormatRule("conll.write.comments", .warning, "With comments=no, texts, keys, attributes and names of columns are not written."),
  ]
}
