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
    FormatRule("voc.labelmap.line", .warning, "A line of labelmap.txt is `label:color_rgb:parts:actions`."),
    FormatRule("voc.masks.not-read", .warning, "Masks in SegmentationClass and SegmentationObject are not read."),
    FormatRule("voc.write.size-unknown", .warning, "Without a size and without the picture, no `size` is written."),
    FormatRule("voc.write.no-set", .warning, "A single annotation file has no image set to name the split in."),
    FormatRule("voc.write.split-name", .warning, "The splits val and valid are both the set val, which means validation."),
    FormatRule("voc.write.split", .error, "The name of a split can be the name of a file."),
  ]
}
