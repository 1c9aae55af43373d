import Foundation
import TestSupport
import Testing

/// The tool with a store in a bucket, from the first check to the last collection; and that no secret shows itself anywhere.
@Suite(
  .enabled(if: ServerVariables.all != nil, "no servers (Scripts/s3-servers start FOLDER; WAYBILL_S3_SERVERS=FOLDER/servers.env)"))
struct BucketTests {
  private let folder: TemporaryFolder
  private let variables: [String: String]
  private let bucket = "waybill-tool-\(UInt64.random(in: 0...(.max)))"

  init() throws {
    folder = try TemporaryFolder()
    let servers = ServerVariables.all ?? [:]
    variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AWS_") }.merging(
      [
        "AWS_ACCESS_KEY_ID": servers["WAYBILL_S3_RGW_ACCESS"] ?? "",
        "AWS_SECRET_ACCESS_KEY": servers["WAYBILL_S3_RGW_SECRET"] ?? "",
        "AWS_ENDPOINT_URL": servers["WAYBILL_S3_RGW"] ?? "", "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true", "WAYBILL_CACHE": folder.file("cache"),
      ]
    ) { $1 }
    let made = try run(
      try #require(ServerVariables.python),
      ["-c", "import boto3, sys; boto3.client('s3', region_name='us-east-1').create_bucket(Bucket=sys.argv[1])", bucket])
    #expect(made.code == 0, "\(made.errors)")
  }

  private func run(_ program: String, _ arguments: [String], _ changes: [String: String] = [:]) throws -> (
    code: Int32, output: String, errors: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = variables.merging(changes) { $1 }
    let (output, errors) = (folder.file("stdout"), folder.file("stderr"))
    for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8),
      try String(contentsOfFile: errors, encoding: .utf8)
    )
  }

  /// Runs the tool, and looks for what must not show itself.
  private func waybill(_ arguments: String..., changes: [String: String] = [:]) throws -> (
    code: Int32, output: String, errors: String
  ) {
    let result = try run(TestPlaces.tool.path, arguments, changes)
    for secret in [variables["AWS_SECRET_ACCESS_KEY"] ?? "", "canary"] {
      #expect(!result.output.contains(secret) && !result.errors.contains(secret), "\(arguments)")
    }
    return result
  }

  private func write(_ box: Int) throws -> String {
    var lines = #"{"waybill":1,"name":"street","labels":[{"name":"car"}]}"# + "\n"
    for number in 0..<3 {
      _ = try folder.write("data/\(number).jpg", [UInt8](repeating: UInt8(number), count: 70_000))
      lines +=
        #"{"key":"\#(number).jpg","image":{"path":"\#(number).jpg","width":64,"height":48},"annotations":[{"label":"car","box":[\#(box),2,3,4]}]}"#
        + "\n"
    }
    return try folder.write("data/labels.waybill.jsonl", lines)
  }

  @Test func allCommands() throws {
    let store = "s3://\(bucket)/sets"
    #expect(try waybill("store", "check", store).output.split(separator: "\n").allSatisfy { $0.hasPrefix("ok ") })
    let first = try waybill("publish", try write(1), store, "--name", "street", "-m", "first", "--stats")
    #expect(first.code == 0 && first.output.contains("street@V001 published: 3 samples"), "\(first)")
    #expect(first.errors.contains("\(store): ") && first.errors.contains(" requests, "))
    // The same again is nothing; something else is the next version, and sends no picture again.
    let second = try waybill("publish", try write(2), store, "--name", "street", "--stats")
    #expect(second.code == 0 && second.output.contains("V002"), "\(second)")
    #expect(!second.errors.contains("210 kB sent"))
    #expect(try waybill("publish", try write(3), store, "--name", "street", "--version", "V001").code == 4)

    #expect(try waybill("versions", store).output.contains("* V002"))
    #expect(try waybill("show", store, "street@V001").output.contains("first"))
    #expect(try waybill("cat", store, "street@V001", "1.jpg", "--sample").output.contains("\"box\":[1,2,3,4]"))
    #expect(try waybill("cat", store, "street@current", "1.jpg").output.utf8.count == 70_000)
    #expect(try waybill("inspect", "\(store)#street@V001").output.contains("3"))
    #expect(try waybill("convert", "\(store)#street@current", folder.file("coco.json"), "--to", "coco", "-q").code == 0)
    #expect(try waybill("diff", "\(store)#street@V001", "\(store)#street@V002").output.contains("3 samples changed"))
    #expect(try waybill("checkout", store, "street@V001", folder.file("out"), "-q").code == 0)
    #expect(FileManager.default.fileExists(atPath: folder.file("out")))
    #expect(try waybill("verify", store, "--deep").output.contains("all as published"))

    // To a folder, and from there to another bucket: the same bytes.
    let disk = folder.file("store")
    #expect(try waybill("copy", store, "street@V002", disk).code == 0)
    let other = "s3://\(bucket)/other"
    #expect(try waybill("copy", disk, "street@current", other).output.contains("; current"))
    #expect(try waybill("copy", disk, "street@current", other).output.contains("is there already"))
    #expect(try waybill("verify", other, "--deep").code == 0)
    let records = try [store, disk, other].map { try waybill("show", $0, "street@V002", "--json").output }
    #expect(Set(records).count == 1)

    #expect(try waybill("set-current", store, "street@V001").code == 0)
    #expect(try waybill("delete-version", store, "street@V002").code == 0)
    #expect(try waybill("gc", store, "--grace", "0s").code == 0)
    #expect(try waybill("verify", store, "--deep").output.contains("1 version"))
  }

  /// Pictures in a bucket become samples by their URLs, and go into a version from there.
  @Test func sourcesAndMediaInBuckets() throws {
    let picture = try #require(PackageFolder.files(below: "\(PackageFolder.root)/Fixtures", endingIn: ".png").first)
    let put = try run(
      try #require(ServerVariables.python),
      [
        "-c",
        """
        import boto3, sys
        s3 = boto3.client('s3', region_name='us-east-1')
        body = open(sys.argv[2], 'rb').read()
        for key in ('pictures/a b+c.png', 'pictures/tief/ä.png', 'pictures/notes.txt', 'pictures/tief/', 'picturesque.png'):
            s3.put_object(Bucket=sys.argv[1], Key=key, Body=b'' if key.endswith('/') else body)
        """, bucket, picture,
      ])
    #expect(put.code == 0, "\(put.errors)")
    let repository = folder.file("labels")
    let source = "s3://\(bucket)/pictures"
    #expect(try waybill("init", repository, "--type", "image-classification", "--name", "street", "--source", source).code == 0)
    let synced = try waybill("sync", "--repository", repository, "--stats")
    #expect(synced.code == 0 && synced.errors.contains("2 new samples; 1 file of other kinds"), "\(synced)")
    let listed = try waybill("list", "--repository", repository, "--json").output
    for key in ["a b+c.png", "tief/ä.png"] { #expect(listed.contains("\(source)/\(key)"), "\(listed)") }
    let lines = try String(contentsOfFile: repository + "/labels/all.waybill.jsonl", encoding: .utf8)
    #expect(lines.split(separator: "\n").allSatisfy { $0.contains("\"width\":") }, "\(lines)")
    #expect(try waybill("sync", "--repository", repository).errors.contains("0 new samples"))

    let store = "s3://\(bucket)/sets"
    let published = try waybill("publish", repository, store, "--allow-uncommitted", "--stats")
    #expect(published.code == 0 && published.output.contains("2 samples"), "\(published)")
    #expect(published.errors.contains("media: "))
    #expect(try waybill("verify", store, "--deep").code == 0)
    #expect(try waybill("checkout", store, "street@V001", folder.file("out"), "-q").code == 0)
    let found = PackageFolder.files(below: folder.file("out"), endingIn: ".png")
    #expect(found.count == 2)
    for path in found { #expect(FileManager.default.contents(atPath: path) == FileManager.default.contents(atPath: picture)) }

    // What is taken out of the bucket has vanished; what may not be read is missing, in words.
    let gone = try run(
      try #require(ServerVariables.python),
      [
        "-c",
        "import boto3, sys; boto3.client('s3', region_name='us-east-1').delete_object(Bucket=sys.argv[1], Key='pictures/a b+c.png')",
        bucket,
      ])
    #expect(gone.code == 0)
    #expect(try waybill("sync", "--repository", repository).output == "vanished: \(source)/a b+c.png\n")
    let missing = try waybill("publish", repository, folder.file("disk"), "--allow-uncommitted", "--no-cache")
    #expect(missing.code == 3 && missing.errors.contains("it is not in its bucket"), "\(missing)")
  }

  @Test func nothingShowsASecret() throws {
    let store = "s3://\(bucket)/sets"
    let labels = try write(1)
    for changes in [
      ["AWS_SECRET_ACCESS_KEY": "canary"], ["AWS_SECRET_ACCESS_KEY": "canary", "AWS_SESSION_TOKEN": "canary"],
      ["AWS_ENDPOINT_URL": "https://user:canary@127.0.0.1"],
      ["AWS_ENDPOINT_URL": "http://127.0.0.1:1/?x=canary"], ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "canary"],
      ["AWS_CA_BUNDLE": "/nowhere/at/all", "AWS_ENDPOINT_URL": "https://127.0.0.1:9"],
    ] {
      let result = try waybill("publish", labels, store, "--name", "street", changes: changes)
      #expect(result.code == 1 || result.code == 2, "\(changes): \(result)")
      #expect(!result.errors.isEmpty)
    }
    #expect(try waybill("publish", labels, store, "--name", "street").code == 0)
    let cache = FileManager.default.enumerator(atPath: folder.file("cache"))?.compactMap { $0 as? String } ?? []
    for name in cache {
      guard let data = FileManager.default.contents(atPath: folder.file("cache/\(name)")) else { continue }
      #expect(data.range(of: Data((variables["AWS_SECRET_ACCESS_KEY"] ?? "").utf8)) == nil, "\(name)")
    }
  }
}
