import TestSupport
import Foundation
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

@Suite struct VOCRoundTripTests {
  static let bodies: [String] = [
    "<folder/><filename>a b.jpg</filename>",
    "<!-- c --><filename>a.jpg</filename><folder>f</folder><segmented>0</segmented><size><depth>3</depth><height>4</height><width>5</width></size>",
    "<folder>x &amp; &lt;y&gt;</folder><path>C:\\a\\b.jpg</path>",
    "<source/>",
    "<source><annotation>A</annotation><database>D</database><image>flickr</image></source><owner><flickrid>?</flickrid></owner>",
    "<job_name>j</job_name><object><name>a</name>\(box)</object><status kind=\"x\"><a>1</a><b/></status><object><name>b</name>\(box)</object>",
    "<segmented>False</segmented><size><width>640.0</width><height> 480 </height></size>",
    "<object><name>a</name><pose/><truncated>0.0</truncated><difficult>True</difficult>\(box)</object>",
    "<object><name>\n  a\n </name><pose> Unspecified </pose>\(box)</object>",
    "<object><name>a</name>\(box)<note><x>1</x> mixed <y/></note></object>",
    "<object id=\"7\"><name lang=\"en\">a</name>\(box)</object>",
    "<object><name>a</name><bndbox><xmax>3.00</xmax><xmin>1</xmin><z>0</z><ymin>1e0</ymin><ymax>4</ymax></bndbox></object>",
    "<object><name>a</name><bndbox><xmin>1.0</xmin><ymin>2.0</ymin><xmax>3.5</xmax><ymax>4.0</ymax></bndbox></object>"
      + "<object><name>a</name><bndbox><xmin>1</xmin><ymin>2.0</ymin><xmax>3.5</xmax><ymax>4.0</ymax></bndbox></object>",
    "<object><bndbox><xmin>1</xmin><xmax>3</xmax><ymin>2</ymin><ymax>4</ymax></bndbox><name>a</name><occluded>1</occluded></object>"
      + "<object><bndbox><xmin>1</xmin><xmax>3</xmax><ymin>2</ymin><ymax>4</ymax></bndbox><name>b</name></object>"
      + "<object><name>c</name><bndbox><ymin>2</ymin><xmin>1</xmin><xmax>3</xmax><ymax>4</ymax></bndbox></object>",
    "<object><name>a</name><pose>0</pose>\(box)</object><object><name>a</name><pose>Left</pose>\(box)</object><object><name>a</name>\(box)</object>",
    "<object><name>a</name><mask_color>1,2,3</mask_color><occluded>0</occluded>\(box)</object>",
    "<object><name>a</name><part><name>p</name><pose>Unspecified</pose>\(box)</part>\(box)<part><name>q</name>\(box)</part></object>",
    "<object><name>a</name><difficult-coefficient>0.50</difficult-coefficient><hard>yes</hard><hard-reasons>0-19</hard-reasons>\(box)</object>",
    "<object><name>a</name><hard>kind of</hard><hard-reasons>x</hard-reasons><actions/><attributes><a/></attributes>\(box)</object>",
    "<object><name>a</name><robndbox><cx>1</cx><cy>2</cy><w>3</w><h>4</h><angle>0.3</angle></robndbox></object>",
    "<object><type>robndbox</type><name>a</name><robndbox><cx>1.5</cx><cy>2</cy><w>3</w><h>4</h><angle>1.234567</angle><e/></robndbox></object>",
    "<object><name>a</name><polygon><x1>1.0</x1><y1>2</y1><x2>3</x2><y2>4</y2><x3>5</x3><y3>6</y3><label/></polygon></object>",
  ]

