/// Which columns of a table are the text, its labels and its id, by the names they usually have.
enum ColumnNames {
  /// Names of columns of texts, the likeliest first.
  static let texts = [
    "text", "sentence", "content", "review", "body", "message", "document", "comment", "comment_text", "utterance", "tweet", "data",
    "sentence1",
    "sentence_1", "text1", "text_a", "premise", "question", "question1", "query", "#1 string",
  ]
  /// Names of columns of labels, the likeliest first.
  static let labels = [
    "label", "labels", "class", "category", "categories", "target", "sentiment", "topic", "intent", "polarity", "gold_label",
    "quality", "tag",
    "tags",
  ]
  /// Names by which tables of pictures, recordings and boxes are told.
  static let foreign: Set<String> = [
    "filename", "file_name", "file", "path", "filepath", "image", "image_id", "imageid", "img", "audio", "wav", "video", "video_id",
    "client_id",
    "xmin", "x_min", "bbox", "width", "start", "end", "start_time", "token", "word", "pos",
  ]

  /// A name as it is compared: without white space around it, in lower case.
  static func plain(_ name: String) -> String {
    var scalars = Substring(name).unicodeScalars
    while let first = scalars.first, first == " " || first == "\t" || first == "\u{FEFF}" { scalars.removeFirst() }
    while let last = scalars.last, last == " " || last == "\t" || last == "\r" { scalars.removeLast() }
    return String(String.UnicodeScalarView(scalars)).lowercased()
  }

  /// The first column whose name is among some, in their order.
  static func find(_ wanted: [String], in names: [String]) -> Int? {
    let plain = names.map(plain)
    for name in wanted { if let found = plain.firstIndex(of: name) { return found } }
    return nil
  }
}
