import Foundation

/// The zip tools that users have: judges of what we write, and makers of what we read.
enum ZipPeer {
  static let python = ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3"
  static let hasPython = isPresent([python, "-c", "import zipfile"])
  static let hasUnzip = isPresent(["unzip", "-v"])
  static let hasZip = isPresent(["zip", "-v"])
  static let hasBsdtar = isPresent(["bsdtar", "--version"])

  struct Outcome {
    var status: Int32
    /// Standard output and standard error.
    var text: String
  }

  private static func isPresent(_ command: [String]) -> Bool { (try? run(command).status) == 0 }

  /// Runs a command to its end; `input` is a file that becomes its standard input.
  static func run(_ command: [String], in folder: String? = nil, input: FileHandle? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    // bsdtar shows names only of a locale that knows them.
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = Pipe()
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
  }

  /// What every judge says against an archive; empty when all that are present accept it.
  static func complaints(_ path: String, names: [String]) throws -> [String] {
    var complaints: [String] = []
    if hasUnzip, !names.isEmpty {
      let outcome = try run(["unzip", "-tqq", path])
      if outcome.status != 0 { complaints.append("unzip -t: \(outcome.text.prefix(400))") }
    }
    if hasPython {
      let outcome = try run([python, "-c", pythonTest, path])
      let told = outcome.text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      if outcome.status != 0 || told != names { complaints.append("zipfile: \(outcome.text.prefix(400))") }
    }
    if hasBsdtar {
      let outcome = try run(["bsdtar", "-tf", path])
      let told = outcome.text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      if outcome.status != 0 || told != names { complaints.append("bsdtar -t: \(outcome.text.prefix(400))") }
    }
    return complaints
  }

  private static let pythonTest = """
    import sys, zipfile
    with zipfile.ZipFile(sys.argv[1]) as archive:
        bad = archive.testzip()
        if bad is not None: sys.exit("bad " + bad)
        for entry in archive.infolist():
            assert entry.create_system == 3 and entry.external_attr == 0o100644 << 16, entry
            assert entry.date_time == (1980, 1, 1, 0, 0, 0), entry
            print(entry.filename)
    """

  /// Every entry of an archive as Python reads it: name, method, size and content as hexadecimal digits.
  static func pythonContents(_ path: String) throws -> Outcome {
    try run(
      [
        python, "-c",
        """
        import sys, zipfile
        with zipfile.ZipFile(sys.argv[1]) as archive:
            for entry in archive.infolist(): print(entry.filename, entry.compress_type, entry.file_size, archive.read(entry).hex())
        """, path,
      ])
  }
}
