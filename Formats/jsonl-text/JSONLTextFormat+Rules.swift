import WaybillFormatSupport

extension JSONLTextFormat {
  /// What can be wrong with a file.
  static let rules: [FormatRule] = [
    FormatRule("json.syntax", .error, "Each record is JSON."),
    FormatRule("json.truncated", .error, "No record ends in the middle."),
    FormatRule("json.number", .error, "Numbers are JSON numbers."),
    FormatRule("json.not-a-number", .error, "NaN and Infinity are no numbers."),
    FormatRule("json.lone-surrogate", .error, "A `\\u` escape names a whole character."),
    FormatRule("json.invalid-utf8", .error, "The file is UTF-8."),
    FormatRule("json.too-deep", .error, "Brackets are nested at most 1024 deep."),
    FormatRule("json.duplicate-key", .error, "A key stands once in an object."),
    FormatRule("jsonl-text.record.object", .error, "A record is an object."),
    FormatRule("jsonl-text.record.no-text", .error, "A record has a text, or the name of a text file."),
    FormatRule("jsonl-text.record.lines", .warning, "A record is one line; one over several lines is read all the same."),
    FormatRule("jsonl-text.record.reserved", .error, "The keys $form, $lead and $zero are not used."),
    FormatRule(
      "jsonl-text.member.kept", .warning,
      "Labels, spans, relations and tokens have a form that is known; others are kept as they are."),
    FormatRule(
      "jsonl-text.tags.syntax", .error, "Tags beside a list of tokens are O, or a letter such as B, a hyphen and a label."),
    FormatRule("jsonl-text.tags.count", .error, "There is a tag for each token."),
    FormatRule(
      "jsonl-text.tags.sequence", .warning,
      "Tags follow one scheme; entities begin and end where labels and letters change in others."),
    FormatRule(
      "jsonl-text.tags.unread", .warning,
      "Lists of as many texts as tokens that are called ner or labels hold tags; others are columns of the tokens, and no labels."),
    FormatRule(
      "jsonl-text.tags.numbers", .warning,
      "Tags are texts, or numbers that names=.. explains; other numbers are a column of the tokens, and no labels."),
    FormatRule("jsonl-text.span.offsets", .error, "A span has a start and an end, whole numbers, and as a list also a label."),
    FormatRule("jsonl-text.span.outside", .error, "A span lies in its text and does not end before it begins."),
    FormatRule("jsonl-text.span.empty", .warning, "A span holds at least one character."),
    FormatRule("jsonl-text.relation.ends", .error, "A relation has both from_id and to_id."),
    FormatRule("jsonl-text.mark.empty", .error, "A statement about the text has a label, a span, two ends or a text."),
    FormatRule("jsonl-text.write.no-text", .error, "A sample has a text or a place of one."),
    FormatRule("jsonl-text.write.span-outside", .error, "A span lies in its text, and does not begin or end inside a character."),
    FormatRule("jsonl-text.write.tokens", .error, "Tokens have the values their columns say and lie in the text."),
    FormatRule("jsonl-text.write.number", .error, "Scores are finite."),
    FormatRule("jsonl-text.write.empty", .error, "An annotation says a label, a span, a relation or a text."),
    FormatRule("jsonl-text.write.split", .error, "The name of a split can be the name of a file."),
  ]
}
