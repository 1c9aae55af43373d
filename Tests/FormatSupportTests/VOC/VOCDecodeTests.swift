import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

@Suite struct VOCDecodeTests {
  @Test func readsTheUsualFile() throws {
    let read = try decodeVOC(
      """
      <annotation><folder>VOC2007</folder><filename>1.jpg</filename><source><database>D</database></source>
      <size><width>500</width><height>375</height><depth>3</depth></size><segmented>1</segmented>
      <object><name>dog</name><pose>Frontal</pose><truncated>1</truncated><difficult>0</difficult>
      <bndbox><xmin>12.5</xmin><ymin>1</ymin><xmax>379</xmax><ymax>275</ymax></bndbox></object></annotation>
      """)
    let document = try #require(read.document)
    #expect(read.diagnostics.isEmpty)
    #expect(document.folder == "VOC2007")
    #expect(document.filename == "1.jpg")
    #expect(document.database == "D")
    #expect(document.width == 500 && document.height == 375 && document.depth == 3)
    #expect(document.segmented == true)
    #expect(document.preserved.isEmpty)
    let annotation = document.annotations[0]
    #expect(read.name(0) == "dog")
    #expect(annotation.box == Box(12.5, 1, 379, 275, form: .corners))
    #expect(annotation.flags.truncated == true && annotation.flags.difficult == false && annotation.flags.occluded == nil)
    #expect(annotation.attributes == ["pose": .string("Frontal")])
    #expect(annotation.preserved.isEmpty)
  }

  @Test func aPlainBoxCostsNothingBesideItsPlace() throws {
    let object = "<object><name>a</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>\(box)</object>"
    let read = try decodeVOC(document(object, object))
    #expect(read.annotations.count == 2)
    #expect(read.annotations.allSatisfy { !$0.hasRareAnswers })
  }

  static let shapes: [(xml: String, shape: Shape)] = [
    (
      "<polygon><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2><x3>5</x3><y3>6.5</y3></polygon>",
      .polygon(Polygon(coordinates: [1, 2, 3, 4, 5, 6.5]))
    ),
    (
      "<polygon><y1>2</y1><x1>1</x1><x3>5</x3><y3>6</y3><x2>3</x2><y2>4</y2></polygon>",
      .polygon(Polygon(coordinates: [1, 2, 3, 4, 5, 6]))
    ),
    ("<line><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2></line>", .polyline(Polyline(coordinates: [1, 2, 3, 4]))),
    ("<polyline><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2></polyline>", .polyline(Polyline(coordinates: [1, 2, 3, 4]))),
    ("<dashed><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2></dashed>", .polyline(Polyline(coordinates: [1, 2, 3, 4], isDashed: true))),
    ("<circle><cx>5</cx><cy>6</cy><r>2.5</r></circle>", .circle(Circle(centerX: 5, centerY: 6, radius: 2.5))),
    ("<circle><r>2.50</r><cy>6</cy><cx>5</cx></circle>", .circle(Circle(centerX: 5, centerY: 6, radius: 2.5))),
    ("<point><x>5</x><y>6</y></point>", .point(Point(x: 5, y: 6))),
    ("<point><x1>5</x1><y1>6</y1></point>", .point(Point(x: 5, y: 6))),
    (
      "<robndbox><cx>5</cx><cy>6</cy><w>4</w><h>2</h><angle>0</angle></robndbox>",
      .rotatedBox(RotatedBox(centerX: 5, centerY: 6, width: 4, height: 2, angleDegrees: 0))
    ),
  ]