  @Test(arguments: bodies.indices)
  func oddFilesAreWrittenWithTheSameElements(_ index: Int) throws {
    let xml = Array("<annotation verified=\"yes\" a='\"&amp;'>\(Self.bodies[index])</annotation>".utf8)
    let read = try decodeVOC(xml)
    #expect(!read.diagnostics.hasErrors, "\(read.diagnostics.items)")
    let dialects = [
      VOCDialect(allowsExtendedShapes: true), VOCDialect(allowsExtendedShapes: true, layout: .service),
      VOCDialect(allowsExtendedShapes: true, layout: .service, folder: "NA", fillsFlags: true),
    ]
    for dialect in dialects {
      let read = try decodeVOC(xml, dialect: dialect)
      let written = encodeVOC(try #require(read.document), labels: read.labels, dialect: dialect)
      #expect(written.diagnostics.isEmpty, "\(written.diagnostics.items)")
      #expect(try infoset(Array(written.text.utf8)) == infoset(xml))
      #expect(try decodeVOC(written.text, dialect: dialect, labels: read.labels).document == read.document)
    }
  }

  @Test func aCanonicalFileIsWrittenByteForByte() throws {
    let text = """
      <annotation>
      \t<folder>VOC2007</folder>
      \t<filename>1.jpg</filename>
      \t<source>
      \t\t<database>Unknown</database>
      \t</source>
      \t<size>
      \t\t<width>500</width>
      \t\t<height>375</height>
      \t\t<depth>3</depth>
      \t</size>
      \t<segmented>0</segmented>
      \t<object>
      \t\t<name>R&amp;D</name>
      \t\t<pose>Left</pose>
      \t\t<truncated>1</truncated>
      \t\t<difficult>0</difficult>
      \t\t<occluded>1</occluded>
      \t\t<confidence>0.5</confidence>
      \t\t<bndbox>
      \t\t\t<xmin>8.25</xmin>
      \t\t\t<ymin>12</ymin>
      \t\t\t<xmax>352</xmax>
      \t\t\t<ymax>98</ymax>
      \t\t</bndbox>
      \t\t<part>
      \t\t\t<name>head</name>
      \t\t\t<bndbox>
      \t\t\t\t<xmin>10</xmin>
      \t\t\t\t<ymin>13</ymin>
      \t\t\t\t<xmax>20</xmax>
      \t\t\t\t<ymax>33</ymax>
      \t\t\t</bndbox>
      \t\t</part>
      \t\t<properties>
      \t\t\t<property>
      \t\t\t\t<key>paint</key>
      \t\t\t\t<value>red</value>
      \t\t\t</property>
      \t\t</properties>
      \t</object>
      </annotation>

      """
    let read = try decodeVOC(text)
    #expect(read.document?.preserved.isEmpty == true)
    #expect(encodeVOC(try #require(read.document), labels: read.labels).text == text)
  }

  @Test func numbersAndTextsOfEveryKindSurvive() throws {
    let labels = LabelCache(LabelTable([Label(name: "a <b> & \"c\""), Label(name: " spaced"), Label(name: "猫")]))
    var document = VOCDocument()
    document.filename = "a/b c.jpg"
    document.width = 100
    document.height = 50
    func add(_ change: (inout Annotation) -> Void) {
      var annotation = Annotation(
        label: LabelID(index: UInt32(document.annotations.count % 3)), box: Box(1, 2, 3, 4, form: .corners))
      change(&annotation)
      document.annotations.append(annotation)
    }
    add { $0.box = Box(-0.5, 1e-7, 45.70000076293945, 1e15, form: .corners) }
    add { $0.flags.difficult = true }
    add { $0.flags.occluded = false }
    add { $0.confidence = 1.0 / 3 }
    add { $0.hard = HardExample(isHard: true, coefficient: 0.25, reasons: [0, 3]) }
    add { $0.hard = HardExample(isHard: false) }
    add { $0.attributes = ["pose": .string("Rear")] }
    add { $0.attributes = ["pose": .string("Unspecified"), "p": .string("")] }
    add { $0.attributes = ["actions": .object(["run": .boolean(true), "x y": .boolean(false)])] }
    add {
      $0.attributes = [
        "a": .integer(3), "b": .number(0.5), "c": .boolean(true), "d": .null, "e": .list([.string("x"), .integer(1)]),
        "f": .object(["g": .string("h")]), "": .string("  "), "t\n": .string("\u{1}\n\r<&>"),
      ]
    }
    add { $0.partOf = 1 }
    add { $0.partOf = 1 }
    add { $0.partOf = 3 }
    let shapes: [Shape] = [
      .polygon(Polygon(coordinates: [0.1, 0.2, 3, 4, 5, 6])), .polyline(Polyline(coordinates: [1, 2, 3, 4])),
      .polyline(Polyline(coordinates: [1, 2, 3, 4, 5, 6])), .polyline(Polyline(coordinates: [1, 2, 3, 4, 5, 6], isDashed: true)),
      .circle(Circle(centerX: 1, centerY: 2, radius: 3.25)), .point(Point(x: -1, y: 2.5)),
      .rotatedBox(RotatedBox(centerX: 5, centerY: 6, width: 7, height: 8, angleDegrees: 33.3)),
    ]
    for shape in shapes {
      add {
        $0.box = nil
        $0.shape = shape
      }
    }
    add { $0.shape = shapes[0] }
    for layout in [VOCDialect.Layout.devkit, .service, .sdk] {
      let dialect = VOCDialect(allowsExtendedShapes: true, layout: layout)
      let written = encodeVOC(document, labels: labels, dialect: dialect)
      #expect(written.diagnostics.isEmpty, "\(written.diagnostics.items)")
      let read = try decodeVOC(written.text, dialect: dialect, labels: labels)
      #expect(!read.diagnostics.hasErrors)
      #expect(read.annotations.count == document.annotations.count)
      for (a, b) in zip(read.annotations, document.annotations) { #expect(a == b) }
      #expect(read.document == document)
    }
  }

  @Test(arguments: [
    ["a", "pose"], ["actions", "pose"], ["pose", "a", "actions"], ["a", "pose", "b"], ["b", "actions", "a", "pose"],
  ])
  func attributesKeepTheirOrder(_ names: [String]) throws {
    let labels = LabelCache(LabelTable([Label(name: "a")]))
    var annotation = Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .corners))
    for name in names {
      annotation.attributes[name] = name == "actions" ? .object(["run": .boolean(true)]) : .string("Left")
    }
    var document = VOCDocument()
    document.annotations = [annotation]
    let text = encodeVOC(document, labels: labels).text
    let read = try decodeVOC(text, labels: labels)
    #expect(read.annotations.first?.attributes == annotation.attributes)
    #expect(encodeVOC(try #require(read.document), labels: labels).text == text)
  }

