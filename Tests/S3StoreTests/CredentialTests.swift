import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillS3Store

/// Where keys come from, and that they never show themselves.
@Suite struct CredentialTests {
  private static let silent = ["AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"]
  private static let lent =
    #"{"AccessKeyId":"LENT","SecretAccessKey":"canary","Token":"t0ken","Expiration":"2099-01-01T00:00:00Z","Code":"Success","LastUpdated":1}"#

  private func chain(_ variables: [String: String], _ transport: ScriptedTransport = ScriptedTransport([.failure()])) throws
    -> CredentialChain
  {
    CredentialChain(try AWSEnvironment(Self.silent.merging(variables) { $1 }), transport)
  }

  @Test func variablesComeFirst() throws {
    let transport = ScriptedTransport([.status(500)])
    let keys = try chain(
      [
        "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x",
      ],
      transport
    ).credentials()
    #expect(keys == S3Credentials(accessKey: "A", secretKey: Secret("S"), token: Secret("T")))
    #expect(transport.requests.isEmpty)
  }

  @Test func halfOfAPairIsAMistake() throws {
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
      let error = try thrown(chain([name: "canary"]).credentials)
      #expect(error?.code == .usage)
      #expect(error?.description.contains("canary") == false)
    }
    let error = try thrown(chain(["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "can\nary"]).credentials)
    #expect(error?.code == .usage)
  }

  @Test func noneAreFoundWithWords() throws {
    let error = try thrown(chain([:]).credentials)
    #expect(error?.code == .usage)
    #expect(error?.message.contains("AWS_ACCESS_KEY_ID") == true)
  }

  @Test func theContainerLends() throws {
    let transport = ScriptedTransport([.status(200, body: Self.lent)])
    let chain = try chain(
      ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me"], transport)
    let keys = try chain.credentials()
    #expect(keys.accessKey == "LENT" && keys.secretKey == Secret("canary") && keys.token == Secret("t0ken"))
    #expect(transport.requests.map(\.url) == ["http://169.254.170.2/v2/x"])
    #expect(transport.requests[0].header("Authorization") == "let me")
    // They are kept until shortly before their end.
    _ = try chain.credentials()
    #expect(transport.requests.count == 1)
    #expect(chain.forget(keys))
    _ = try chain.credentials()
    #expect(transport.requests.count == 2)
  }

  @Test(arguments: [
    ("http://localhost/x", true), ("http://127.0.0.1:80/x", true), ("http://[::1]:80/x", true), ("https://any.example.org/x", true),
    ("http://169.254.170.23/v1", true), ("http://any.example.org/x", false), ("http://localhost.example.org/x", false),
    ("http://localhost@example.org/", false), ("file:///etc/passwd", false), ("http://127.0.0.1.example.org", false),
  ]) func whoMayBeAskedForKeys(_ url: String, _ mayBe: Bool) {
    #expect(CredentialChain.mayLend(url) == mayBe)
  }

  @Test func theInstanceLends() throws {
    let transport = ScriptedTransport { request, _ in
      switch request.url {
      case "http://imds/latest/api/token": request.method == "PUT" ? .status(200, body: "tok") : .status(405)
      case "http://imds/latest/meta-data/iam/security-credentials/": .status(200, body: "a role\n")
      case "http://imds/latest/meta-data/iam/security-credentials/a": .status(200, body: Self.lent)
      default: .status(404)
      }
    }
    let keys = try chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://imds"], transport).credentials()
    #expect(keys.accessKey == "LENT")
    #expect(transport.requests.dropFirst().allSatisfy { $0.header("X-aws-ec2-metadata-token") == "tok" })
    let none = ScriptedTransport([.status(404)])
    #expect(try thrown(chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://imds"], none).credentials)?.code == .usage)
    _ = try thrown(chain(["AWS_EC2_METADATA_DISABLED": "true"], none).credentials)
    #expect(none.requests.count == 1)
  }

  @Test(arguments: [
    "", "{", "[]", "{\"AccessKeyId\":\"canary\"}", "{\"AccessKeyId\":1,\"SecretAccessKey\":\"canary\"}", "<html>canary</html>",
  ])
  func whatIsLentMustBeWhole(_ body: String) throws {
    let transport = ScriptedTransport([.status(200, body: body)])
    let error = try thrown(chain(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], transport).credentials)
    #expect(error?.code == .unavailable)
    #expect(error?.description.contains("canary") == false)
  }

  /// Whoever lends keys does not put headers into requests.
  @Test func lentKeysAreKeys() throws {
    let body = #"{"AccessKeyId":"A\r\nx-evil: canary","SecretAccessKey":"canary"}"#
    let transport = ScriptedTransport([.status(200, body: body)])
    let error = try thrown(chain(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], transport).credentials)
    #expect(error?.code == .usage)
    #expect(error?.description.contains("canary") == false)
  }

  @Test func profilesThatNeedOtherToolsAreNamed() throws {
    let folder = try TemporaryFolder()
    for name in ["role_arn", "sso_session", "credential_process"] {
      let config = try folder.write("config", "[default]\n\(name) = x\n")
      let error = try thrown(chain(["AWS_CONFIG_FILE": config]).credentials)
      #expect(error?.message.contains(name) == true)
      #expect(error?.message.contains("export-credentials") == true)
    }
  }

  @Test func secretsNeverShowThemselves() {
    let keys = S3Credentials(accessKey: "A", secretKey: Secret("canary"), token: Secret("canary"))
    var dumped = ""
    dump(keys, to: &dumped)
    for text in ["\(keys)", String(reflecting: keys), dumped, "\(keys.secretKey)", String(describing: Optional(keys.token))] {
      #expect(!text.contains("canary"))
    }
  }
}
