import WaybillFormatSupport

extension CoNLLUFormat {
  /// Every rule of the reader and the writer.
  static let rules: [FormatRule] = [
    FormatRule("conllu.file.empty", .warning, "A file has sentences."),
    FormatRule("conllu.file.encoding", .error, "Text is UTF-8."),
    FormatRule("conllu.file.bom", .warning, "A file has no byte order mark; it is written again."),
    FormatRule("conllu.file.columns", .error, "global.columns names each column once."),
    FormatRule("conllu.file.end", .warning, "An empty line stands behind the last sentence."),
    FormatRule("conllu.line.blank", .warning, "One empty line stands behind a sentence; more of them are kept."),
    FormatRule("conllu.line.spaces", .warning, "An empty line holds no spaces; they are kept."),
    FormatRule("conllu.line.syntax", .error, "A line is empty, a comment, or a row that begins with an id."),
    FormatRule("conllu.comment.place", .error, "Comments stand before the rows of their sentence."),
    FormatRule("conllu.comment.twice", .error, "A sentence has one sent_id and one text."),
    FormatRule("conllu.sentence.empty", .error, "A sentence has rows."),
    FormatRule("conllu.sentence.size", .error, "A sentence has less than 2 GiB."),
    FormatRule("conllu.row.columns", .error, "A row has ten columns, or as many as global.columns names."),
    FormatRule("conllu.field.empty", .error, "A field is not empty; without a value it is _."),
    FormatRule(
      "conllu.field.space", .error, "White space stands within forms, lemmas and MISC alone, once between two characters."),
    FormatRule("conllu.id.syntax", .error, "An id is a number, a range such as 3-4, or that of an empty node such as 3.1."),
    FormatRule("conllu.id.sequence", .error, "Words are numbered 1, 2, 3 and so on."),
    FormatRule("conllu.id.range", .error, "A range stands before its first word, does not overlap another, and ends with a word."),
    FormatRule("conllu.id.empty-node", .error, "Empty nodes behind a word are numbered from 1."),
    FormatRule("conllu.range.value", .error, "A range has a form and MISC, and no other value but Typo=Yes."),
    FormatRule("conllu.upos.syntax", .error, "UPOS is written in capital letters."),
    FormatRule("conllu.feats.syntax", .error, "Features are Name=Value with capitals in front; no value stands twice."),
    FormatRule("conllu.feats.order", .error, "Features are in the order of their names, none of them twice."),
    FormatRule("conllu.head.value", .error, "HEAD is 0 or another word of the sentence."),
    FormatRule("conllu.head.empty-node", .error, "Empty nodes have no HEAD and no DEPREL."),
    FormatRule("conllu.head.cycle", .error, "Heads do not lead round in circles."),
    FormatRule("conllu.deprel.root", .error, "DEPREL is root where HEAD is 0, and nowhere else."),
    FormatRule("conllu.deps.syntax", .error, "Dependencies are head:relation, parted by bars."),
    FormatRule("conllu.deps.head", .error, "The heads of dependencies are other words or empty nodes of the sentence, or 0."),
    FormatRule("conllu.deps.order", .error, "Dependencies are in the order of their heads, none of them twice."),
    FormatRule("conllu.deps.empty-node", .error, "Where there are dependencies, an empty node is the head of one."),
    FormatRule("conllu.text.mismatch", .warning, "The text in a comment holds the forms in order, and white space between them."),
    FormatRule(
      "conllu.tag.sequence", .warning, "Tags of entities follow one scheme; those that do not are kept and read all the same."),
    FormatRule(
      "conllu.entity.bracket", .warning, "A bracket of Entity is opened and closed in one sentence; others are kept in MISC."),
    FormatRule("conllu.write.no-text", .error, "A sample has a text or tokens."),
    FormatRule("conllu.write.columns", .error, "Each token has a value for each column."),
    FormatRule("conllu.write.row", .error, "The rows can be read again."),
    FormatRule("conllu.write.label", .error, "A label can stand in MISC: it has no bar, no tab and no line end, and is not empty."),
  ]
}
