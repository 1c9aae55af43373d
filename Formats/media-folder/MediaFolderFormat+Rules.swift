import WaybillFormatSupport

extension MediaFolderFormat {
  /// What can be wrong with a folder.
  static let rules: [FormatRule] = [
    FormatRule("csv.long-row", .error, "A row has at most 16 MiB."),
    FormatRule("csv.many-fields", .error, "A row has at most 65,536 fields."),
    FormatRule("csv.unterminated-quote", .error, "A quoted field is closed."),
    FormatRule("csv.text-behind-quote", .error, "Behind a closing quote comes a delimiter or the end of the row."),
    FormatRule("media-folder.file.other", .warning, "Files are pictures, sound or video by their endings; others are left out."),
    FormatRule("media-folder.file.unreadable", .error, "Each file of labels can be read."),
    FormatRule("media-folder.file.encoding", .error, "Text files, lists, names and tables are UTF-8."),
    FormatRule(
      "media-folder.folder.split-or-class", .warning,
      "A folder called like a split, with media in it and no class folders, stands beside others; it is read as a split."),
    FormatRule(
      "media-folder.text.no-media", .warning, "The medium of a text file is beside it; otherwise its name has no ending."),
    FormatRule("media-folder.text.shared", .warning, "A text file belongs to one medium; its labels are read for each."),
    FormatRule("media-folder.text.duplicate", .warning, "A label stands once in a text file; both are kept."),
    FormatRule("media-folder.list.class-range", .error, "The number of a class has a name."),
    FormatRule("media-folder.list.path", .error, "A line of a list begins with a path below the folder."),
    FormatRule("media-folder.list.unlisted", .warning, "Each medium stands in a list; others are left out."),
    FormatRule(
      "media-folder.names.missing", .warning,
      "The names of the classes are given; without them, classes are named by their numbers."),
    FormatRule("media-folder.names.blank", .error, "Each line of the file of names is a name."),
    FormatRule("media-folder.names.duplicate", .warning, "No two classes have one name."),
    FormatRule("media-folder.metadata.two-files", .warning, "A folder has metadata of one kind; the JSON Lines count."),
    FormatRule(
      "media-folder.metadata.no-row", .warning,
      "Each medium has a row of metadata; others are left out, as Hugging Face's reader does."),
    FormatRule("media-folder.metadata.no-media", .warning, "The medium of a row is there, where media lie beside the metadata."),
    FormatRule("media-folder.header.file-name", .error, "A table has a column `file_name`, or one that ends in `_file_name`."),
    FormatRule("media-folder.header.duplicate", .error, "No two columns of a table have one name."),
    FormatRule("media-folder.row.object", .error, "A line of metadata is a JSON object."),
    FormatRule("media-folder.row.no-file", .error, "A row names its file, as a text."),
    FormatRule("media-folder.row.path", .error, "A file name is a path below the folder of its metadata."),
    FormatRule("media-folder.row.columns", .error, "A row has as many fields as the table has columns."),
    FormatRule("media-folder.row.waybill", .error, "The member `waybill` says what its writer could not say otherwise."),
    FormatRule("media-folder.objects.length", .error, "Each list of `objects` has an element for each box."),
    FormatRule("media-folder.objects.box", .error, "A box is x, y, width, height."),
    FormatRule("media-folder.objects.negative", .error, "A box has no negative width or height."),
    FormatRule("media-folder.objects.value", .error, "A category is a text or a whole number, an id as well, an area a number."),
    FormatRule("media-folder.write.no-media", .error, "The media of class folders can be found."),
    FormatRule("media-folder.write.collision", .error, "No two files of the output have one path."),
    FormatRule("media-folder.write.path", .error, "The path of a medium can be a path below the folder."),
    FormatRule("media-folder.write.kind", .error, "The ending of a medium tells its kind, where nothing else can."),
    FormatRule("media-folder.write.split", .error, "A split that a folder or list can tell is train, validation or test, or none."),
    FormatRule("media-folder.write.label", .error, "A label can be the name of a folder, or a line of a file, where it is one."),
    FormatRule("media-folder.write.long-row", .error, "A row of a table has at most 16 MiB."),
    FormatRule("media-folder.write.no-answer", .error, "An annotation has a label, a text or a box."),
    FormatRule("media-folder.write.number", .error, "Numbers are finite, and a box has no negative width or height."),
    FormatRule("media-folder.write.no-size", .error, "Shares of an image become pixels only when its size is known."),
  ]
}
