import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

extension YOLOSurvey {
  /// Lists the images of all splits, then the label files that no split has.
  mutating func list(_ index: inout YOLOIndex) throws(DatasetError) {
    index.folder = folder
    var listing = YOLOListing()
    var lists: Set<ExactText> = []
    for entry in description.entries {
      let split = index.splitIndex(entry.split)
      // A list is read where it is found; whether it is a list its ending says, as for Ultralytics.
      if entry.text.hasSuffix(".txt") {
        guard let path = find(entry.text, isThere: { textPosition($0) != nil }) else {
          missing(entry)
          continue
        }
        guard lists.insert(ExactText(path)).inserted else {
          context.report(
            .warning, "yolo.image.two-splits", "The list \"\(terminalSafe(path))\" is used already; its images stay in that split",
            at: entry.range)
          continue
        }
        if let position = textPosition(path) { isUsed[position] = true }
        try readList(path, split, &listing, &index)
      } else {
        // Labels may come without their images.
        let isThere = { (path: String) in isFolder(path) || isFolder(String(YOLOPlaces.label(of: path + "/x").dropLast(6))) }
        guard let path = find(entry.text, isThere: isThere) else {
          missing(entry)
          continue
        }
        readFolder(path, split, entry.range, &listing, &index)
      }
    }
    // Lists named after a set that nobody mentions are still no label files.
    for name in ["train.txt", "val.txt", "valid.txt", "test.txt", "trainval.txt"] {
      guard let position = textPosition(name), !isUsed[position], YOLODetection.isList(head(name)) else { continue }
      isUsed[position] = true
      if description.isGiven { continue }
      try readList(name, index.splitIndex(SplitName.canonical(String(name.dropLast(4)))), &listing, &index)
    }
    addUnlisted(&listing, &index)
    addOrphans(&listing, &index)
    index.mediaFolders = mediaFolders(listing)
  }

  private func missing(_ entry: YOLODescription.Entry) {
    context.report(
      .warning, "yolo.split.missing", "The folder or list \"\(terminalSafe(entry.text))\" of the split is not there",
      at: entry.range)
  }

  /// The first bytes of a file that may be a label file; what cannot be read is an error, for anything could be in it.
  private func head(_ path: String) -> [UInt8] {
    do throws(DatasetError) { return try folder.readHead(path, count: 4096) } catch {
      let file = context.sources.add(joinedPath(root, path))
      context.report(unreadable: error, at: SourceRange(file: file, offset: 0))
      return []
    }
  }

  // MARK: Splits

  private mutating func readList(
    _ path: String, _ split: Int32, _ listing: inout YOLOListing, _ index: inout YOLOIndex
  ) throws(DatasetError) {
    let mapped = try folder.map(path)
    defer { withExtendedLifetime(mapped) {} }
    let file = context.sources.add(joinedPath(root, path))
    let own = FileName.folder(of: path)
    checkEncoding(mapped.bytes, file)
    for line in YOLOLines(mapped.bytes) {
      let range = SourceRange(file: file, offset: line.offset, length: line.length)
      if line.text.hasPrefix("./") {
        let place = own.isEmpty ? String(line.text.dropFirst(2)) : "\(own)/\(line.text.dropFirst(2))"
        add(place.hasPrefix("/") ? String(place.dropFirst()) : place, YOLOPlaces.key(of: place), split, range, &listing, &index)
      } else {
        let place = resolve(line.text, &listing)
        add(place, place.hasPrefix("/") ? place : YOLOPlaces.key(of: place), split, range, &listing, &index)
      }
    }
  }

  /// The path of a line below the root; lines come from other machines, with folders in front that are not here.
  private func resolve(_ line: String, _ listing: inout YOLOListing) -> String {
    func isThere(_ path: String) -> Bool { isPicture(path) || labelFile(of: path) != nil }
    if !line.utf8.contains(0x5C), isThere(line) { return line }
    if let found = find(line, isThere: isThere) {
      if line.hasSuffix(found) { listing.foreign = String(line.dropLast(found.count)) }
      return found
    }
    // An image without a label file stands beside the ones that were found.
    return !listing.foreign.isEmpty && line.hasPrefix(listing.foreign) ? String(line.dropFirst(listing.foreign.count)) : line
  }

  /// Adds the images of a folder; what is wrong with an entry stands where the folder is named.
  private mutating func readFolder(
    _ path: String, _ split: Int32, _ named: SourceRange, _ listing: inout YOLOListing, _ index: inout YOLOIndex
  ) {
    let prefix = path.isEmpty ? "" : path + "/"
    for picture in pictures where picture.utf8.starts(with: prefix.utf8) {
      add(picture, YOLOPlaces.key(of: picture), split, nil, named: named, &listing, &index)
    }
    let labels = YOLOPlaces.label(of: prefix + "x").dropLast(5)
    for (position, text) in texts.enumerated()
    where !isUsed[position] && text.utf8.starts(with: labels.utf8) && !YOLOPlaces.isNoLabel(text) {
      // Flat folders hold lists and notes as well; below `labels` everything is a label file.
      guard labels.utf8.count != prefix.utf8.count || YOLODetection.isRows(head(text)) else { continue }
      addOrphan(position, split, &index)
    }
  }

