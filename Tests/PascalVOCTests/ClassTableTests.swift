import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

@testable import WaybillPascalVOC

@Suite struct ClassTableTests {
  private func table(_ labels: (name: String, color: String?)...) -> ClassTable {
    ClassTable(
      labels.map { name, color in
        var label = Label(name: name)
        label.style.color = color
        return label
      })
  }

  @Test func standardClassesKeepTheirNumbers() {
    for table in [ClassTable([]), table(("cat", nil), ("void", nil)), table(("cat", "#400000"))] {
      #expect(table.isStandard)
      #expect(table["aeroplane"]?.number == 1 && table["tvmonitor"]?.number == 20 && table["void"]?.number == 255)
    }
    let mixed = table(("fox", nil), ("cat", nil), ("hen", nil))
    #expect(!mixed.isStandard)
    #expect(mixed["cat"]?.number == 8 && mixed["fox"]?.number == 21 && mixed["hen"]?.number == 22)
    #expect(!table(("cat", "#112233")).isStandard)
  }

  @Test func otherClassesAreNumberedAsTheirLines() {
    let plain = table(("fox", nil), ("hen", nil))
    #expect(plain["fox"]?.number == 1 && plain["hen"]?.number == 2 && plain["cow"] == nil)
    #expect(plain["fox"]?.color == 0x800000)
    let withBackground = table(("background", nil), ("fox", nil))
    #expect(withBackground["background"]?.number == 0 && withBackground["fox"]?.number == 1)
    let blackLater = table(("fox", nil), ("ground", "#000000"), ("hen", nil))
    #expect(blackLater["ground"]?.number == 0 && blackLater["fox"]?.number == 1 && blackLater["hen"]?.number == 2)
  }

  @Test func coloursOfTheMapStandForTheirNumbers() {
    let coloured = table(("a", "#008000"), ("b", nil), ("c", "#ff0000"), ("d", "#008000"), ("e", "#e0e0c0"))
    #expect(coloured["a"]?.number == 2 && coloured["b"]?.number == 1)
    #expect(coloured["c"]?.number == 3 && coloured["c"]?.color == 0xFF0000)
    // A colour that is taken still shows, under a number of its own.
    #expect(coloured["d"]?.number == 4 && coloured["d"]?.color == 0x008000)
    #expect(coloured["e"]?.number == 255)
    let palette = coloured.palette()
    #expect(palette.count == 256 && palette[3] == 0xFF0000 && palette[0] == 0 && palette[255] == 0xE0E0C0)
  }

  @Test func noTwoClassesShareANumber() {
    var labels = (0..<400).map { Label(name: "label \($0)") }
    for index in stride(from: 0, to: 400, by: 3) {
      labels[index].style.color = ["#008000", "#000000", "#e0e0c0", "#123456"][index / 3 % 4]
    }
    var table = ClassTable(labels)
    var numbers = labels.compactMap { table[$0.name]?.number }
    for index in 0..<50 { numbers.append(table.add("late \(index)").number) }
    #expect(numbers.count == 450 && Set(numbers).count == 450)
    #expect(table.palette().count == Int(numbers.max() ?? 0) + 1)
    #expect(table.add("late 7") == table["late 7"])
  }

  @Test func picturesTravelWhole() throws {
    var buffer = ByteBuffer()
    let picture = ClassPicture(
      path: "SegmentationClass/é.png", width: 3, height: 2, form: .grey, palette: [1, 2],
      regions: [
        .init(name: "fox", number: nil), .init(name: nil, number: 7), .init(name: nil, number: nil),
      ], rows: [0, 1, 2, 3, 0, 1])
    picture.append(to: &buffer)
    let bytes = buffer.array()
    let back = try #require(bytes.withUnsafeBytes { ClassPicture($0) })
    #expect(back.path == picture.path && back.rows == picture.rows && back.regions == picture.regions)
    #expect(back.palette == [1, 2] && back.form == .grey)
    for length in 0..<bytes.count { #expect(bytes[..<length].withUnsafeBytes { ClassPicture($0) } == nil, "\(length)") }
    #expect(back.numbers(table(("fox", nil)))?.map(\.number) == [0, 1, 7, 0])
    #expect(back.numbers(table(("hen", nil))) == nil)
  }

  @Test(
    arguments: [
      (" instance=\"7\"", ObjectMarks(instance: 7), ""), (" box=\"mask\"", ObjectMarks(boxIsOfMask: true), ""),
      (" id=\"4\" instance=\"0\" box=\"mask\"", ObjectMarks(instance: 0, boxIsOfMask: true), " id=\"4\""),
      (" a=\"x y\" instance=\"1\" b=\"&quot;\"", ObjectMarks(instance: 1), " a=\"x y\" b=\"&quot;\""),
      (" instance=\"x\"", nil, " instance=\"x\""), (" instance=\"99999999\"", nil, " instance=\"99999999\""), ("", nil, ""),
    ] as [(String, ObjectMarks?, String)])
  func marksAreAttributes(text: String, marks: ObjectMarks?, rest: String) {
    var annotation = Annotation()
    var json = ByteBuffer()
    json.appendJSON(text)
    if !text.isEmpty { annotation.preserved.append("attributes", json: json.array(), format: "pascal-voc") }
    let before = annotation
    #expect(ObjectMarks.take(from: &annotation) == marks)
    #expect((PreservedReader(annotation.preserved, "pascal-voc").string("attributes") ?? "") == rest)
    marks?.put(into: &annotation)
    #expect(ObjectMarks.take(from: &annotation) == marks)
    if marks == nil { #expect(annotation == before) }
  }
}
