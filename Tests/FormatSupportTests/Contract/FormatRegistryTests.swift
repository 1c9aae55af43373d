import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Formats that only know their own first byte.
private protocol FakeFormat: Format {
  static var mark: String { get }
  static var confidence: Detection.Confidence { get }
}

extension FakeFormat {
  static func detect(_ probe: DetectionProbe) -> Detection? {
    guard probe.head.starts(with: Array(mark.utf8)) || probe.files.contains("\(mark).txt") else { return nil }
    return Detection(confidence, ["it begins with \(mark)"])
  }
  static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    throw DatasetError(.usage, "A fake has no reader")
  }
  static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    throw DatasetError(.usage, "A fake has no writer")
  }
}

private func descriptor(_ id: FormatID) -> FormatDescriptor {
  FormatDescriptor(
    id: id, name: id.name.uppercased(), summary: "A fake", fileExtensions: [".\(id.name).json"], reads: .all,
    writes: [.image, .box],
    readOptions: [
      FormatOption("origin", "Where pixels begin", choices: ["0", "1"], defaultValue: "0"),
      FormatOption("name", "A name", defaultValue: ""),
    ],
    writeOptions: [FormatOption("indent", "Lines", choices: ["yes", "no"], defaultValue: "no")])
}

private enum Alpha: FakeFormat {
  static let descriptor = FormatSupportTests.descriptor("alpha")
  static let mark = "A"
  static let confidence = Detection.Confidence.certain
}
private enum Beta: FakeFormat {
  static let descriptor = FormatSupportTests.descriptor("beta")
  static let mark = "AB"
  static let confidence = Detection.Confidence.certain
}
private enum Gamma: FakeFormat {
  static let descriptor = FormatSupportTests.descriptor("gamma")
  static let mark = ""
  static let confidence = Detection.Confidence.possible
}

private let registry = FormatRegistry([Gamma.self, Beta.self, Alpha.self])

private func thrown<T>(_ body: () throws(DatasetError) -> T) -> DatasetError? {
  do throws(DatasetError) {
    _ = try body()
    return nil
  } catch { return error }
}

@Suite struct FormatRegistryTests {
  @Test func formatsAreOrderedByName() {
    #expect(registry.names == ["alpha", "beta", "gamma"])
    #expect(FormatRegistry([]).names.isEmpty)
  }

  @Test(arguments: [
    ("alpha", "alpha", []), ("beta:", "beta", []), ("beta:origin=1", "beta", ["origin=1"]),
    ("gamma:a=b=c,d=", "gamma", ["a=b=c", "d="]),
    ("gamma:a=,,b=2,", "gamma", ["a=", "b=2"]), ("alpha:name=x:y", "alpha", ["name=x:y"]), ("alpha:=v", "alpha", ["=v"]),
  ])
  func parses(text: String, name: String, options: [String]) throws {
    let choice = try registry.parse(text)
    #expect(choice.format.descriptor.id.name == name)
    #expect(choice.options.map { "\($0.name)=\($0.value)" } == options)
    #expect(choice.detection == nil)
  }

  @Test(arguments: [
    ("", "the formats are alpha, beta, gamma"), ("alphe", "did you mean alpha?"), ("Beta", "did you mean beta?"),
    ("unlike", "the formats are alpha, beta, gamma"), ("alpha:origin", "name=value"), ("alph\u{1B}a", "\\u{1b}"),
    (":x=1", "the formats are"),
  ])
  func refuses(text: String, words: String) {
    let error = thrown { () throws(DatasetError) in try registry.parse(text) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [("A{}", "alpha"), ("xyz", "gamma"), ("", "gamma")])
  func detectsByContent(content: String, name: String) throws {
    let folder = try TemporaryFolder()
    let choice = try registry.detect(DatasetInput(path: folder.write("input", content)))
    #expect(choice.format.descriptor.id.name == name)
    #expect(choice.detection?.reasons.count == 1)
  }

  @Test func aTieNamesBothAndTheirReasons() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("input", "AB")
    let error = thrown { () throws(DatasetError) in try registry.detect(DatasetInput(path: path)) }
    #expect(error?.code == .invalidInput && error?.path == path)
    #expect(error?.message == "This may be alpha (it begins with A) or beta (it begins with AB); choose one with --from")
  }