  /// Adds an image, unless it is there already.
  private mutating func add(
    _ place: String, _ key: String, _ split: Int32, _ range: SourceRange?, named: SourceRange? = nil,
    _ listing: inout YOLOListing, _ index: inout YOLOIndex
  ) {
    if let known = listing.positions[ExactText(key)] {
      let name =
        index.images[known].split >= 0 ? "the split \"\(terminalSafe(index.splits[Int(index.images[known].split)]))\"" : "no split"
      context.report(
        .warning, "yolo.image.two-splits", "The image \"\(terminalSafe(key))\" is listed already, in \(name)", at: range ?? named)
      return
    }
    listing.positions[ExactText(key)] = index.images.count
    var image = YOLOIndex.Image(key: key, label: "", split: split, source: range)
    if let path = try? RelativePath(place).text, let position = labelFile(of: path) {
      isUsed[position] = true
      image.label = texts[position]
      image.source = SourceRange(file: context.sources.add(joinedPath(root, image.label)), offset: 0)
    }
    index.images.append(image)
  }

  // MARK: What no split has

  /// Adds images that have a label file and are in no split; every image, when there are no splits.
  private mutating func addUnlisted(_ listing: inout YOLOListing, _ index: inout YOLOIndex) {
    let hasSplits = !description.entries.isEmpty
    let takesAll = !hasSplits && index.images.isEmpty
    for picture in pictures where listing.positions[ExactText(YOLOPlaces.key(of: picture))] == nil {
      if !takesAll {
        guard let position = labelFile(of: picture), !isUsed[position] else { continue }
      }
      let split = index.splitIndex(YOLOListing.folderSplit(picture))
      add(picture, YOLOPlaces.key(of: picture), split, nil, &listing, &index)
      if hasSplits, let image = index.images.last {
        context.report(
          .warning, "yolo.label.unlisted",
          "The image \"\(terminalSafe(picture))\" has labels and is in no split; it is read all the same",
          at: image.source)
      }
    }
  }

  /// Adds label files whose images are not there.
  private mutating func addOrphans(_ listing: inout YOLOListing, _ index: inout YOLOIndex) {
    var folders: Set<ExactText> = []
    for image in index.images where image.label.utf8.contains(0x2F) { folders.insert(ExactText(FileName.folder(of: image.label))) }
    for (position, text) in texts.enumerated() where !isUsed[position] && !YOLOPlaces.isNoLabel(text) {
      let parts = text.split(separator: "/").dropLast().map(String.init)
      let isLabelFolder = parts.contains(where: YOLOPlaces.labelFolders.contains)
      let isBeside = folders.contains(ExactText(FileName.folder(of: text)))
      guard isLabelFolder || isBeside || YOLODetection.isRows(head(text)) else { continue }
      addOrphan(position, index.splitIndex(YOLOListing.folderSplit(text)), &index)
    }
  }

  private mutating func addOrphan(_ position: Int, _ split: Int32, _ index: inout YOLOIndex) {
    let label = texts[position]
    isUsed[position] = true
    let source = SourceRange(file: context.sources.add(joinedPath(root, label)), offset: 0)
    context.report(
      .warning, "yolo.label.no-image",
      "The image of the label file \"\(terminalSafe(label))\" is not there, and no list names it; it is read without its ending",
      at: source)
    index.images.append(.init(key: YOLOPlaces.key(of: YOLOPlaces.image(of: label)), label: label, split: split, source: source))
  }

  private func mediaFolders(_ listing: YOLOListing) -> [String] {
    var found = [joinedPath(root, "images")]
    var known: Set<ExactText> = []
    for path in pictures {
      guard path.hasPrefix("obj_"), let slash = path.firstIndex(of: "/"), known.insert(ExactText(String(path[..<slash]))).inserted
      else { continue }
      found.append(joinedPath(root, String(path[..<slash])))
    }
    found.append(root)
    return found
  }
}

/// What is known while images are listed.
struct YOLOListing {
  /// Positions of images by key.
  var positions: [ExactText: Int] = [:]
  /// The folders of another machine that the lines of lists begin with.
  var foreign = ""

  /// The split that the folders of a file tell.
  static func folderSplit(_ file: String) -> String? {
    for component in file.split(separator: "/").dropLast() {
      switch component.lowercased() {
      case "train", "obj_train_data": return "train"
      case "val", "valid", "validation", "obj_valid_data", "obj_validation_data": return "validation"
      case "test", "obj_test_data": return "test"
      default: continue
      }
    }
    return nil
  }
}
