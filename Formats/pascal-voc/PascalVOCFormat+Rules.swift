import WaybillFormatSupport

extension PascalVOCFormat {
  /// What can be wrong with a folder of annotation files, beside the files themselves.
  static let rules: [FormatRule] = [
    FormatRule("voc.file.unreadable", .error, "Each annotation file can be read."),
    FormatRule("voc.file.skipped", .warning, "Files and folders that cannot be looked into are left out."),
    FormatRule("voc.file.bom", .warning, "A byte order mark before the text is read over and not written again."),
    FormatRule(
      "voc.filename", .warning, "`filename` names the picture with its ending; otherwise the name of the XML file is taken."),
    FormatRule("voc.set.no-annotation", .warning, "An image of a set has an annotation file; otherwise it is read as unlabeled."),
    FormatRule("voc.set.two-splits", .warning, "An image is in one split; the first one counts."),
    FormatRule("voc.set.utf8", .error, "A line of an image set is UTF-8 text."),
    FormatRule("voc.labelmap.utf8", .error, "A line of class_names.txt is UTF-8 text."),
    FormatRule("voc.labelmap.line", .warning, "A line of labelmap.txt is `label:color_rgb:parts:actions`."),
    FormatRule("voc.masks.png", .error, "A mask is a PNG file that can be read to its end."),
    FormatRule("voc.masks.size", .error, "A mask has the size of its image, and both masks of an image have the same."),
    FormatRule("voc.masks.too-many", .error, "The masks of an image have at most 65,535 parts."),
    FormatRule(
      "voc.masks.unknown-class", .warning, "A class number has a label: of the 20 classes, or of a list beside the masks."),
    FormatRule("voc.masks.order", .warning, "Object n of a mask is the n-th object of the annotation file, and lies in its box."),
    FormatRule("voc.masks.missing", .warning, "An object number that the annotation file names has pixels."),
    FormatRule("voc.write.size-unknown", .warning, "Without a size and without the picture, no `size` is written."),
    FormatRule("voc.write.no-set", .warning, "A single annotation file has no image set to name the split in."),
    FormatRule("voc.write.split-name", .warning, "The splits val and valid are both the set val, which means validation."),
    FormatRule(
      "voc.write.mask", .error, "Masks have the size of their image, no text that is no mask, and no more than 65,535 parts."),
    FormatRule("voc.write.mask-overlap", .warning, "A pixel belongs to one object; the last one covers those before it."),
    FormatRule("voc.write.split", .error, "The name of a split can be the name of a file."),
  ]
}
