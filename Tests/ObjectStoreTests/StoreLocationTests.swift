import Testing
import WaybillDiagnostics
import WaybillObjectStore

@Suite struct StoreLocationTests {
  @Test(arguments: [
    ("store", "store"), ("/data/store", "/data/store"), ("../a b/ä", "../a b/ä"), (".", "."), ("a%20b", "a%20b"),
    ("file:", "file:"),
    ("file:/a", "file:/a"), ("a:b", "a:b"), ("://x", "://x"), ("1s3://x", "1s3://x"), ("./s3://x", "./s3://x"), ("-", "-"),
    ("file:///data/store", "/data/store"), ("FILE:///data/store", "/data/store"), ("file://localhost/data", "/data"),
    ("file://LocalHost/", "/"), ("file:///a%20b/%C3%A4/%2525", "/a b/ä/%25"), ("file:///a%2Fb", "/a/b"), ("file:///ä b", "/ä b"),
    ("file:///%3f%23", "/?#"), ("file:////a", "//a"),
  ])
  func namesFolders(text: String, path: String) throws {
    #expect(try StoreLocation(text) == .folder(path))
  }

  @Test(arguments: [
    ("s3://bucket/prefix", "s3"), ("S3://Bucket", "s3"), ("https://example.org/", "https"), ("git+ssh://x", "git+ssh"),
    ("a-b.c://", "a-b.c"),
  ])
  func knowsOtherSchemes(text: String, scheme: String) throws {
    #expect(try StoreLocation(text) == .url(scheme: scheme, text))
  }

  @Test(arguments: [
    ("", "empty"), ("a\u{0}b", "zero byte"), ("file://", "no path"), ("file://localhost", "no path"),
    ("file://host/a", "the host host"),
    ("file://data/store", "three slashes"), ("file:///a?b", "%3F"), ("file:///a#b", "%23"), ("file:///a%", "hexadecimal"),
    ("file:///a%2", "hexadecimal"), ("file:///a%zz", "hexadecimal"), ("file:///a%-1", "hexadecimal"), ("file:///a%00", "zero byte"),
    ("file:///%FF", "UTF-8"), ("file:///%C3/a", "UTF-8"),
  ])
  func refuses(text: String, why: String) {
    let error = thrown { _ = try StoreLocation(text) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "nothing")")
  }
}