  @Test(arguments: shapes.indices)
  func readsEveryShapeAndWritesItBack(_ index: Int) throws {
    let (xml, shape) = Self.shapes[index]
    let text = document("<object><name>a</name>\(xml)</object>")
    let read = try decodeVOC(text)
    #expect(read.diagnostics.isEmpty, "\(read.diagnostics.items)")
    #expect(read.annotations.first?.shape == shape)
    #expect(read.annotations.first?.box == nil)
    let written = encodeVOC(try #require(read.document), labels: read.labels)
    #expect(written.diagnostics.isEmpty)
    #expect(try infoset(Array(written.text.utf8)) == infoset(Array(text.utf8)))
  }

  @Test func anObjectMayHaveABoxAndAPolygon() throws {
    let read = try decodeVOC(
      document(
        "<object><name>a</name>\(box)<polygon><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2><x3>5</x3><y3>6</y3></polygon></object>"))
    #expect(read.diagnostics.isEmpty)
    #expect(read.annotations[0].box != nil && read.annotations[0].shape != nil)
  }

  @Test func aPointBesideABoxIsKeptAndIsNoShape() throws {
    let text = document("<object><name>a</name>\(box)<point><x>1</x><y>2</y></point></object>")
    let read = try decodeVOC(text)
    #expect(read.annotations[0].shape == nil)
    #expect(try infoset(Array(encodeVOC(#require(read.document), labels: read.labels).text.utf8)) == infoset(Array(text.utf8)))
  }

  @Test func partsFollowTheirObject() throws {
    let part = { (name: String) in "<part><name>\(name)</name>\(box)</part>" }
    let nested = "<part><name>arm</name>\(box)\(part("hand"))</part>"
    let text = document(
      "<object><name>person</name>\(box)\(part("head"))\(nested)\(part("foot"))</object>", "<object><name>dog</name>\(box)</object>"
    )
    let read = try decodeVOC(text)
    #expect(read.annotations.indices.map { read.name($0) } == ["person", "head", "arm", "hand", "foot", "dog"])
    #expect(read.annotations.map(\.partOf) == [nil, 1, 2, 1, 4, nil])
    #expect(try infoset(Array(encodeVOC(#require(read.document), labels: read.labels).text.utf8)) == infoset(Array(text.utf8)))
  }

  @Test func readsBothSpellingsOfPropertiesAndCVATAttributes() throws {
    let text = document(
      """
      <object><name>a</name><properties><color>green</color><属性>绿色</属性><property>value</property>
      <property><key>k 1</key><value>v</value></property></properties>\(box)
      <attributes><attribute><name>rotation</name><value>0.0</value></attribute></attributes></object>
      """)
    let read = try decodeVOC(text)
    #expect(read.diagnostics.isEmpty)
    #expect(
      read.annotations[0].attributes == [
        "color": .string("green"), "属性": .string("绿色"), "property": .string("value"), "k 1": .string("v"),
        "rotation": .string("0.0"),
      ])
    #expect(try infoset(Array(encodeVOC(#require(read.document), labels: read.labels).text.utf8)) == infoset(Array(text.utf8)))
  }

