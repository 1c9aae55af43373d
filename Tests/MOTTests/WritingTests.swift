import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillMOT

@Suite struct WritingTests {
  @Test(arguments: [
    "2,7,1,2,3.5,4,0,8,0.25\n1,7,1,2,3,4,1,1,1\n2,-1,5,6,7,8,-1,-1,-1\n",
    "1,1,1,2,3,4,1,-1,-1,-1\r\n2,1,1,2,3,4,1,4.5,0,-1", "0,1,1,2,3,4,1,1,1",
    "1,1,1.50,2.00,3.25,4.00,0.9000,1,1\n2,1,1.00,2.00,3.25,4.00,0.8500,1,1\n",
    "5,1,1,2,3,4,1,1,1.0\n5,2,1,2,3,4,1,1,0.5\n1,1,1,2,3,4,1,1,1.0\n", "1,1,1,2,3,4,1\n2,1,1,2,3,4,0.5\n", "1,2,3,4,5,6\n",
  ])
  func filesComeBackAsTheyWere(_ rows: String) throws { #expect(try again(rows) == rows) }

  @Test func newRowsHaveNineColumns() throws {
    let folder = try TemporaryFolder()
    var second = box(0, 1.5, track: .integer(9))
    second.confidence = 0.25
    second.attributes = ["visibility": .number(0.5)]
    try write(
      header(Label(name: "car", id: .integer(3))),
      [
        picture("S/img1/000001.jpg", number: 1, box(0, track: .integer(4)), second),
        picture("S/img1/000002.jpg", number: 2, box(0)),
      ],
      to: folder.file("o"))
    #expect(try text(folder.file("o/S/gt/gt.txt")) == "1,4,1,2,3,4,1,3,-1\n1,9,1.5,2,3,4,0.25,3,0.5\n2,-1,1,2,3,4,1,3,-1\n")
    #expect(try text(folder.file("o/S/seqinfo.ini")) == "[Sequence]\nname=S\nimDir=img1\nseqLength=2\nimExt=.jpg\n")
    #expect(try tree(folder.file("o")).keys.sorted() == ["S/gt/gt.txt", "S/seqinfo.ini"])
  }

  @Test func otherClassesAreListed() throws {
    let folder = try TemporaryFolder()
    let labels = header(Label(name: "fox", id: .integer(2)), Label(name: "owl"), Label(name: "elk", id: .integer(0)))
    try write(labels, [picture("a/7.png", box(0), box(1), box(2))], to: folder.file("o"))
    #expect(try text(folder.file("o/a/gt/labels.txt")) == "owl\nfox\nelk\n")
    #expect(try text(folder.file("o/a/gt/ids.txt")) == "3,0\n")
    let data = try read(folder.file("o"))
    #expect(data.names == ["owl", "fox", "elk"])
    #expect(data.header.labels.labels.map(\.id) == [.integer(1), .integer(2), .integer(0)])
    #expect(data.samples.map(\.media.frame?.number) == [7] && data.keys == ["a/7.png"])
  }

  @Test func namesOfTheBenchmarkHaveItsNumbers() throws {
    let folder = try TemporaryFolder()
    let labels = header(Label(name: "crowd"), Label(name: "fox"), Label(name: "car"), Label(name: "bus", id: .integer(3)))
    try write(header(Label(name: "crowd"), Label(name: "car")), [picture("a/7.png", box(0), box(1))], to: folder.file("o"))
    #expect(try text(folder.file("o/a/gt/gt.txt")) == "7,-1,1,2,3,4,1,13,-1\n7,-1,1,2,3,4,1,3,-1\n")
    #expect(try tree(folder.file("o")).keys.sorted() == ["a/frames.txt", "a/gt/gt.txt", "a/seqinfo.ini"])
    try write(labels, [picture("a/7.png", box(0), box(1), box(2), box(3))], to: folder.file("p"))
    #expect(try text(folder.file("p/a/gt/labels.txt")) == "fox\ncar\nbus\n" + String(repeating: "\n", count: 9) + "crowd\n")
    #expect(try read(folder.file("p")).names == ["fox", "car", "bus", "crowd"])
  }

  @Test func keysAndSizesOfTheirOwnAreListed() throws {
    let folder = try TemporaryFolder()
    var samples = [picture("s3://b/x y.jpg", box(0)), picture("s3://b/z.jpg"), picture("s3://c/z.jpg", box(0))]
    (samples[0].media.width, samples[0].media.height) = (640, 480)
    (samples[1].media.width, samples[1].media.height) = (64, 48)
    try write(header(Label(name: "pedestrian", id: .integer(1))), samples, to: folder.file("o"))
    let data = try read(folder.file("o"))
    #expect(Set(data.keys) == Set(samples.map(\.key)) && data.rules == [])
    let sizes = Dictionary(uniqueKeysWithValues: data.samples.map { ($0.key, $0.media.width) })
    #expect(sizes["s3://b/x y.jpg"] == 640 && sizes["s3://b/z.jpg"] == 64)
  }

  @Test func tracksThatAreNoNumbersGetSome() throws {
    let folder = try TemporaryFolder()
    try write(
      header(Label(name: "pedestrian", id: .integer(1))),
      [
        picture(
          "S/img1/000001.jpg", number: 1, box(0, track: .string("b")), box(0, track: .integer(1)), box(0, track: .string("a")))
      ],
      to: folder.file("o"))
    #expect(try text(folder.file("o/S/gt/tracks.txt")) == "2,\"b\"\n3,\"a\"\n")
    #expect(try read(folder.file("o")).samples[0].annotations.map(\.track) == [.string("b"), .integer(1), .string("a")])
  }

  @Test func otherAttributesAreKeptBesideTheRows() throws {
    let folder = try TemporaryFolder()
    var second = box(0)
    second.attributes = ["colour": .string("red"), "visibility": .integer(1)]
    second.ordinal = 0
    var first = box(0, 9)
    first.ordinal = 1
    try write(
      header(Label(name: "pedestrian", id: .integer(1))), [picture("S/img1/000001.jpg", number: 1, first, second)],
      to: folder.file("o"))
    #expect(try text(folder.file("o/S/gt/attributes.jsonl")) == #"{"row":0,"attributes":{"colour":"red"}}"# + "\n")
    #expect(try read(folder.file("o")).samples[0].annotations[0].attributes["colour"] == .string("red"))
  }

  @Test func framesOfOneNumberAreRefusedOrMoved() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) {
      try write(header(), [picture("S/a.jpg", number: 1), picture("S/b.jpg", number: 1)], to: folder.file("o"))
    }
    try write(header(), [picture("S/cat_1.jpg"), picture("S/dog_1.jpg")], to: folder.file("p"))
    let data = try read(folder.file("p"))
    #expect(data.keys == ["S/cat_1.jpg", "S/dog_1.jpg"] && data.samples.map(\.media.frame?.number) == [1, 2])
  }

  @Test func oneFileHoldsOneSequence() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DatasetError.self) {
      try write(header(), [picture("S/1.jpg"), picture("T/1.jpg")], to: folder.file("o.txt"))
    }
  }

  @Test func whatOneFileDoesNotHoldIsLost() throws {
    let folder = try TemporaryFolder()
    let labels = header(Label(name: "fox", id: .integer(1)), Label(name: "car", id: .integer(3)))
    var far = box(1, track: .string("b"))
    far.attributes = ["visibility": .integer(1), "colour": .string("red")]
    var sized = picture("S/2.jpg")
    (sized.media.width, sized.media.height, sized.split) = (64, 48, "train")
    var first = picture("S/1.jpg", box(0, track: .integer(7)), box(1, track: .integer(7)), far)
    first.split = "train"
    func drop(_ feature: Feature) -> EncodingLoss { EncodingLoss(feature, isApproximated: false) }
    let expected = [
      drop(.split), drop(.label), EncodingLoss(.track, isApproximated: true), drop(.attributes), drop(.image), drop(.imageSize),
      drop(.split),
    ]
    #expect(try write(labels, [first, sized], to: folder.file("o.txt")).losses == expected)
    #expect(try write(labels, [first, sized], to: folder.file("o")).losses == [])
  }

  @Test func numbersThatAListBesideNamesComeBack() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/gt/labels.txt", "fox\nowl\n")
    _ = try folder.write("in/seqinfo.ini", "seqLength=2\nimWidth=64\nimHeight=48\n")
    let path = try folder.write("in/gt/gt.txt", "1,1,1,2,3,4,1,2,1\n")
    var data = try read(path)
    #expect(data.samples.count == 2)
    #expect(try write(data.header, data.samples, to: folder.file("o.txt")).losses == [])
    #expect(try text(folder.file("o.txt")) == "1,1,1,2,3,4,1,2,1\n")
    let lost = [EncodingLoss(.label, isApproximated: false)]
    data.header.labels = LabelTable([Label(name: "fox"), Label(name: "elk", id: .integer(2))])
    #expect(try write(data.header, data.samples, to: folder.file("p.txt")).losses == lost)
    // The list of a folder is part of what was read.
    let whole = try read(folder.file("in"))
    let more = [Feature.image, .imageSize].map { EncodingLoss($0, isApproximated: false) }
    #expect(try write(whole.header, whole.samples, to: folder.file("q.txt")).losses == [more[1]] + lost + more)
  }

  @Test func rowsOfTheWorldHaveNoClass() throws {
    var data = try read(rows: "1,1,1,2,3,4,1,-1,-1,-1\n")
    data.header.labels = LabelTable([Label(name: "fox")])
    data.samples[0].annotations[0].label = LabelID(index: 0)
    let folder = try TemporaryFolder()
    #expect(try write(data.header, data.samples, to: folder.file("o")).losses == [EncodingLoss(.label, isApproximated: false)])
  }

  @Test func splitsAreFolders() throws {
    let folder = try TemporaryFolder()
    var samples = [
      picture("A/img1/000001.jpg", number: 1), picture("B/img1/000001.jpg", number: 1), picture("C/img1/000001.jpg", number: 1),
    ]
    samples[0].split = "train"
    samples[1].split = "validation"
    samples[2].split = "fold-3"
    try write(header(), samples, to: folder.file("o"))
    let found = try read(folder.file("o")).samples
    #expect(
      Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0.split) }) == [
        samples[0].key: "train", samples[1].key: "validation", samples[2].key: "fold-3",
      ])
  }

  @Test func whatIsNoRowIsRefused() throws {
    let folder = try TemporaryFolder()
    var share = Annotation(box: Box(0.5, 0.5, 0.1, 0.1, form: .centered, unit: .unit))
    share.label = nil
    let written = try write(foxes, [picture("S/1.jpg", Annotation(), share)], to: folder.file("o"))
    #expect(written.rules == ["mot.write.box", "mot.write.unit"])
    #expect(try write(foxes, [picture("S/1.jpg", box(0))], to: folder.file("p")).rules == [])
  }

  private let foxes = header(Label(name: "fox"))

  @Test func aChangedRowIsWrittenAnew() throws {
    var data = try read(rows: "1,1,1.0,2,3,4,1,1,1\n2,1,1.5,2,3,4,1,1,1\n2,2,1.25,2,3,4,1,1,1\n")
    data.samples[0].annotations[0].confidence = 0.5
    let folder = try TemporaryFolder()
    try write(data.header, data.samples, to: folder.file("o.txt"))
    #expect(try text(folder.file("o.txt")).hasPrefix("1,1,1,2,3,4,0.5,1,1\n"))
  }

  @Test func aSubsetListsItsFrames() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("S/gt/gt.txt", "1,1,1,2,3,4,1,1,1\n2,1,1,2,3,4,1,1,1\n")
    _ = try folder.write("S/seqinfo.ini", "[Sequence]\nseqLength=5\n")
    let data = try read(folder.file("S"))
    try write(data.header, Array(data.samples[1...2]), to: folder.file("o"))
    let again = try read(folder.file("o"))
    #expect(again.samples.map(\.media.frame?.number) == [2, 3] && again.keys == Array(data.keys[1...2]))
  }

  @Test func picturesGoToTheirPlaces() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/a/x_12.png", "12")
    _ = try folder.write("in/a/y.png", "y")
    try write(
      header(), [picture("a/x_12.png"), picture("a/y.png")], to: folder.file("o"), mediaFolders: [folder.file("in")],
      mediaMode: .copy)
    #expect(
      try tree(folder.file("o")).keys.sorted() == [
        "a/frames.txt", "a/gt/gt.txt", "a/img1/000012.png", "a/img1/y.png", "a/seqinfo.ini",
      ])
  }
}