  @Test func nothingFoundNamesTheFormats() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("input", "zzz")
    let error = thrown { () throws(DatasetError) in try FormatRegistry([Alpha.self, Beta.self]).detect(DatasetInput(path: path)) }
    #expect(error?.code == .invalidInput && error?.message.contains("(alpha, beta)") == true)
  }

  @Test func foldersAreLookedAtByTheirFiles() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("A.txt", "x")
    _ = try folder.write("sub/deep.txt", String(repeating: "y", count: 10_000))
    let choice = try registry.detect(DatasetInput(path: folder.path + "/"))
    #expect(choice.format.descriptor.id == "alpha")
    let probe = try DetectionProbe(DatasetInput(path: folder.path))
    #expect(probe.files == ["A.txt", "sub/deep.txt"] && probe.head.isEmpty)
    #expect(probe.head(of: "sub/deep.txt").count == 4096 && probe.head(of: "none").isEmpty && probe.head(of: "sub").isEmpty)
    #expect(probe.name == folder.path.split(separator: "/").last.map(String.init))
  }

  @Test func inputsKnowTheirFolder() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a/b.json", "{}")
    let input = try DatasetInput(path: file)
    #expect(!input.isFolder && input.folder == folder.file("a"))
    let mapped = try input.map()
    #expect(mapped.bytes.count == 2)
    let whole = try DatasetInput(path: folder.path + "/")
    #expect(whole.isFolder && whole.path == folder.path && whole.folder == folder.path)
    let missing = thrown { () throws(DatasetError) in try DatasetInput(path: folder.file("none")) }
    #expect(missing?.code == .io && missing?.path == folder.file("none"))
  }

  @Test(
    arguments: [
      ("coco", ["coco", "voc"], "coco"), ("cocoa", ["coco", "voc"], "coco"), ("VOC", ["coco", "voc"], "voc"),
      ("vok", ["coco", "voc"], "voc"), ("form", ["from", "to"], "from"), ("cooc", ["coco", "voc"], "coco"),
      ("", ["coco"], nil), ("x", ["coco", "voc"], nil), ("modelart", ["modelarts", "coco"], "modelarts"), ("abc", [], nil),
      (String(repeating: "x", count: 100), ["coco"], nil), ("pascalvoc", ["pascal-voc"], "pascal-voc"),
    ] as [(String, [String], String?)])
  func nearestNames(name: String, names: [String], expected: String?) {
    #expect(nearest(to: name, among: names) == expected)
  }

  @Test func optionsAreCheckedAndFilledIn() throws {
    let defaults = try FormatChoice(format: Alpha.self).readOptions()
    #expect(defaults["origin"] == "0" && defaults["name"] == "" && defaults["unknown"] == "")
    let given = try FormatChoice(format: Alpha.self, options: [("origin", "1"), ("name", "any thing"), ("origin", "0")])
      .readOptions()
    #expect(given["origin"] == "0" && given["name"] == "any thing")
    let written = try FormatChoice(format: Alpha.self, options: [("indent", "yes")]).writeOptions()
    #expect(written.isOn("indent") && !written.isOn("other"))
    #expect(try FormatOptions([], declared: [], format: "x") == FormatOptions([], declared: [], format: "x"))
    #expect(Alpha.writes(written) == [.image, .box])
  }

  @Test(arguments: [
    ("origin", "2", "The option alpha:origin is one of 0, 1, not \"2\""),
    ("indent", "yes", "no option \"indent\" here; it has origin, name"),
    ("ori\u{1B}", "1", "\"ori\\u{1b}\""),
  ])
  func badOptionsAreRefused(name: String, value: String, words: String) {
    let error = thrown { () throws(DatasetError) in try FormatChoice(format: Alpha.self, options: [(name, value)]).readOptions() }
    #expect(error?.code == .usage && error?.message.contains(words) == true, "\(error?.message ?? "")")
    let none = thrown { () throws(DatasetError) in try FormatOptions([(name, value)], declared: [], format: "x") }
    #expect(none?.message.contains("it has none") == true)
  }

  @Test(arguments: [
    ("a.alpha.json", true), ("A.ALPHA.JSON", true), ("dir", false), ("alpha.json", false), (".alpha.json/x", false),
  ])
  func endingsMeanFiles(path: String, isFile: Bool) {
    #expect(Alpha.descriptor.isFile(path) == isFile)
    #expect(Alpha.descriptor.sections == ["alpha"])
  }

  @Test func aWorkerKeepsOneThingOfEachType() {
    final class Thing {}
    final class Other {}
    let scratch = Scratch()
    let first = scratch.thing(Thing.self) { Thing() }
    #expect(scratch.thing(Thing.self) { Thing() } === first)
    let other = scratch.thing(Other.self) { Other() }
    #expect(scratch.thing(Other.self) { Other() } === other && scratch.thing(Thing.self) { Thing() } === first)
  }
}
