import Foundation
import TestSupport
import Testing

/// Deep, long and crowded input is read, or refused with a place; it never costs the stack, much memory, or much time.
@Suite struct NestingTests {
  /// An input that holds one extreme, and the exit codes that are right for it.
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var format: String
    /// The text before, the text that is repeated, how often, and the text after.
    var parts: @Sendable () -> [String]
    var codes: [Int32]
    /// A word of the answer, where the input must be refused.
    var says = ""
    var testDescription: String { "\(name), \(format)" }
  }

  private static func brackets(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  private static func elements(_ depth: Int) -> String {
    String(repeating: "<x>", count: depth) + String(repeating: "</x>", count: depth)
  }

  /// A document of each format around a JSON value.
  private static let around: [(format: String, before: String, after: String)] = [
    ("coco", #"{"images":[{"id":1,"file_name":"a.jpg","width":5,"height":5,"x":"#, "}],\"annotations\":[]}"),
    ("coco", #"{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[{"id":1,"image_id":1,"attributes":{"x":"#, "}}]}"),
    ("modelarts", #"{"source":"a.jpg","annotation":[],"x":"#, "}\n"),
    (
      "modelarts", #"{"source":"a.jpg","annotation":[{"type":"modelarts/image_classification","name":"a","property":{"x":"#,
      "}}]}\n"
    ),
    ("waybill", #"{"key":"a.jpg","image":{},"attributes":{"x":"#, "}}\n"),
    ("waybill", #"{"key":"a.jpg","image":{},"annotations":[{"label":"a","attributes":{"x":"#, "}}]}\n"),
  ]

  static let rows: [Row] = {
    var rows: [Row] = []
    for (format, before, after) in around {
      rows.append(Row(name: "512 brackets", format: format, parts: { [before, brackets(512), after] }, codes: [0]))
      rows.append(
        Row(
          name: "a million brackets", format: format, parts: { [before, brackets(1_000_000), after] }, codes: [3], says: "nested"))
      rows.append(
        Row(
          name: "a million open brackets", format: format, parts: { [before, String(repeating: "[", count: 1_000_000)] },
          codes: [3],
          says: "nested"))
      rows.append(
        Row(
          name: "a number of 10 MB", format: format, parts: { [before, String(repeating: "9", count: 10_000_000), after] },
          codes: [0, 3]))
      rows.append(
        Row(
          name: "a small number of 10 MB", format: format,
          parts: { [before, "0.", String(repeating: "0", count: 10_000_000), "1", after] },
          codes: [0]))
      rows.append(
        Row(
          name: "half a million empty arrays", format: format,
          parts: { [before, "[", String(repeating: "[],", count: 500_000), "[]]", after] }, codes: [0]))
    }
    rows.append(
      Row(
        name: "ten thousand relations in a chain that ends nowhere", format: "modelarts",
        parts: {
          [
            #"{"source":"content://abc","annotation":["#,
            (0..<10_000).map {
              #"{"type":"modelarts/text_triplet","name":"r","id":"R\#($0)","#
                + #""property":{"@modelarts:from":"R\#($0 + 1)","@modelarts:to":"R\#($0 + 1)"}}"#
            }.joined(separator: ","), "]}\n",
          ]
        }, codes: [3], says: "[modelarts.triplet.unknown-entity]"))
    let (open, close) = ("<annotation><filename>a.jpg</filename>", "</annotation>")
    rows += [
      Row(name: "200 elements", format: "pascal-voc", parts: { [open, elements(200), close] }, codes: [0]),
      Row(name: "512 elements", format: "pascal-voc", parts: { [open, elements(512), close] }, codes: [3], says: "[xml.too-deep]"),
      Row(
        name: "a million elements", format: "pascal-voc", parts: { [open, elements(1_000_000), close] }, codes: [3],
        says: "[xml.too-deep]"),
      Row(
        name: "a million attributes", format: "pascal-voc",
        parts: { [open, "<x", (0..<1_000_000).map { " a\($0)=\"\"" }.joined(), "/>", close] }, codes: [3], says: "[xml.too-large]"),
      Row(
        name: "half a million siblings", format: "pascal-voc",
        parts: { [open, String(repeating: "<x/>", count: 500_000), close] }, codes: [0]),
      Row(
        name: "a text of 10 MB", format: "pascal-voc",
        parts: { ["<annotation><filename>", String(repeating: "a", count: 10_000_000), "</filename></annotation>"] }, codes: [0, 3]),
      Row(
        name: "laughs", format: "pascal-voc", parts: { [laughs, "<annotation><filename>&l9;</filename></annotation>"] }, codes: [3],
        says: "[xml.entity]"),
      Row(
        name: "quadratic laughs", format: "pascal-voc",
        parts: {
          [
            "<!DOCTYPE a [<!ENTITY a \"", String(repeating: "a", count: 50_000), "\">]><annotation><filename>",
            String(repeating: "&a;", count: 50_000), "</filename></annotation>",
          ]
        }, codes: [3], says: "[xml.entity]"),
    ]
    return rows + yamlRows
  }()

  /// A data file of YOLO; anything may stand under a key that nobody knows.
  private static let yamlRows: [Row] = [
    Row(name: "60 brackets", format: "yolo", parts: { ["names: [a]\nx: ", brackets(60), "\n"] }, codes: [0]),
    Row(
      name: "a million brackets", format: "yolo", parts: { ["names: [a]\nx: ", brackets(1_000_000)] }, codes: [3],
      says: "[yaml.too-deep]"),
    Row(
      name: "a million open braces", format: "yolo", parts: { ["names: [a]\nx: {a: ", String(repeating: "[", count: 1_000_000)] },
      codes: [3], says: "[yaml.too-deep]"),
    Row(
      name: "a million dashes", format: "yolo", parts: { ["names: [a]\nx:\n", String(repeating: "- ", count: 1_000_000)] },
      codes: [3], says: "[yaml.too-deep]"),
    Row(
      name: "a thousand levels of lines", format: "yolo",
      parts: { ["names: [a]\n", (0..<1000).map { String(repeating: " ", count: $0) + "k:\n" }.joined()] }, codes: [3],
      says: "[yaml.too-deep]"),
    Row(
      name: "laughs", format: "yolo",
      parts: { ["a: &a [x]\n", (0..<20).map { "a\($0): &a\($0) [*a, *a, *a]\n" }.joined()] }, codes: [3],
      says: "[yaml.unsupported]"),
    Row(
      name: "half a million keys", format: "yolo", parts: { ["names: [a]\n", (0..<500_000).map { "k\($0): 1\n" }.joined()] },
      codes: [0]),
    Row(
      name: "a key twice, behind half a million", format: "yolo",
      parts: { ["names: [a]\n", (0..<500_000).map { "k\($0): 1\n" }.joined(), "k7: 2\n"] }, codes: [3],
      says: "[yaml.duplicate-key]"),
    Row(
      name: "a hundred thousand names", format: "yolo",
      parts: { ["names: [", (0..<100_000).map { "n\($0)" }.joined(separator: ", "), "]\n"] }, codes: [0]),
    Row(
      name: "a million blank lines", format: "yolo",
      parts: { ["names: [a]\nx:", String(repeating: "\n", count: 1_000_000), "y: 1\n"] }, codes: [0]),
    Row(
      name: "a text of 10 MB", format: "yolo",
      parts: { ["names: [a]\nx: \"", String(repeating: "a\n", count: 5_000_000), "\"\n"] },
      codes: [0]),
    Row(
      name: "a file of 20 MB", format: "yolo", parts: { ["names: [a]\nx: ", String(repeating: "a", count: 20_000_000)] },
      codes: [3],
      says: "[yolo.data.size]"),
  ]

  /// Ten entities, each ten times the one before.
  private static let laughs: String = {
    var text = "<!DOCTYPE a [<!ENTITY l0 \"ha\">"
    for level in 1..<10 { text += "<!ENTITY l\(level) \"" + String(repeating: "&l\(level - 1);", count: 10) + "\">" }
    return text + "]>"
  }()

  @Test(arguments: rows) func isReadOrRefused(_ row: Row) throws {
    let folder = try MemoryFolder()
    let text = row.parts().joined()
    let input = try folder.write("input", text.utf8)
    try folder.makeFolder("out")
    // A file of n bytes may cost a multiple of n, and no more.
    let outcome = try Extreme.run(
      ["convert", input, folder.file("out/a.jsonl"), "--from", row.format, "--to", "waybill", "--quiet"],
      dataMegabytes: 128 + (text.utf8.count * 20) >> 20, seconds: 60)
    #expect(row.codes.contains(outcome.status) && !outcome.isSignal, "\(outcome.ending): \(outcome.errors.prefix(500))")
    #expect(row.says.isEmpty || outcome.errors.contains(row.says), "\(outcome.errors.prefix(500))")
    // What is refused is refused with a place, and with few words.
    if outcome.status == 3 {
      #expect(
        outcome.errors.range(of: #"input:\d+:\d+: error: "#, options: .regularExpression) != nil, "\(outcome.errors.prefix(500))")
    }
    #expect(outcome.errors.utf8.count < 8000, "\(outcome.errors.utf8.count) bytes of words")
    #expect(try folder.names("out") == (outcome.status == 0 ? ["a.jsonl"] : []))
  }

  @Test(arguments: ["file://", ""]) func externalEntitiesAreNeverOpened(_ scheme: String) throws {
    let folder = try MemoryFolder()
    // Whoever opens the pipe to read waits for ever.
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    for declaration in [
      "<!DOCTYPE a [<!ENTITY x SYSTEM \"\(scheme)\(pipe)\">]>", "<!DOCTYPE a SYSTEM \"\(scheme)\(pipe)\">",
      "<!DOCTYPE a [<!ENTITY % x SYSTEM \"\(scheme)\(pipe)\"> %x;]>", "<!DOCTYPE a PUBLIC \"-//a\" \"\(scheme)\(pipe)\">",
    ] {
      let body = declaration.contains("ENTITY x") ? "&x;" : "a.jpg"
      let input = try folder.write("input.xml", "\(declaration)<annotation><filename>\(body)</filename></annotation>".utf8)
      let outcome = try Extreme.run(["validate", input, "--from", "pascal-voc"])
      #expect(outcome.status == 3 && !outcome.isSignal && !outcome.isTimeout, "\(declaration): \(outcome.ending) \(outcome.output)")
    }
  }

  @Test(arguments: [(false, true), (true, true), (false, false), (true, false)])
  func utf16DocumentsAreRead(isBigEndian: Bool, hasMark: Bool) throws {
    let folder = try MemoryFolder()
    let text =
      "<?xml version=\"1.0\" encoding=\"UTF-16\"?><annotation><filename>straße-𝄞.jpg</filename><object><name>犬</name>"
      + "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>x</ymax></bndbox></object></annotation>"
    func bytes(_ text: String) -> [UInt8] {
      let units = (hasMark ? [0xFEFF] : []) + Array(text.utf16)
      return units.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    }
    let wrong = try folder.write("wrong.xml", bytes(text))
    let refused = try Extreme.run(["validate", wrong, "--from", "pascal-voc"])
    #expect(refused.status == 3)
    #expect(refused.output.contains("[voc.box.number]"), "\(refused.output)")
    let input = try folder.write("right.xml", bytes(text.replacingOccurrences(of: ">x<", with: ">4<")))
    let outcome = try Extreme.run(["convert", input, folder.file("a.jsonl"), "--from", "pascal-voc", "--to", "waybill"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let manifest = String(decoding: try TestSupport.bytes(of: folder.file("a.jsonl")), as: UTF8.self)
    #expect(manifest.contains("straße-𝄞.jpg") && manifest.contains("犬") && manifest.contains("[1,2,3,4]"), "\(manifest)")
  }
}
