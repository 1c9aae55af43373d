import StoreTestSupport
import Testing
import WaybillDiagnostics
import WaybillObjectStore

@testable import WaybillS3Store

/// What answers in XML say.
@Suite struct ListingTests {
  private func object(_ key: String, _ size: String = "7") -> String {
    "<Contents><Key>\(key)</Key><LastModified>2026-01-31T23:59:59.123Z</LastModified><ETag>&quot;e&quot;</ETag><Size>\(size)</Size></Contents>"
  }

  private func page(_ contents: String, _ rest: String = "<IsTruncated>false</IsTruncated>") -> String {
    "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>\(contents)\(rest)</ListBucketResult>"
  }

  @Test func aPage() throws {
    let listing = try #require(S3Listing(Array(page(object("a%2Bb%20c/%C3%A9+d", "12")).utf8)))
    #expect(listing.objects.map(\.key) == ["a+b c/é d"])
    #expect(listing.objects.map(\.size) == [12])
    #expect(listing.objects.map(\.modified.seconds) == [1_769_903_999])
    #expect(listing.next == nil)
  }

  /// Services that know the first version of the listing alone give no token.
  @Test func pagesOfTheFirstVersion() throws {
    let transport = ScriptedTransport { request, _ in
      let isSecond = request.url.contains("marker=pre%2Ffix%2Fb")
      return .status(
        200,
        body: page(
          object(isSecond ? "pre/fix/c" : "pre/fix/b"), "<IsTruncated>\(!isSecond)</IsTruncated><NextMarker>x</NextMarker>"))
    }
    #expect(try scriptedStore(transport).all("").map(\.key.text) == ["b", "c"])
    #expect(transport.requests.last?.url.contains("start-after=pre%2Ffix%2Fb") == true)
    // One that gives the same page for ever is found out.
    let stuck = ScriptedTransport([.status(200, body: page(object("pre/fix/.b"), "<IsTruncated>true</IsTruncated>"))])
    let store = try scriptedStore(stuck)
    #expect(thrown { _ = try store.list("", after: nil, limit: 10) }?.code == .io)
    #expect(stuck.requests.count == 2)
  }