  @Test func readsActionsAsAnObject() throws {
    let read = try decodeVOC(
      document("<object><name>a</name>\(box)<actions><other>1</other><running>0</running><x>maybe</x></actions></object>"))
    #expect(
      read.annotations[0].attributes["actions"]
        == .object(["other": .boolean(true), "running": .boolean(false), "x": .string("maybe")]))
  }

  @Test func readsHardMarks() throws {
    let read = try decodeVOC(
      document(
        "<object><name>a</name><confidence>0.8</confidence><hard-coefficient>0.5</hard-coefficient>\(box)</object>",
        "<object><name>a</name><difficult-coefficient>0.25</difficult-coefficient>\(box)</object>"))
    #expect(read.annotations[0].confidence == 0.8)
    #expect(read.annotations[0].hard == HardExample(coefficient: 0.5))
    #expect(read.annotations[1].hard == HardExample(coefficient: 0.25))
  }

  static let errors: [(rule: String, at: String, xml: String)] = [
    ("voc.root", "<note", "<note/>"),
    ("voc.empty", "<annotation", "<annotation>\n</annotation>"),
    ("voc.segmented", "<segmented", "<annotation><segmented/></annotation>"),
    ("voc.size.number", "<width", "<annotation><size><width/><height>3</height></size></annotation>"),
    ("voc.size.number", "<width", "<annotation><size><width>1.5</width></size></annotation>"),
    ("voc.size.number", "<height", "<annotation><size><height>-4</height></size></annotation>"),
    ("voc.element.duplicate", "<folder>b", "<annotation><folder>a</folder><folder>b</folder></annotation>"),
    ("voc.object.name", "<object", document("<object>\(box)</object>")),
    ("voc.object.name", "<name", document("<object><name> </name>\(box)</object>")),
    ("voc.object.flag", "<difficult", document("<object><name>a</name><difficult/>\(box)</object>")),
    ("voc.object.flag", "<truncated", document("<object><name>a</name><truncated>2</truncated>\(box)</object>")),
    ("voc.object.confidence", "<confidence", document("<object><name>a</name><confidence>high</confidence>\(box)</object>")),
    ("voc.object.confidence", "<confidence", document("<object><name>a</name><confidence>NaN</confidence>\(box)</object>")),
    (
      "voc.object.hard-coefficient", "<hard-coefficient",
      document("<object><name>a</name><hard-coefficient>inf</hard-coefficient>\(box)</object>")
    ),
    ("voc.object.no-shape", "<object", document("<object><name>a</name></object>")),
    ("voc.object.two-shapes", "<bndbox><xmin>1", document("<object><name>a</name><bndbox/>\(box)</object>")),
    (
      "voc.object.two-shapes", "<line", document("<object><name>a</name><circle/><line><x1>1</x1></line></object>")
    ),
    (
      "voc.box.corner", "<bndbox",
      document("<object><name>a</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax></bndbox></object>")
    ),
    (
      "voc.box.number", "<ymax",
      document("<object><name>a</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>nan</ymax></bndbox></object>")
    ),
    (
      "voc.box.negative", "<bndbox",
      document("<object><name>a</name><bndbox><xmin>5</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>")
    ),
    ("voc.shape.number", "<circle", document("<object><name>a</name><circle><cx>1</cx><cy>2</cy></circle></object>")),
    ("voc.box.negative", "<circle", document("<object><name>a</name><circle><cx>1</cx><cy>2</cy><r>-1</r></circle></object>")),
    (
      "voc.polygon.points", "<polygon",
      document("<object><name>a</name><polygon><x1>1</x1><y1>2</y1><x2>3</x2><y2>4</y2></polygon></object>")
    ),
    (
      "voc.polygon.points", "<polyline",
      document("<object><name>a</name><polyline><x1>1</x1><y1>2</y1><x2>3</x2></polyline></object>")
    ),
    (
      "voc.polygon.points", "<x3", document("<object><name>a</name><line><x1>1</x1><y1>2</y1><x3>3</x3><y3>4</y3></line></object>")
    ),
    (
      "voc.polygon.points", "<y2>4",
      document("<object><name>a</name><line><x1>1</x1><y1>2</y1><x99999999>3</x99999999><y2>4</y2></line></object>")
    ),
    ("voc.properties.empty", "<properties", document("<object><name>a</name><properties></properties>\(box)</object>")),
    ("voc.properties.empty", "<color", document("<object><name>a</name><properties><color/></properties>\(box)</object>")),
    (
      "voc.properties.empty", "<key",
      document("<object><name>a</name><properties><property><key/><value>v</value></property></properties>\(box)</object>")
    ),
    (
      "voc.properties.empty", "<property>",
      document("<object><name>a</name><properties><property><key>k</key></property></properties>\(box)</object>")
    ),
    (
      "voc.properties.duplicate", "<c>2",
      document("<object><name>a</name><properties><c>1</c><c>2</c></properties>\(box)</object>")
    ),
    (
      "voc.properties.element", "<kind",
      document(
        "<object><name>a</name><properties><property><key>k</key><value>v</value><kind/></property></properties>\(box)</object>")
    ),
    (
      "voc.properties.json", "<value",
      document(
        "<object><name>a</name><properties><property><key>k</key><value type=\"json\">{</value></property></properties>\(box)</object>"
      )
    ),
  ]

  @Test(arguments: errors.indices)
  func errorsAreLocatedAndTheRestIsKept(_ index: Int) throws {
    let (rule, place, xml) = Self.errors[index]
    let more = xml.contains("<object>")
    let text =
      more
      ? xml.replacing("</annotation>", with: "<object><name>rest</name>\(box)</object></annotation>") : xml
    let read = try decodeVOC(text)
    let found = try #require(read.diagnostics.items.first { $0.severity == .error }, "no error in \(text)")
    #expect(found.rule == rule, "\(found.message)")
    let expected = try #require(text.firstRange(of: place))
    let offset = text.utf8.distance(from: text.utf8.startIndex, to: expected.lowerBound)
    #expect(found.range?.offset == offset)
    #expect(VOCCodec.readingRules.contains { $0.id == rule && $0.severity == .error })
    if more { #expect(read.annotations.indices.map { read.name($0) } == ["rest"]) }
  }

  @Test func warningsKeepWhatTheyWarnOf() throws {
    let outside = try decodeVOC(
      document("<object><name>a</name><bndbox><xmin>-1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object>"))
    #expect(outside.rules == ["voc.box.outside"])
    #expect(outside.annotations.count == 1)
    let late = try decodeVOC(
      "<annotation><object><name>a</name>\(box)</object><size><width>20</width><height>50</height></size></annotation>")
    #expect(late.rules == ["voc.box.outside"])
    let zero = try decodeVOC("<annotation><size><width>0</width><height>0</height><depth>0</depth></size></annotation>")
    #expect(zero.rules == ["voc.size.zero", "voc.size.zero", "voc.size.zero"])
    #expect(zero.document?.width == nil)
    let written = encodeVOC(try #require(zero.document), labels: zero.labels).text
    #expect(written.contains("<width>0</width>"))
    #expect(try decodeVOC(document("<object>stray<name>a</name>\(box)</object>")).rules == ["voc.element.text"])
    #expect(try decodeVOC("<annotation><folder>a<b/></folder></annotation>").rules == ["voc.element.children"])
  }

  @Test func countingPixelsFromOneShiftsTheLowCornerOnly() throws {
    let dialect = VOCDialect(origin: 1)
    let text = document(
      "<object><name>a</name><bndbox><xmin>1</xmin><ymin>45.7</ymin><xmax>100</xmax><ymax>50</ymax></bndbox></object>")
    let read = try decodeVOC(text, dialect: dialect)
    #expect(read.diagnostics.isEmpty)
    #expect(read.annotations[0].box == Box(0, 44.7, 100, 50, form: .corners))
    #expect(
      try infoset(Array(encodeVOC(#require(read.document), labels: read.labels, dialect: dialect).text.utf8))
        == infoset(Array(text.utf8)))
  }
}
