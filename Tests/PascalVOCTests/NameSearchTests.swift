import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

@testable import WaybillPascalVOC

@Suite struct NameSearchTests {
  /// A view of labels that has seen some names.
  private func labels(_ names: [String] = ["dog", "cat", "traffic light", "café"]) -> LabelCache {
    let cache = LabelCache(LabelTable())
    for name in names { _ = name.withBytes { cache.intern($0) } }
    return cache
  }

  private func findsOnly(_ text: [UInt8], _ labels: LabelCache) -> Bool {
    text.withUnsafeBytes { NameSearch.findsOnly(labels, in: $0) }
  }

  @Test(arguments: [
    ("<annotation><object><name>dog</name></object></annotation>", true),
    ("<annotation><object><name>dog</name></object><object><name>traffic light</name></object></annotation>", true),
    ("<annotation><object><name>café</name></object></annotation>", true),
    ("<?xml version=\"1.0\"?>\n<annotation><object><name>cat</name></object></annotation>", true),
    ("<?xml version='1.0' encoding='utf-8'?><annotation><object><name>cat</name></object></annotation>", true),
    ("<annotation><filename>x</filename><names>y</names><name_of>z</name_of></annotation>", true),
    ("<annotation></annotation>", true), ("<annotation", true),
    // New names, wherever they stand.
    ("<annotation><object><name>horse</name></object></annotation>", false),
    ("<annotation><object><name>dog</name></object><object><name>Dog</name></object></annotation>", false),
    ("<annotation><owner><name>somebody</name></owner></annotation>", false),
    ("<annotation><!-- <name>horse</name> --></annotation>", false),
    // What only a parser can tell.
    ("<annotation><object><name> dog</name></object></annotation>", false),
    ("<annotation><object><name>dog\n</name></object></annotation>", false),
    ("<annotation><object><name></name></object></annotation>", false),
    ("<annotation><object><name/></object></annotation>", false),
    ("<annotation><object><name >dog</name></object></annotation>", false),
    ("<annotation><object><name a=\"b\">dog</name></object></annotation>", false),
    ("<annotation><object><name>dog<!-- --> house</name></object></annotation>", false),
    ("<annotation><object><name>dog<b/></name></object></annotation>", false),
    ("<annotation><object><name><![CDATA[dog]]></name></object></annotation>", false),
    ("<annotation><object><name>d&#111;g</name></object></annotation>", false),
    ("<!DOCTYPE annotation [<!ENTITY x \"dog\">]><annotation>&x;</annotation>", false),
    ("<?xml version=\"1.0\" encoding=\"UTF-7\"?><annotation/>", false),
    ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><annotation/>", false),
    ("\u{FEFF}<annotation/>", false), ("<root/>", false), ("", false), ("<annotation><name>dog", false),
    ("<annotation><name>dog<", false),
    ("<annotation><name", true), ("<annotation><name>", true),
  ])
  func whatIsFound(document: String, expected: Bool) {
    #expect(findsOnly(Array(document.utf8), labels()) == expected)
  }

  @Test func nothingIsKnownAtFirst() {
    let none = labels([])
    #expect(!findsOnly(Array("<annotation><object><name>dog</name></object></annotation>".utf8), none))
    #expect(findsOnly(Array("<annotation><object></object></annotation>".utf8), none))
    let noDocument = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(!NameSearch.findsOnly(none, in: noDocument))
  }

  /// The names of labels that a survey takes from a document; none where it cannot be read.
  private func names(_ text: [UInt8], _ reader: XMLReader) -> [[UInt8]] {
    text.withUnsafeBytes { bytes in
      guard (try? reader.parse(bytes)) != nil else { return [] }
      return (0..<reader.count).compactMap { element in
        guard reader.isNamed(element, "name") else { return nil }
        let parent = reader[element].parent
        guard parent >= 0, reader.isNamed(parent, "object") || reader.isNamed(parent, "part") else { return nil }
        return VOCCodec.labelName(reader, element).map { Array($0) }
      }
    }
  }

  @Test func whateverItPassesOverNamesNothingNew() {
    let seed = testSeed(21)
    var dice = SeededNumbers(seed)
    let cache = labels()
    let reader = XMLReader()
    let pieces = [
      "<object>", "</object>", "<name>", "</name>", "<name>dog</name>", "<name>cat</name>", "<name>horse</name>", "<part>",
      "</part>",
      "<name >", "<name/>", "dog", " ", "\n", "&lt;", "&#100;og", "<!-- ", " -->", "<![CDATA[", "]]>", "<filename>", "</filename>",
      "<x:name>",
      "</x:name>", "\u{FEFF}", "é", "<?pi?>", "\r\n",
    ]
    var passed = 0
    for _ in 0..<40_000 {
      var text = dice.pick(["", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='UTF-8'?>\n"]) + "<annotation>"
      for _ in 0..<dice.below(5) {
        if dice.below(3) > 0 {
          text += "<object><name>" + dice.pick(["dog", "cat", "café", "traffic light", "dog ", "horse"]) + "</name></object>"
        } else {
          for _ in 0..<(1 + dice.below(3)) { text += pieces[dice.below(pieces.count)] }
        }
      }
      var bytes = Array((text + "</annotation>").utf8)
      if dice.below(6) == 0 { bytes[dice.below(bytes.count)] = UInt8(truncatingIfNeeded: dice.next()) }
      guard findsOnly(bytes, cache) else { continue }
      let new = names(bytes, reader).filter { name in !name.withUnsafeBufferPointer { cache.hasInterned($0) } }
      passed += 1
      guard new.isEmpty else {
        Issue.record(
          "\(String(decoding: bytes, as: UTF8.self)) names \(new.map { String(decoding: $0, as: UTF8.self) }), seed \(seed)")
        return
      }
    }
    #expect(passed > 2000)
  }
}