  @Test(arguments: [
    "<Contents><Key>a</Key></Contents>", "<Contents><Key>%zz</Key></Contents>",
    "<Contents><Key>a</Key><LastModified>x</LastModified><ETag>e</ETag><Size>1</Size></Contents>",
    "<Contents><Key>a</Key><LastModified>2026-01-31T23:59:59Z</LastModified><ETag>e</ETag><Size>-1</Size></Contents>",
  ]) func pagesThatAreNone(_ contents: String) { #expect(S3Listing(Array(page(contents).utf8)) == nil) }

  @Test func pagesOneAfterTheOther() throws {
    let transport = ScriptedTransport { request, _ in
      if request.url.contains("continuation-token=2%2B") {
        return .status(200, body: page(object("pre/fix/c") + object("pre/fix/d")))
      }
      // A page may hold nothing that is ours: foreign names, names that begin with a dot, what no key allows.
      return .status(
        200,
        body: page(
          object("pre/fix/.waybill-upload/x") + object("pre/fix/a%20b") + object("other"),
          "<IsTruncated>true</IsTruncated><NextContinuationToken>2+</NextContinuationToken>"))
    }
    let store = try scriptedStore(transport)
    #expect(try store.all("").map(\.key.text) == ["c", "d"])
    #expect(try store.list("", after: key("c"), limit: 1).objects.map(\.key.text) == ["d"])
    #expect(try store.list("", after: nil, limit: 1).objects.map(\.key.text) == ["c"])
    #expect(try store.list("", after: nil, limit: 1).isLast == false)
    // What can be no key is not asked for.
    let before = transport.requests.count
    for prefix in ["/", "a//", "..", "ä", "a b", "a/\u{0}", String(repeating: "x", count: 2000)] {
      #expect(try store.list(prefix, after: nil, limit: 10) == ObjectPage(objects: [], isLast: true))
    }
    #expect(transport.requests.count == before)
  }

  /// Servers compare bytes; a letter that joins the slash before it is a letter of the key all the same.
  @Test func keysAreBytes() throws {
    let names = ["pre/fix/%CC%81.jpg", "pre/fix/e%CC%81.jpg", "pre/fix/%C3%A9.jpg"]
    let transport = ScriptedTransport([.status(200, body: page(names.map { object($0) }.joined()))])
    var found: [String] = []
    try scriptedStore(transport).client.pages(of: "pre/fix/") { (objects, _) throws(DatasetError) in
      found += objects.map(\.key)
      return true
    }
    #expect(
      found.map { Array($0.utf8) } == ["pre/fix/\u{301}.jpg", "pre/fix/e\u{301}.jpg", "pre/fix/\u{E9}.jpg"].map { Array($0.utf8) })
    #expect("pre/fix/\u{301}.jpg".dropping(prefix: "pre/fix/") == "\u{301}.jpg")
    #expect("e\u{301}".dropping(prefix: "\u{E9}") == nil)
    let place = try #require(S3Media.split("s3://bucket/\u{301}/\u{301}.jpg"))
    #expect(place.bucket == "bucket" && Array(place.key.utf8) == Array("\u{301}/\u{301}.jpg".utf8))
    for (text, bucket, key) in [("s3://b", "b", ""), ("S3A://b/", "b", ""), ("obs://b/c/", "b", "c/"), ("s3n://b//c", "b", "/c")] {
      #expect(S3Media.split(text).map { [$0.bucket, $0.key] } == [bucket, key])
    }
    for text in ["", "s3", "s3:/b/c", "s3:///c", "https://b/c", "/s3://b/c", "x s3://b"] { #expect(S3Media.split(text) == nil) }
  }

  @Test func leftovers() throws {
    let uploads: @Sendable (String) -> String = { rest in
      "<ListMultipartUploadsResult><Upload><Key>pre/fix/.waybill-upload/1</Key><UploadId>u+1</UploadId><Initiated>2026-01-31T23:59:59.000Z</Initiated></Upload>"
        + "<Upload><Key>pre/fix/else where</Key><UploadId>x</UploadId><Initiated>2026-01-31T23:59:59.000Z</Initiated></Upload>\(rest)</ListMultipartUploadsResult>"
    }
    let transport = ScriptedTransport { request, _ in
      if request.method == "DELETE" { return .status(204) }
      if request.url.contains("key-marker=k") { return .status(200, body: uploads("<IsTruncated>false</IsTruncated>")) }
      if request.url.contains("uploads=") {
        return .status(
          200,
          body: uploads("<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>i</NextUploadIdMarker>")
        )
      }
      return .status(200, body: page(object("pre/fix/.waybill-upload/2")))
    }
    let store = try scriptedStore(transport)
    let found = try store.leftovers()
    #expect(found.map(\.name) == ["upload u+1 of .waybill-upload/1", "upload u+1 of .waybill-upload/1", ".waybill-upload/2"])
    #expect(found.allSatisfy { $0.modifiedSeconds == 1_769_903_999 })
    for leftover in found { try store.discard(leftover) }
    #expect(
      transport.requests.suffix(2).map(\.url) == [
        "https://bucket.s3.us-east-1.amazonaws.com/pre/fix/.waybill-upload/1?uploadId=u%2B1",
        "https://bucket.s3.us-east-1.amazonaws.com/pre/fix/.waybill-upload/2",
      ])
    for name in ["", "a", "upload x", "../x"] {
      #expect(thrown { try store.discard(ObjectLeftover(name: name, size: nil, modifiedSeconds: 0)) }?.code == .usage)
    }
  }

  @Test(
    arguments: [
      ("Sat, 31 Jan 2026 23:59:59 GMT", 1_769_903_999), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Sat, 31 Foo 2026 23:59:59 GMT", nil),
      ("", nil), ("Sat, 31 Jan 2026 25:59:59 GMT", nil), ("Sat, 99 Jan 2026 23:59:59 GMT", nil), ("a b c d e f", nil),
    ] as [(String, Int64?)]) func times(_ text: String, _ seconds: Int64?)
  { #expect(S3Time(header: text)?.seconds == seconds) }

  @Test(arguments: [
    ("bytes 0-9/100", 0, 10, 100), ("bytes 5-5/6", 5, 6, 6),
  ]) func ranges(_ text: String, _ start: Int, _ end: Int, _ total: Int) throws {
    let range = try #require(ContentRange(text))
    #expect((range.lowerBound, range.upperBound, range.total) == (start, end, total))
  }

  @Test(arguments: [
    nil, "", "bytes", "bytes 9-0/100", "bytes 0-100/100", "bytes 0-9/*", "bytes -1-9/100", "items 0-9/100", "bytes 0-9/100/7",
  ])
  func noRanges(_ text: String?) { #expect(ContentRange(text) == nil) }
}
