import Glibc
import WaybillDiagnostics

/// What the environment and the files of settings say, together.
struct AWSEnvironment: Sendable {
  /// The variables.
  let variables: [String: String]
  /// The name of the profile.
  let profile: String
  private let settings: [String: String]
  private let services: [String: String]
  private let keys: [String: String]

  /// Reads the files that the variables name.
  ///
  /// - Throws: An error of the code `usage` for a profile that was asked for and is in no file, `io` for a file that cannot be read.
  init(_ variables: [String: String]) throws(DatasetError) {
    self.variables = variables
    let named = variables["AWS_PROFILE"] ?? variables["AWS_DEFAULT_PROFILE"] ?? ""
    profile = named.isEmpty ? "default" : named
    let home = variables["HOME"] ?? ""
    let config = try AWSProfileFile(path: variables["AWS_CONFIG_FILE"] ?? "\(home)/.aws/config")
    let credentials = try AWSProfileFile(path: variables["AWS_SHARED_CREDENTIALS_FILE"] ?? "\(home)/.aws/credentials")
    let section = config.sections["profile \(profile)"] ?? (profile == "default" ? config.sections["default"] : nil)
    let keys = credentials.sections[profile]
    settings = section ?? [:]
    self.keys = keys ?? [:]
    services = settings["services"].flatMap { config.sections["services \($0)"] } ?? [:]
    if !named.isEmpty, section == nil, keys == nil {
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
