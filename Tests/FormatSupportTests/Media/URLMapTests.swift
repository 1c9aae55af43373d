import TestSupport
import Testing
import WaybillDiagnostics
import WaybillFormatSupport

@Suite struct URLMapTests {
  @Test(arguments: [
    ("s3://bucket/prefix=/data", "s3://bucket/prefix", "/data"), ("s3://b/=/data/", "s3://b", "/data"),
    ("obs://b=.", "obs://b", "."),
    ("s3://b/dt=2020=/data", "s3://b/dt=2020", "/data"), ("s3://b/dt=2020/=/data", "s3://b/dt=2020", "/data"),
    ("s3://b=/data/k=v", "s3://b", "/data/k=v"), ("s3://b/a=1=/data/k=v", "s3://b/a=1", "/data/k=v"),
    ("s3://b=./k=v", "s3://b", "./k=v"),
    ("s3://b=../x", "s3://b", "../x"), ("s3://b=data", "s3://b", "data"), ("s3://b=/", "s3://b", "/"),
    ("http://h/x=/y", "http://h/x", "/y"),
    ("s3://=/data", "s3://", "/data"), ("images=/data", "images", "/data"),
  ])
  func reads(text: String, prefix: String, folder: String) throws {
    let entries = try URLMap([text]).entries
    #expect(entries.map(\.prefix) == [prefix] && entries.map(\.folder) == [folder])
  }

  @Test(arguments: ["", "=", "s3://b", "=/data", "s3://b=", "\u{1B}[0m"])
  func refuses(text: String) {
    let error = #expect(throws: DatasetError.self) { try URLMap([text]) }
    #expect(error?.code == .usage && error?.message.contains("\u{1B}") == false)
  }

  @Test(
    arguments: [
      ("s3://b/p/a.jpg", "/data/a.jpg"), ("s3://b/p/x/y.jpg", "/data/x/y.jpg"), ("s3a://b/p/a.jpg", "/data/a.jpg"),
      ("s3n://b/p/a", "/data/a"),
      ("obs://b/p/a.jpg", "/data/a.jpg"), ("S3://b/p/a.jpg", "/data/a.jpg"), ("OBS://b/p/a", "/data/a"), ("s3://b/p", "/data"),
      ("s3://b/p//a.jpg", "/data/a.jpg"), ("s3://b/p/a=b/c", "/data/a=b/c"), ("s3://b/p/deep/a.jpg", "/deep/a.jpg"),
      ("s3://b/p/..a", "/data/..a"),
      ("s3://b/pq/a.jpg", nil), ("s3://B/p/a.jpg", nil), ("s3://b", nil), ("s3://b/", nil), ("s3://other/p/a", nil), ("b/p/a", nil),
      ("", nil),
      ("s3://b/p/\u{301}a.jpg", "/data/\u{301}a.jpg"), ("s3://b/p/../\u{301}secret", nil),
      ("s3://b/p/../secret", nil), ("s3://b/p/x/../../secret", nil), ("s3://b/p/..", nil), ("s3://b/p/deep/../x", nil),
      ("https://b/p/a", nil),
    ] as [(String, String?)])
  func finds(url: String, path: String?) throws {
    // The longer prefix wins, whichever was given first.
    for texts in [["s3://b/p=/data", "s3://b/p/deep=/deep"], ["obs://b/p/deep/=/deep/", "s3n://b/p/=/data/"]] {
      #expect(try URLMap(texts).path(of: url) == path)
    }
  }

  @Test func aSchemeAloneIsEveryBucket() throws {
    for text in ["s3://=/buckets", "obs://=/buckets"] {
      let map = try URLMap([text])
      #expect(map.path(of: "s3://b/a.jpg") == "/buckets/b/a.jpg" && map.path(of: "obs://b/a.jpg") == "/buckets/b/a.jpg")
      #expect(map.path(of: "https://b/a.jpg") == nil)
    }
    #expect(URLMap().path(of: "s3://b/a") == nil)
  }

  @Test(arguments: [
    ("s3://b/a", true), ("https://h", true), ("file:///a", true), ("a+b-c.d1://x", true), ("a/b", false), ("/a://b", false),
    ("a b://c", false),
    ("://x", false), ("", false), ("a:/b", false), ("é://b", false), ("C:\\x", false),
  ])
  func knowsURLs(location: String, isURL: Bool) {
    #expect(URLMap.isURL(location) == isURL)
  }
}

@Suite struct MediaResolverTests {
  /// The beginning of a PNG of 64 by 48 pixels, its checksum included.
  private static let png: [UInt8] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 64, 0, 0, 0, 48, 8, 2, 0, 0, 0,
    0x2E, 0x29, 0xEB, 0x48,
  ]

  @Test func findsMediaBelowItsFolders() throws {
    let folder = try TemporaryFolder()
    let outside = try folder.write("outside.jpg", "x")
    let first = try folder.write("one/images/a.jpg", "x")
    let second = try folder.write("two/a.jpg", "x")
    _ = try folder.write("two/sub/file", "x")
    let resolver = MediaResolver(
      folders: [folder.file("one"), folder.file("two")], urlMap: try URLMap(["s3://mapped=\(folder.file("two"))"]))
    let table: [(String, String?)] = [
      ("images/a.jpg", first), ("./images/a.jpg", first), ("a.jpg", second), ("deep/er/images/a.jpg", nil),
      ("elsewhere/a.jpg", nil),
      ("/images/a.jpg", first), (outside, outside), ("file://" + outside, outside), ("file:///none", nil),
      ("s3://bucket/images/a.jpg", first),
      ("https://host/x/a.jpg", second), ("s3://mapped/a.jpg", second), ("s3://mapped/none.jpg", nil), ("none.jpg", nil), ("", nil),
      ("/", nil),
      ("sub", nil), ("images", nil), ("../outside.jpg", nil),
      ("s3://bucket/../outside.jpg", nil), ("s3://mapped/../outside.jpg", nil), ("https://host/x/../../outside.jpg", nil),
      ("s3://bucket", nil),
    ]
    for (location, path) in table { #expect(resolver.path(of: location) == path, "\(location)") }
    #expect(MediaResolver().path(of: "images/a.jpg") == nil && MediaResolver().path(of: outside) == outside)
  }

  @Test func sizesComeFromTheHeader() throws {
    let folder = try TemporaryFolder()
    let resolver = MediaResolver(folders: [folder.path])
    let size = resolver.imageSize(atPath: try folder.write("a.png", Self.png))
    #expect(size?.width == 64 && size?.height == 48)
    #expect(
      resolver.imageSize(atPath: try folder.write("b.png", "no image")) == nil
        && resolver.imageSize(atPath: folder.file("none")) == nil)
  }
}
