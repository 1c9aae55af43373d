import Glibc
import WaybillDiagnostics
import WaybillFiles

/// The files `~/.aws/config` and `~/.aws/credentials`, as far as a store needs them: sections of settings, and settings of settings.
struct AWSProfileFile {
  /// By the section's name, such as `default` or `profile team`; a nested setting is called `s3.endpoint_url`.
  let sections: [String: [String: String]]

  /// Reads a file; one that is not there is empty.
  init(path: String) throws(DatasetError) {
    var status = stat()
    // Whoever wants no settings names /dev/null.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFCHR else {
      self.init("")
      return
    }
    let file = try MappedFile(path: path)
    guard file.bytes.count <= 1 << 20 else { throw DatasetError(.io, "is too large for a file of settings", path: path) }
    self.init(String(decoding: file.bytes, as: UTF8.self))
  }

  /// Reads the text of a file; lines that are none of it are passed over, as other tools do.
  init(_ text: String) {
    var sections: [String: [String: String]] = [:]
    var section = ""
    var parent = ""
    for line in text.split(whereSeparator: \.isNewline) {
      let isNested = line.first == " " || line.first == "\t"
      let words = Self.trimmed(line)
      if words.isEmpty || words.hasPrefix("#") || words.hasPrefix(";") { continue }
      if words.hasPrefix("["), let end = words.firstIndex(of: "]") {
        section = words[words.index(after: words.startIndex)..<end].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        sections[section, default: [:]] = sections[section] ?? [:]
        parent = ""
        continue
      }
      guard let equals = words.firstIndex(of: "=") else { continue }
      let name = Self.trimmed(words[..<equals]).lowercased()
      var value = Self.trimmed(words[words.index(after: equals)...])
      // A comment may follow a value after white space.
      if let comment = value.range(ofAnyOf: [" #", "\t#", " ;"]) { value = Self.trimmed(value[..<comment]) }
      if isNested, !parent.isEmpty {
        sections[section, default: [:]]["\(parent).\(name)"] = value
      } else {
        parent = value.isEmpty ? name : ""
        sections[section, default: [:]][name] = value
      }
    }
    self.sections = sections
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension String {
  /// Where the first of some texts begins.
  fileprivate func range(ofAnyOf texts: [String]) -> Index? {
    indices.first { index in texts.contains { self[index...].hasPrefix($0) } }
  }
}

/// What the environment and the files of settings say, together.
struct AWSEnvironment: Sendable {
  /// The variables.
  let variables: [String: String]
  /// The name of the profile.
  let profile: String
  /// Whether the profile was asked for by name.
  let isProfileNamed: Bool
  private let settings: [String: String]
  private let services: [String: String]
  private let keys: [String: String]
  private let isProfileKnown: Bool

  /// Reads the files that the variables name.
  ///
  /// - Throws: An error of the code `usage` for a profile that was asked for and is in no file, `io` for a file that cannot be read.
  init(_ variables: [String: String]) throws(DatasetError) {
    self.variables = variables
    let named = variables["AWS_PROFILE"] ?? variables["AWS_DEFAULT_PROFILE"] ?? ""
    profile = named.isEmpty ? "default" : named
    isProfileNamed = !named.isEmpty
    let home = variables["HOME"] ?? ""
    let config = try AWSProfileFile(path: variables["AWS_CONFIG_FILE"] ?? "\(home)/.aws/config")
    let credentials = try AWSProfileFile(path: variables["AWS_SHARED_CREDENTIALS_FILE"] ?? "\(home)/.aws/credentials")
    let section = config.sections["profile \(profile)"] ?? (profile == "default" ? config.sections["default"] : nil)
    let keys = credentials.sections[profile]
    settings = section ?? [:]
    self.keys = keys ?? [:]
    isProfileKnown = section != nil || keys != nil
    services = settings["services"].flatMap { config.sections["services \($0)"] } ?? [:]
    if isProfileNamed, !isProfileKnown {
      throw DatasetError(.usage, "The profile \(terminalSafe(profile)) of AWS_PROFILE is in none of the AWS configuration files")
    }
  }

  /// A variable that is there and not empty.
  func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// A setting of the profile; where both files have it, the file of credentials wins.
  func setting(_ name: String) -> String? { (keys[name] ?? settings[name]).flatMap { $0.isEmpty ? nil : $0 } }

  /// The endpoint of S3 that is configured, if any.
  var endpoint: String? {
    if variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() == "true" { return nil }
    return variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL") ?? services["s3.endpoint_url"] ?? setting("endpoint_url")
  }

  /// The region that is configured, if any.
  var region: String? { variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? setting("region") }

  /// A file of certificates to trust.
  var authorities: String? { variable("AWS_CA_BUNDLE") ?? setting("ca_bundle") }

  /// The variables of this process.
  static var process: [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") { variables[String(line[..<equals])] = String(line[line.index(after: equals)...]) }
      entry += 1
    }
    return variables
  }
}