@Suite struct DetectionTests {
  private func columns(_ text: String) -> Int? { MOTDetection.columns(Array(text.utf8)) }

  @Test func rowsAreNumbersWithCommas() {
    #expect(columns("1,1,1,2,3,4,1,1,1\n") == 9 && columns("1,-1,1,2,3,4,1,-1,-1,-1\r\n2,x") == nil)
    #expect(columns("1,-1,1,2,3,4,1,-1,-1,-1\r\n") == 10)
    for text in ["", "0 0.5 0.5 0.1 0.1\n", "a,b,c,d,e,f,g,h,i\n", "1.5,1,1,2,3,4,1,1,1\n", "1,2,3\n", "-4,1,1,2,3,4,1,1,1\n"] {
      #expect(columns(text) == nil, "\(text)")
    }
  }

  @Test func otherTablesAreLeftAlone() throws {
    let folder = try TemporaryFolder()
    let table = try DatasetInput(path: try folder.write("x.csv", "1,2,3,4,5,6,7\n"))
    #expect(MOTFormat.detect(try DetectionProbe(table)) == nil)
    let labels = try DatasetInput(path: try folder.write("labels/a.txt", "0 0.5 0.5 0.1 0.1\n").replacing("/a.txt", with: ""))
    #expect(MOTFormat.detect(try DetectionProbe(labels)) == nil)
  }
}

extension String {
  fileprivate func replacing(_ end: String, with other: String) -> String { String(dropLast(end.count)) + other }
}
