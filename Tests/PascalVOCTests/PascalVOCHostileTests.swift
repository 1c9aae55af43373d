import Foundation
import Testing
import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillPascalVOC

/// Files as they come from elsewhere: encodings, names, numbers.
@Suite struct PascalVOCHostileTests {
  static func box(_ corners: String...) -> String {
    let tags = ["xmin", "ymin", "xmax", "ymax"]
    return
      "<annotation><filename>a.jpg</filename><size><width>10</width><height>8</height><depth>3</depth></size><object><name>cat</name><bndbox>"
      + zip(tags, corners).map { "<\($0)>\($1)</\($0)>" }.joined() + "</bndbox></object></annotation>"
  }

  private func corners(_ data: ReadDataset) throws -> [Double] {
    let box = try #require(data.samples.first?.annotations.first?.box?.converted(to: .corners))
    return [box.first, box.second, box.third, box.fourth]
  }

  static let encodings: [(name: String, bytes: [UInt8], rules: [String])] = {
    let text = box("1", "2", "3", "4")
    let little = Array(text.utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big = Array(text.utf16).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    return [
      ("plain", Array(text.utf8), []),
      ("BOM", [0xEF, 0xBB, 0xBF] + Array(text.utf8), ["voc.file.bom"]),
      ("CRLF", Array(text.replacingOccurrences(of: "><", with: ">\r\n<").utf8), []),
      ("declaration", Array(("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n" + text).utf8), []),
      ("UTF-16 LE", [0xFF, 0xFE] + little, ["*"]), ("UTF-16 BE", [0xFE, 0xFF] + big, ["*"]),
    ]
  }()

  /// What is not UTF-8 is either read as it is meant or refused with a place; nothing else.
  @Test(arguments: encodings) func encodingsAreReadOrRefused(_ given: (name: String, bytes: [UInt8], rules: [String])) throws {
    let folder = try TemporaryFolder()
    try folder.add("a.xml", given.bytes)
    let data = try read(folder.path)
    if given.rules == ["*"] {
      if data.errors.isEmpty {
        #expect(try corners(data) == [1, 2, 3, 4])
      } else {
        #expect(data.samples.isEmpty)
        #expect(data.errors.allSatisfy { $0.range != nil })
        #expect(data.errors.allSatisfy { error in PascalVOCFormat.descriptor.rules.contains { $0.id == error.rule } })
      }
    } else {
      #expect(data.rules == given.rules)
      #expect(try corners(data) == [1, 2, 3, 4])
    }
  }

  static let numberCases: [(text: String, value: Double?)] = [
    ("1", 1), ("1.5", 1.5), (" 1.25\n", 1.25), ("-3", -3), ("1e2", 100), ("0", 0), ("007", 7), ("", nil), ("x", nil), ("1,5", nil),
    ("NaN", nil), ("inf", nil), ("1e400", nil), ("0x10", nil), ("1 2", nil), ("--1", nil),
    ("9007199254740993", 9_007_199_254_740_992),
  ]

  /// Numbers of boxes, read or refused at the place where they stand.
  @Test(arguments: numberCases) func numbersOfBoxes(_ given: (text: String, value: Double?)) throws {
    let folder = try TemporaryFolder()
    let text = Self.box(given.text, "2", "9e17", "4")
    try folder.add("a.xml", "\n" + text)
    let data = try read(folder.path)
    if let value = given.value {
      #expect(try corners(data) == [value, 2, 9e17, 4])
      #expect(data.errors.isEmpty)
    } else {
      let error = try #require(data.errors.first, "no error for \(given.text)")
      #expect(data.errors.count == 1 && error.rule == "voc.box.number")
      #expect(data.samples.first?.annotations.isEmpty == true)
      var places = PlaceFinder(data.sources)
      let place = places.place(of: try #require(error.range))
      let column = try #require(text.range(of: "<xmin>")).lowerBound.utf16Offset(in: text)
      #expect(
        place.line == 2 && (place.column ?? 0) >= column + 1 && (place.column ?? 99_999) <= column + 7 + given.text.utf8.count)
    }
  }

  @Test func boxesBeyondTheImageAreKept() throws {
    for corners in [["-5", "-5", "30", "40"], ["9", "7", "11", "8"], ["0", "0", "10", "8.5"]] {
      let folder = try TemporaryFolder()
      try folder.add("a.xml", Self.box(corners[0], corners[1], corners[2], corners[3]))
      let data = try read(folder.path)
      #expect(data.rules == ["voc.box.outside"])
      #expect(try self.corners(data) == corners.compactMap { Double($0) })
      try write(data.header, data.samples, to: folder.path + "-o", [])
      defer { try? FileManager.default.removeItem(atPath: folder.path + "-o") }
      #expect(try self.corners(read(folder.path + "-o")) == corners.compactMap { Double($0) })
    }
  }

  /// Reading and writing with one origin gives the same file; with two, the corners move by one.
  @Test func originsOfBothKinds() throws {
    let folder = try TemporaryFolder()
    try folder.add("in/a.xml", Self.box("1", "2", "3", "4"))
    for (reading, writing, expected) in [
      ("0", "0", [1.0, 2, 3, 4]), ("1", "1", [1, 2, 3, 4]), ("1", "0", [0, 1, 3, 4]), ("0", "1", [2, 3, 3, 4]),
    ] {
      let data = try read("\(folder.path)/in", [("origin", reading)])
      #expect(try corners(data) == (reading == "1" ? [0, 1, 3, 4] : [1, 2, 3, 4]))
      let name = "\(folder.path)/\(reading)\(writing)"
      try write(data.header, data.samples, to: name, [("origin", writing)])
      #expect(try corners(read(name)) == expected)
    }
  }

  static let names = [
    "a b.jpg", "é 汽车 🚗.png", "a&b<c>d.jpg", "quote\"'.jpg", "dir/sub dir/x.jpg", ".hidden.jpg", "x.tar.gz", "UPPER.JPG",
    "a]]>b.jpg",
    "&amp;.jpg", " lead.jpg", "trail .jpg", "-dash.jpg", "per%20cent.jpg", "e\u{301}.jpg", "a..b.jpg",
  ]

  /// Names come back, with their split, whatever letters they hold.
  @Test(arguments: names) func namesOfAllKinds(_ name: String) throws {
    let folder = try TemporaryFolder()
    var sample = Sample(key: name, media: Media(.image, location: name, width: 10, height: 8))
    sample.split = "train"
    sample.annotations = [Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .corners))]
    let label = "l & <\(name)>"
    let problems = try write(DatasetHeader(labels: LabelTable([Label(name: label)])), [sample], to: "\(folder.path)/o")
    let data = try read("\(folder.path)/o")
    let found = try #require(data.samples.first)
    #expect(data.samples.count == 1 && Array(found.key.utf8) == Array(name.utf8))
    #expect(found.media == sample.media)
    #expect(data.names(found) == [label])
    #expect(found.split == "train" || problems.items.map(\.rule) == ["voc.write.split"], "\(problems.items)")
    try write(data.header, data.samples, to: "\(folder.path)/2")
    #expect(try contents("\(folder.path)/o") == contents("\(folder.path)/2"))
  }

  @Test func clashesLeaveNothingBehind() throws {
    for (first, second) in [
      ("a.jpg", "a.png"), ("d/a.jpg", "d/a.jpeg"), ("s3://x/a.jpg", "s3://y/a.jpg"), ("../a.jpg", "/tmp/a.jpg"),
    ] {
      let folder = try TemporaryFolder()
      let samples = [first, second].map { Sample(key: $0, media: Media(.image, location: $0, width: 1, height: 1)) }
      let error = #expect(throws: DatasetError.self) { try write(DatasetHeader(), samples, to: "\(folder.path)/o") }
      #expect(error?.message.contains(second) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("a.xml") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
  }

  /// A file whose name is a folder in the names of others.
  @Test func namesThatAreFoldersOfOthers() throws {
    let folder = try TemporaryFolder()
    let samples = ["a.xml/b.jpg", "a.jpg"].map { Sample(key: $0, media: Media(.image, location: $0, width: 1, height: 1)) }
    let error = #expect(throws: DatasetError.self) { try write(DatasetHeader(), samples, to: "\(folder.path)/o") }
    #expect(error?.message.contains("a.xml") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test func fillWritesTheMarksThatAreMissing() throws {
    let folder = try TemporaryFolder()
    var sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg", width: 10, height: 8))
    var second = Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .corners))
    sample.annotations = [second]
    second.flags.difficult = true
    sample.annotations.append(second)
    let header = DatasetHeader(labels: LabelTable([Label(name: "cat")]))
    for (fill, flags) in [("no", [nil, true]), ("yes", [false, true])] {
      for layout in ["devkit", "service", "sdk"] {
        let output = "\(folder.path)/\(fill)-\(layout)"
        try write(header, [sample], to: output, [("fill", fill), ("layout", layout)])
        let annotations = try #require(try read(output).samples.first).annotations
        #expect(annotations.map(\.flags.difficult) == flags, "\(fill) \(layout)")
        #expect(annotations.map(\.flags.truncated) == (fill == "yes" ? [false, false] : [nil, nil]))
        #expect(annotations.map(\.flags.occluded) == (fill == "yes" ? [false, false] : [nil, nil]))
        #expect(annotations.map(\.box) == sample.annotations.map(\.box))
      }
    }
  }

  @Test func setsHaveLineEndsAndSpacesOfAnyKind() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b", "c d"] { try folder.add("Annotations/\(name).xml", xml("\(name).jpg", "x")) }
    try folder.add("ImageSets/Main/train.txt", "a\r\nb  \r\n\r\n")
    try folder.add("ImageSets/Main/val.txt", "\u{FEFF}c d")
    let data = try read(folder.path)
    #expect(data.sample("a.jpg")?.split == "train")
    #expect(data.sample("b.jpg")?.split == "train")
    #expect(data.sample("c d.jpg")?.split == "validation", "\(data.samples.map { ($0.key, $0.split) }) \(data.rules)")
  }
}
