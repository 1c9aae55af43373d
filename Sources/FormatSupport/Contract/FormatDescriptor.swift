import WaybillDatasetModel
import WaybillDiagnostics

/// What a format is and what it can do, as data: help, the matrix page, loss reports and tests are all made from it.
public struct FormatDescriptor: Sendable {
  /// The name users type, such as `coco`.
  public var id: FormatID
  /// The name people say, such as "COCO".
  public var name: String
  /// One line: what it is.
  public var summary: String
  /// Endings of a path that mean one file as output, with their dots; any other output path is a folder.
  public var fileExtensions: [String]
  /// The features its reader can find.
  public var reads: FeatureSet
  /// The features its writer can write so that its reader finds them again.
  public var writes: FeatureSet
  /// The features its writer looks at though its files do not hold them, such as the size that shares of an image are made from.
  ///
  /// They are booked as dropped, and reach the writer all the same.
  public var needs: FeatureSet
  /// Whether an annotation is written with one place: keypoints with their box, else a polygon, which says its box, else a box.
  public var writesOnePlace: Bool
  /// The sections of ``Preserved`` its writer prints: its own, and those of a codec it shares.
  public var sections: [FormatID]
  /// Options of the reader (`--from ID:option=value`).
  public var readOptions: [FormatOption]
  /// Options of the writer (`--to ID:option=value`).
  public var writeOptions: [FormatOption]
  /// Every rule its reader and writer may report.
  public var rules: [FormatRule]
  /// Addresses of specifications.
  public var links: [String]

  /// A format and its abilities.
  public init(
    id: FormatID, name: String, summary: String, fileExtensions: [String], reads: FeatureSet, writes: FeatureSet,
    needs: FeatureSet = [], writesOnePlace: Bool = false, sections: [FormatID]? = nil, readOptions: [FormatOption] = [],
    writeOptions: [FormatOption] = [], rules: [FormatRule] = [],
    links: [String] = []
  ) {
    self.id = id
    self.name = name
    self.summary = summary
    self.fileExtensions = fileExtensions
    self.reads = reads
    self.writes = writes
    self.needs = needs
    self.writesOnePlace = writesOnePlace
    self.sections = sections ?? [id]
    self.readOptions = readOptions
    self.writeOptions = writeOptions
    self.rules = rules
    self.links = links
  }

  /// Whether an output path names one file rather than a folder.
  public func isFile(_ path: String) -> Bool {
    fileExtensions.contains { path.lowercased().hasSuffix($0) }
  }
}

/// A dialect switch of a format.
public struct FormatOption: Sendable {
  /// The name.
  public var name: String
  /// One line of help.
  public var help: String
  /// The values to choose from; empty when any text will do.
  public var choices: [String]
  /// The value when none is given.
  public var defaultValue: String

  /// A dialect switch.
  public init(_ name: String, _ help: String, choices: [String] = [], defaultValue: String) {
    self.name = name
    self.help = help
    self.choices = choices
    self.defaultValue = defaultValue
  }
}

/// A rule that files of a format can break.
public struct FormatRule: Sendable {
  /// The identifier, such as `coco.annotation.box-count`.
  public var id: String
  /// How much it matters.
  public var severity: Diagnostic.Severity
  /// One line: the rule.
  public var summary: String

  /// A rule that files can break.
  public init(_ id: String, _ severity: Diagnostic.Severity, _ summary: String) {
    self.id = id
    self.severity = severity
    self.summary = summary
  }
}

/// The values of a format's options, checked against their declarations.
public struct FormatOptions: Sendable, Equatable {
  private var values: [String: String]

  /// Checks given values against the declared options and fills in the defaults.
  ///
  /// - Throws: ``DatasetError`` with the code `usage` for an option or a value the format does not know.
  public init(_ given: [(name: String, value: String)], declared: [FormatOption], format: FormatID) throws(DatasetError) {
    values = [:]
    for option in declared { values[option.name] = option.defaultValue }
    for (name, value) in given {
      guard let option = declared.first(where: { $0.name == name }) else {
        let known = declared.isEmpty ? "it has none" : "it has " + declared.map(\.name).joined(separator: ", ")
        throw DatasetError(.usage, "The format \(format) has no option \"\(terminalSafe(name))\" here; \(known)")
      }
      guard option.choices.isEmpty || option.choices.contains(value) else {
        throw DatasetError(
          .usage,
          "The option \(format):\(name) is one of \(option.choices.joined(separator: ", ")), not \"\(terminalSafe(value))\"")
      }
      values[name] = value
    }
  }

  /// The value of a declared option.
  public subscript(name: String) -> String { values[name] ?? "" }

  /// Whether a declared option is `yes` or `true`.
  public func isOn(_ name: String) -> Bool { values[name] == "yes" || values[name] == "true" }
}
