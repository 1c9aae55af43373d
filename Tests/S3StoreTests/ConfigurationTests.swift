import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillS3Store

/// What the environment and the files of settings make of a URL.
@Suite struct ConfigurationTests {
  @Test func filesOfSettings() {
    let file = AWSProfileFile(
      """
      # a comment
      [default]
      region = eu-central-1   # where it is
      output=json
      s3 =
          addressing_style = path
      \tmax_concurrent_requests = 20
      endpoint_url = https://one.example.org
      ; another
      [ profile   team ]
      aws_access_key_id=KEY#1
      aws_secret_access_key = a=b/c+d
      nonsense
      [services local]
      s3 =
        endpoint_url = http://localhost:9000
      dynamodb =
        endpoint_url = http://localhost:8000
      """)
    #expect(
      file.sections["default"] == [
        "region": "eu-central-1", "output": "json", "s3": "", "s3.addressing_style": "path", "s3.max_concurrent_requests": "20",
        "endpoint_url": "https://one.example.org",
      ])
    #expect(file.sections["profile team"] == ["aws_access_key_id": "KEY#1", "aws_secret_access_key": "a=b/c+d"])
    #expect(file.sections["services local"]?["s3.endpoint_url"] == "http://localhost:9000")
    #expect(AWSProfileFile("").sections.isEmpty)
  }

  @Test func profilesOfBothFiles() throws {
    let folder = try TemporaryFolder()
    let config = try folder.write(
      "config",
      "[default]\nregion = r-0\n[profile team]\nregion = r-1\nservices = local\n[services local]\ns3 =\n  endpoint_url = http://h:1\n"
    )
    let keys = try folder.write(
      "credentials", "[default]\naws_access_key_id = A\naws_secret_access_key = S\n[other]\nregion = r-2\n")
    var variables = ["AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": keys]
    #expect(try AWSEnvironment(variables).region == "r-0")
    #expect(try AWSEnvironment(variables).setting("aws_secret_access_key") == "S")
    variables["AWS_PROFILE"] = "team"
    #expect(try AWSEnvironment(variables).region == "r-1")
    #expect(try AWSEnvironment(variables).endpoint == "http://h:1")
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
    #expect(try AWSEnvironment(variables).endpoint == nil)
    variables["AWS_PROFILE"] = "other"
    #expect(try AWSEnvironment(variables).region == "r-2")
    variables["AWS_REGION"] = "r-3"
    #expect(try AWSEnvironment(variables).region == "r-3")
    variables["AWS_PROFILE"] = "nobody"
    #expect(thrown { _ = try AWSEnvironment(variables) }?.code == .usage)
  }

  @Test(
    arguments: [
      // endpoint, region, path style asked for, bucket, then the URL's beginning and the region
      (nil, nil, nil, "data-set", "https://data-set.s3.us-east-1.amazonaws.com/", "us-east-1"),
      (nil, "eu-west-1", nil, "data-set", "https://data-set.s3.eu-west-1.amazonaws.com/", "eu-west-1"),
      (nil, "cn-north-1", nil, "data-set", "https://data-set.s3.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
      (nil, "eu-west-1", nil, "data.set", "https://s3.eu-west-1.amazonaws.com/data.set/", "eu-west-1"),
      (nil, "eu-west-1", true, "data-set", "https://s3.eu-west-1.amazonaws.com/data-set/", "eu-west-1"),
      (
        "https://obs.cn-north-4.myhuaweicloud.com", nil, nil, "data-set", "https://data-set.obs.cn-north-4.myhuaweicloud.com/",
        "cn-north-4"
      ),
      ("http://127.0.0.1:9000/", nil, nil, "data-set", "http://127.0.0.1:9000/data-set/", "us-east-1"),
      ("minio.example.org", "x", nil, "Data_set", "https://minio.example.org/Data_set/", "x"),
      ("https://minio.example.org:443", nil, false, "data-set", "https://data-set.minio.example.org/", "us-east-1"),
      ("http://[::1]:80", nil, nil, "data-set", "http://[::1]/data-set/", "us-east-1"),
    ] as [(String?, String?, Bool?, String, String, String)])
  func endpoints(_ endpoint: String?, _ region: String?, _ style: Bool?, _ bucket: String, _ url: String, _ found: String) throws {
    var options = S3Options()
    (options.endpoint, options.region, options.usesPathStyle) = (endpoint, region, style)
    let place = try S3Endpoint(bucket: bucket, options: options, environment: try AWSEnvironment(testKeys))
    #expect("\(place.scheme)://\(place.authority)\(place.path(""))" == url)
    #expect(place.region == found)
  }

  @Test(arguments: [
    "ftp://host", "https://", "https://user:canary@host", "https://host/path", "https://host?x=canary", "https://ho st",
  ])
  func noEndpoints(_ text: String) throws {
    var options = S3Options()
    options.endpoint = text
    let environment = try AWSEnvironment(testKeys)
    let error = thrown { _ = try S3Endpoint(bucket: "data-set", options: options, environment: environment) }
    #expect(error?.code == .usage)
    #expect(error?.description.contains("canary") == false)
  }

  @Test func urls() throws {
    #expect(try S3URL("s3://bucket") == S3URL("S3://bucket/"))
    #expect(try S3URL("s3://bucket/a/b/").prefix == "a/b/")
    #expect(try S3URL("s3://bucket//a").prefix == "a/")
    for text in [
      "s3://", "s3:///a", "s3://b/a//c", "s3://b/../c", "s3://b/a/.", "s3://u@b/c", "s3://b/c?d", "s3://b/a\u{1}b", "http://b",
    ] {
      #expect(thrown { _ = try S3URL(text) }?.code == .usage, "\(text)")
    }
    for bucket in ["ab", "a..b", ".abc", "a b c", "a/b", String(repeating: "x", count: 256)] {
      let environment = try AWSEnvironment(testKeys)
      #expect(thrown { _ = try S3Endpoint(bucket: bucket, options: S3Options(), environment: environment) }?.code == .usage)
    }
  }
}
