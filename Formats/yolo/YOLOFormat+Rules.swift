import WaybillFormatSupport

extension YOLOFormat {
  /// What can be wrong with a dataset.
  static let rules: [FormatRule] = [
    FormatRule("yaml.syntax", .error, "The YAML file is well-formed."),
    FormatRule("yaml.invalid-utf8", .error, "The YAML file is UTF-8."),
    FormatRule("yaml.too-deep", .error, "Values of the YAML file are nested at most 64 deep."),
    FormatRule("yaml.duplicate-key", .error, "A key stands once in a mapping."),
    FormatRule(
      "yaml.unsupported", .error, "The YAML file has no anchors, aliases, tags, complex keys, directives or second document."),
    FormatRule("yolo.yaml.root", .error, "The YAML file is a mapping."),
    FormatRule("yolo.yaml.task", .error, "`task` is detect, segment, pose or obb."),
    FormatRule("yolo.yaml.names", .error, "`names` is a list of names, or a mapping from class numbers to names."),
    FormatRule("yolo.yaml.nc", .warning, "`nc` is the number of names."),
    FormatRule("yolo.yaml.kpt-shape", .error, "`kpt_shape` is the number of keypoints, and 2 or 3 numbers for each."),
    FormatRule("yolo.yaml.split", .error, "A split is a folder, a list of images, or several of them."),
    FormatRule(
      "yolo.names.missing", .warning, "The names of the classes are given; without them, classes are named by their numbers."),
    FormatRule("yolo.names.duplicate", .warning, "No two classes have one name."),
    FormatRule("yolo.split.missing", .warning, "The folder or list of a split is there."),
    FormatRule("yolo.image.two-splits", .warning, "An image is listed once; the first place counts."),
    FormatRule("yolo.label.no-image", .warning, "The image of a label file is there or listed; otherwise its name has no ending."),
    FormatRule("yolo.label.unlisted", .warning, "A label file belongs to a split; otherwise it is read all the same."),
    FormatRule("yolo.file.unreadable", .error, "Each label file can be read."),
    FormatRule("yolo.file.skipped", .warning, "Files and folders that cannot be looked into are left out."),
    FormatRule("yolo.file.bom", .warning, "A byte order mark before the rows is read over and not written again."),
    FormatRule("yolo.row.class", .error, "A row begins with the number of its class, a whole number from 0 on."),
    FormatRule("yolo.row.class-spelling", .warning, "The number of a class is written without a point."),
    FormatRule("yolo.row.class-range", .error, "The number of a class has a name."),
    FormatRule("yolo.row.number", .error, "A coordinate is a finite number."),
    FormatRule("yolo.row.columns", .error, "A row has as many columns as its task says."),
    FormatRule("yolo.row.ambiguous", .error, "A row of nine columns is a turned box or an outline: the task must be known."),
    FormatRule("yolo.row.negative", .error, "A box has no negative width or height."),
    FormatRule("yolo.row.outside", .warning, "Coordinates are shares of the image from 0 to 1; others are kept as they are."),
    FormatRule("yolo.row.duplicate", .warning, "No row stands twice in a file; both are kept."),
    FormatRule("yolo.write.no-label", .error, "An annotation has a label."),
    FormatRule("yolo.write.no-shape", .error, "An annotation has a box, a polygon of one ring or keypoints."),
    FormatRule("yolo.write.no-size", .error, "Pixels become shares of the image only when its size is known."),
    FormatRule("yolo.write.number", .error, "Numbers are finite."),
    FormatRule("yolo.write.points", .error, "A polygon has three points or more; a turned box has four."),
    FormatRule("yolo.write.keypoints", .error, "Keypoints have a box, and either all of them have a visibility or none."),
    FormatRule("yolo.write.rounded", .warning, "With `digits`, coordinates are rounded."),
    FormatRule("yolo.write.mixed", .warning, "Boxes among outlines are read by Ultralytics as outlines of two points."),
    FormatRule("yolo.write.split-name", .warning, "The splits val and valid are both written as val, which means validation."),
    FormatRule("yolo.write.split", .error, "The name of a split can be the name of a list."),
    FormatRule("yolo.write.name", .error, "The name of an image can be a line of a list and a path below a folder."),
  ]
}
