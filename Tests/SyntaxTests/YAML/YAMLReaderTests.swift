import TestSupport
import Testing
import WaybillBytes
import WaybillSyntax

/// The value of a text as compact JSON.
private func json(_ text: String) throws -> String {
  var bytes = Array(text.utf8)
  return try bytes.withUnsafeMutableBytes { raw in
    let node = try YAMLReader.read(UnsafeRawBufferPointer(raw))
    var buffer = ByteBuffer()
    buffer.appendJSON(node)
    return buffer.string()
  }
}

private func fault(_ bytes: [UInt8]) -> YAMLFault? {
  bytes.withUnsafeBytes { raw in
    do throws(YAMLFault) {
      _ = try YAMLReader.read(raw)
      return nil
    } catch {
      return error
    }
  }
}

@Suite struct YAMLReaderTests {
  static let values: [(String, String)] = [
    ("", #""""#), ("# only a comment\n", #""""#), ("a", #""a""#), ("42", "42"), ("4.5e3", "4.5e3"), ("+1", #""+1""#),
    ("01", #""01""#),
    ("true", "true"), ("True", #""True""#), ("null", "null"), ("~", #""~""#),
    ("a: 1", #"{"a":1}"#), ("a: 1\nb: x y \n", #"{"a":1,"b":"x y"}"#), ("a:\n", #"{"a":""}"#), ("a:\nb: 2", #"{"a":"","b":2}"#),
    ("a:   # says nothing\n  b: 1 # one\n  c: 2\nd: 3", #"{"a":{"b":1,"c":2},"d":3}"#),
    ("names:\n  0: person\n  1: bicycle with space\n", #"{"names":{"0":"person","1":"bicycle with space"}}"#),
    ("names:\n- a\n- b\nnc: 2", #"{"names":["a","b"],"nc":2}"#), ("names:\n  - a\n  - b\nnc: 2", #"{"names":["a","b"],"nc":2}"#),
    ("- a\n-\n  b: 1\n- - c\n  - d\n-\n- e: 1\n  f: 2", #"["a",{"b":1},["c","d"],"",{"e":1,"f":2}]"#),
    ("names: ['label_0', \"la'bel\", plain text, 3]", #"{"names":["label_0","la'bel","plain text",3]}"#),
    ("k: [17, 3]  # shape", #"{"k":[17,3]}"#), ("k: []\nm: {}", #"{"k":[],"m":{}}"#),
    ("names: [a, # first\n  b,\n  c,\n]\nnc: 3", #"{"names":["a","b","c"],"nc":3}"#),
    ("m: {0: a, 1: 'b: c', \"d\": [1, {e: f}], g}", #"{"m":{"0":"a","1":"b: c","d":[1,{"e":"f"}],"g":""}}"#),
    (#"{"a": [1, 2.5, "x"], "b": {"c": null}}"#, #"{"a":[1,2.5,"x"],"b":{"c":null}}"#), (#"{"a":1}"#, #"{"a":1}"#),
    ("train: ../train/images\nurl: http://x.y/z#top", #"{"train":"../train/images","url":"http://x.y/z#top"}"#),
    ("a: it's # a comment", #"{"a":"it's"}"#), ("a: b#c", #"{"a":"b#c"}"#), ("a: '#b'", ##"{"a":"#b"}"##),
    ("a: 'it''s'\n\"b c\": d", #"{"a":"it's","b c":"d"}"#), ("a b: c", #"{"a b":"c"}"#), ("'a': b", #"{"a":"b"}"#),
    (#"a: "q\"\\\n\t\x41\u00e9\U0001F600\uD83D\uDE00\/""#, "{\"a\":\"q\\\"\\\\\\n\\tA\u{e9}\u{1F600}\u{1F600}/\"}"),
    ("a: \"one\n  two\n\n  three\"", #"{"a":"one two\nthree"}"#), ("a: \"one\\\n  two\"", #"{"a":"onetwo"}"#),
    ("a: one\n  two\n\n  three\nb: 1", #"{"a":"one two\nthree","b":1}"#),
    (
      "d: |\n  import os\n  if x:\n    y  # no comment\n\n  z: 1\n\nb: 1",
      #"{"d":"import os\nif x:\n  y  # no comment\n\nz: 1\n","b":1}"#
    ),
    ("d: |-\n  a\n  b\ne: >-\n  a\n  b\n\n  c", #"{"d":"a\nb","e":"a b\nc"}"#), ("d: |+\n  a\n\nb: 1", #"{"d":"a\n\n","b":1}"#),
    ("d: |2\n   a\n  b\n", #"{"d":" a\nb\n"}"#), ("d: |\nb: 1", #"{"d":"","b":1}"#),
    ("\u{FEFF}a: 1\r\nb:\r\n  - x\r\n  - y\r\n", #"{"a":1,"b":["x","y"]}"#),
    ("---\na: 1\n...\nanything", #"{"a":1}"#), ("# c\n--- # start\na: 1", #"{"a":1}"#),
    ("a: -1\nb: - x", #"{"a":-1,"b":"- x"}"#), ("a: ?x\n-b: 1", #"{"a":"?x","-b":1}"#), ("日本: 犬", #"{"日本":"犬"}"#),
  ]

  @Test(arguments: values) func reads(_ text: String, _ expected: String) throws {
    #expect(try json(text) == expected)
  }

  static let faults: [(String, String, Int)] = [
    ("a: 1\na: 2", "yaml.duplicate-key", 5), ("{a: 1, a: 2}", "yaml.duplicate-key", 7), ("a: [1, 2", "yaml.syntax", 3),
    ("a: {b: 1", "yaml.syntax", 3), ("a: 'x", "yaml.syntax", 3), ("a: \"x", "yaml.syntax", 3), ("a: \"\\q\"", "yaml.syntax", 4),
    ("a: \"\\xZZ\"", "yaml.syntax", 4), ("a: \"\\uD800\"", "yaml.syntax", 4), ("a:\n\tb: 1", "yaml.syntax", 3),
    ("a: 1\n  b: 2", "yaml.syntax", 8), ("a:\n    b: 1\n  c: 2", "yaml.syntax", 14), ("a: b: c", "yaml.syntax", 4),
    ("a: &x 1", "yaml.unsupported", 3), ("a: *x", "yaml.unsupported", 3), ("a: !!python/object 1", "yaml.unsupported", 3),
    ("<<: *x", "yaml.unsupported", 4), ("? a\n: b", "yaml.unsupported", 0), ("%YAML 1.2\n---\na: 1", "yaml.unsupported", 0),
    ("a: 1\n---\nb: 2", "yaml.unsupported", 5), ("a: [b: c]", "yaml.unsupported", 5), ("a: [1 2] 3", "yaml.syntax", 8),
    ("a: [,]", "yaml.syntax", 4), ("a: 'x' y", "yaml.syntax", 6), ("a: 1\nb", "yaml.syntax", 5), ("a: @b", "yaml.syntax", 3),
    ("- a\nb: 1", "yaml.syntax", 4), ("a: | x\n  b", "yaml.syntax", 4), ("a: 1\n- b", "yaml.syntax", 5),
  ]

  @Test(arguments: faults) func faultsHaveAPlace(_ text: String, _ rule: String, _ offset: Int) throws {
    let found = try #require(fault(Array(text.utf8)))
    #expect(found.rule == rule, "\(found)")
    #expect(found.offset == offset, "\(found)")
    #expect(!found.message.isEmpty)
  }

  @Test func bytesMustBeUTF8() {
    #expect(fault([0x61, 0x3A, 0x20, 0xFF]) == YAMLFault(.invalidUTF8, at: 3))
  }

  @Test func depthIsLimited() {
    let flow = String(repeating: "[", count: 100_000)
    let block = String(repeating: "- ", count: 100_000)
    let nested = (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    for text in [flow, block, nested, "a: " + String(repeating: "{b: ", count: 1000)] {
      #expect(fault(Array(text.utf8))?.rule == "yaml.too-deep")
    }
    #expect(fault(Array((String(repeating: "[", count: 63) + String(repeating: "]", count: 63)).utf8)) == nil)
    #expect(fault(Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8))?.rule == "yaml.too-deep")
  }

  @Test func nodesKnowTheirPlacesAndKinds() throws {
    let text = Array("nc: 2\nnames: [a, 'b']\nnone: ~\nquoted: '2'\n".utf8)
    try text.withUnsafeBytes { raw in
      let node = try YAMLReader.read(raw)
      let members = try #require(node.members)
      #expect(members.map(\.key) == ["nc", "names", "none", "quoted"])
      #expect(members.map(\.keyRange) == [0..<2, 6..<11, 22..<26, 30..<36])
      #expect(node["nc"]?.integer == 2 && node["nc"]?.range == 4..<5)
      #expect(node["names"]?.items?.map(\.text) == ["a", "b"])
      #expect(node["names"]?.items?.map(\.range) == [14..<15, 17..<20])
      #expect(node["none"]?.text == nil && node["none"]?.isNull == true)
      #expect(node["quoted"]?.integer == nil && node["quoted"]?.text == "2")
      #expect(node["absent"] == nil && node["nc"]?.members == nil && node["nc"]?.items == nil)
    }
  }

  /// Cut anywhere and changed anywhere: a value or a fault inside the file, never a trap.
  @Test func brokenFilesNeverTrap() {
    var seeds = SeededNumbers(seed: testSeed(41))
    for (text, _) in Self.values {
      let bytes = Array(text.utf8)
      for count in 0...bytes.count {
        if let found = fault(Array(bytes.prefix(count))) { #expect(found.offset >= 0 && found.offset <= count) }
      }
      guard !bytes.isEmpty else { continue }
      for _ in 0..<60 {
        var changed = bytes
        for _ in 0...2 {
          let marks = Array("[]{}:,-'\"\\|>#&*!?%@ \t\r\n~01a".utf8)
          changed[Int(seeds.next() % UInt64(changed.count))] = marks[Int(seeds.next() % UInt64(marks.count))]
        }
        if let found = fault(changed) {
          #expect(found.offset >= 0 && found.offset <= changed.count, "\(String(decoding: changed, as: UTF8.self))")
        }
      }
    }
  }

  /// What is printed as JSON is YAML of the same value.
  @Test func jsonReadsBack() throws {
    for (text, expected) in Self.values where text != "~" {
      #expect(try json(expected) == expected, "\(text)")
    }
  }

  @Test func longFilesAreReadInLinearTime() throws {
    let names = (0..<100_000).map { "  \($0): name \($0)" }.joined(separator: "\n")
    let text = Array("names:\n\(names)\n".utf8)
    let count = try text.withUnsafeBytes { raw in try YAMLReader.read(raw)["names"]?.members?.count }
    #expect(count == 100_000)
  }
}