  @Test func everyAngleSurvives() throws {
    var random = SeededNumbers(seed: 11)
    let labels = LabelCache(LabelTable([Label(name: "a")]))
    for _ in 0..<500 {
      let angle = Double.random(in: -360...360, using: &random)
      var document = VOCDocument()
      document.annotations = [
        Annotation(
          label: LabelID(index: 0),
          shape: .rotatedBox(RotatedBox(centerX: 5, centerY: 6, width: 7, height: 8, angleDegrees: angle)))
      ]
      #expect(try decodeVOC(encodeVOC(document, labels: labels).text, labels: labels).document == document)
    }
  }

  @Test func whatCannotBeWrittenIsAnErrorAndLeftOut() throws {
    let labels = LabelCache(LabelTable([Label(name: "a"), Label(name: "bell\u{7}")]))
    let label = LabelID(index: 0)
    let fine = Box(1, 2, 3, 4, form: .corners)
    func rules(_ annotation: Annotation, _ dialect: VOCDialect = VOCDialect(allowsExtendedShapes: true)) -> [String] {
      var document = VOCDocument()
      document.annotations = [annotation, Annotation(label: label, box: fine)]
      let written = encodeVOC(document, labels: labels, dialect: dialect)
      #expect(written.text.components(separatedBy: "<object>").count == 2)
      #expect(written.diagnostics.items.allSatisfy { item in VOCCodec.writingRules.contains { $0.id == item.rule } })
      return written.diagnostics.items.map(\.rule)
    }
    #expect(rules(Annotation(box: fine)) == ["voc.write.no-label"])
    #expect(rules(Annotation(label: LabelID(index: 99), box: fine)) == ["voc.write.no-label"])
    #expect(rules(Annotation(label: LabelID(index: 1), box: fine)) == ["voc.write.text"])
    #expect(rules(Annotation(label: label)) == ["voc.write.no-shape"])
    #expect(rules(Annotation(label: label, shape: .point(Point(x: 1, y: 2))), VOCDialect()) == ["voc.write.no-shape"])
    #expect(rules(Annotation(label: label, box: Box(0, 0, .infinity, 1, form: .corners))) == ["voc.write.number"])
    #expect(rules(Annotation(label: label, box: Box(0, 0, 1, 1, form: .corners, unit: .unit))) == ["voc.write.no-size"])
    #expect(
      rules(Annotation(label: label, shape: .ellipse(Ellipse(centerX: 1, centerY: 1, radiusX: 1, radiusY: 2)))) == [
        "voc.write.shape"
      ])
    #expect(
      rules(Annotation(label: label, shape: .polygon(Polygon(coordinates: Array(repeating: 1, count: 12), ringEnds: [6]))))
        == ["voc.write.shape"])
    var part = Annotation(label: label, box: fine)
    part.partOf = 4
    #expect(rules(part) == ["voc.write.part"])
  }

  @Test func endlessPartsAreRefused() {
    let labels = LabelCache(LabelTable([Label(name: "a")]))
    var document = VOCDocument()
    for index in 0..<5000 {
      var annotation = Annotation(label: LabelID(index: 0), box: Box(1, 2, 3, 4, form: .corners))
      if index > 0 { annotation.partOf = 1 }
      document.annotations.append(annotation)
    }
    let written = encodeVOC(document, labels: labels)
    #expect(written.diagnostics.items.allSatisfy { $0.rule == "voc.write.part" })
    #expect(written.diagnostics.hasErrors)
  }

  @Test func sharesBecomePixelsAndFormsBecomeCorners() throws {
    let labels = LabelCache(LabelTable([Label(name: "a")]))
    var document = VOCDocument()
    document.width = 200
    document.height = 100
    let label = LabelID(index: 0)
    document.annotations = [
      Annotation(label: label, box: Box(0.5, 0.5, 0.5, 0.5, form: .centered, unit: .unit)),
      Annotation(label: label, box: Box(473.07, 1, 38.65, 2, form: .extent)),
      Annotation(label: label, shape: .polygon(Polygon(coordinates: [0, 0, 0.5, 0, 0.5, 0.25], unit: .unit))),
    ]
    let read = try decodeVOC(encodeVOC(document, labels: labels).text)
    #expect(read.annotations[0].box == Box(50, 25, 150, 75, form: .corners))
    #expect(read.annotations[1].box == Box(473.07, 1, 511.72, 3, form: .corners))
    #expect(read.annotations[2].shape == .polygon(Polygon(coordinates: [0, 0, 100, 0, 100, 25])))
  }

  @Test func theServiceLayoutAndFilledMarks() throws {
    let labels = LabelCache(LabelTable([Label(name: "a")]))
    var document = VOCDocument()
    document.width = 2
    document.height = 3
    document.annotations = [Annotation(label: LabelID(index: 0), box: Box(0, 0, 1, 1, form: .corners))]
    let text = encodeVOC(document, labels: labels, dialect: VOCDialect(layout: .service, folder: "NA", fillsFlags: true)).text
    #expect(
      text == """
        <?xml version="1.0" encoding="UTF-8" standalone="no"?>
        <annotation>
            <folder>NA</folder>
            <size>
                <width>2</width>
                <height>3</height>
                <depth>0</depth>
            </size>
            <object>
                <name>a</name>
                <pose>Unspecified</pose>
                <truncated>0</truncated>
                <difficult>0</difficult>
                <occluded>0</occluded>
                <bndbox>
                    <xmin>0</xmin>
                    <ymin>0</ymin>
                    <xmax>1</xmax>
                    <ymax>1</ymax>
                </bndbox>
            </object>
        </annotation>

        """)
  }

  /// Where the reader's dialect knows a folder of its own, a file without one stays without.
  @Test func anAbsentFolderStaysAbsent() throws {
    let dialect = VOCDialect(layout: .service, folder: "NA")
    let read = try decodeVOC("<annotation><filename>a.jpg</filename></annotation>", dialect: dialect)
    #expect(!encodeVOC(try #require(read.document), labels: read.labels, dialect: dialect).text.contains("folder"))
  }

  /// What was kept of a file counts only as long as it still means what the annotation says.
  @Test func changedAnnotationsAreWrittenAsTheyAre() throws {
    let read = try decodeVOC(
      document(
        "<object><name>a</name><truncated>0.0</truncated><bndbox><xmin>1.00</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
      ))
    var changed = try #require(read.document)
    changed.annotations[0].flags.truncated = true
    changed.annotations[0].box?.first = 1.5
    let again = try decodeVOC(encodeVOC(changed, labels: read.labels).text, labels: read.labels)
    #expect(again.annotations[0].flags.truncated == true)
    #expect(again.annotations[0].box?.first == 1.5)
  }

  @Test func cutAndDamagedFilesNeverTrap() throws {
    let seed: UInt64 = 20_260_101
    print("seed \(seed)")
    var random = SeededNumbers(seed: seed)
    let all =
      Self.bodies.map { Array("<annotation>\($0)</annotation>".utf8) } + [Array(VOCDecodeTests.errors.map(\.xml).joined().utf8)]
    func bare(_ annotation: Annotation) -> Annotation {
      var annotation = annotation
      annotation.preserved = Preserved()
      return annotation
    }
    func check(_ bytes: [UInt8]) {
      guard let read = try? decodeVOC(bytes), let document = read.document else { return }
      let written = encodeVOC(document, labels: read.labels)
      for item in read.diagnostics.items {
        #expect((item.range?.offset ?? 0) <= bytes.count)
        #expect(VOCCodec.readingRules.contains { $0.id == item.rule && $0.severity == item.severity }, "\(item.rule)")
      }
      // What is written can be read, and is then complete.
      if !written.diagnostics.hasErrors {
        let again = try? decodeVOC(written.text, labels: read.labels)
        // Where an object was left out, another one may set the order that the others are compared with.
        let isWhole = !read.diagnostics.hasErrors
        let isSame =
          document.annotations.isEmpty
          || again?.document?.annotations.map { isWhole ? $0 : bare($0) } == document.annotations.map { isWhole ? $0 : bare($0) }
        #expect(isSame, "\(String(decoding: bytes, as: UTF8.self)) became \(written.text)")
      }
    }
    for bytes in all { for end in bytes.indices { check(Array(bytes[..<end])) } }
    for _ in 0..<3000 {
      var bytes = all.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] = Array("0123456789.-<>/xyn".utf8).randomElement(using: &random) ?? 0
        default: bytes.remove(at: at)
        }
      }
      check(bytes)
    }
  }
}
