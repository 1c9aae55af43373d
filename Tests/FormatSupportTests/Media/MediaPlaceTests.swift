import Testing
import WaybillFormatSupport

/// Where media are put, and looked for again.
@Suite struct MediaPlaceTests {
  @Test(arguments: [
    ("a/b.jpg", "a/b.jpg"), ("/abs/c.jpg", "abs/c.jpg"), ("//abs/c.jpg", "abs/c.jpg"), ("s3://bucket/k/a.jpg", "k/a.jpg"),
    ("s3://bucket//k/a.jpg", "k/a.jpg"), ("s3://bucket", ""), ("s3://bucket/", ""), ("file:///data/a.jpg", "data/a.jpg"),
    ("file://data/a.jpg", "data/a.jpg"), ("https://host/x/y?z", "x/y?z"), ("../a", "../a"), ("", ""), ("/", ""),
    ("s3://bucket/\u{301}a.jpg", "\u{301}a.jpg"), ("/\u{301}a.jpg", "\u{301}a.jpg"), ("file:///\u{301}/a", "\u{301}/a"),
  ]) func insideOfABucketOrRoot(_ location: String, _ path: String) {
    #expect(Array(MediaPlace.inside(location).utf8) == Array(path.utf8))
  }

  @Test(arguments: [
    ("a/b.jpg", "a/b.jpg"), ("a//b.jpg", "a/b.jpg"), ("../x/./y.jpg", "x/y.jpg"), ("a/../b", "a/b"), ("..", ""), ("./", ""),
    ("", ""),
    ("s3://bucket/../k/a.jpg", "k/a.jpg"), ("s3://bucket", ""), ("file:///../data/a.jpg", "data/a.jpg"), ("..a/...", "..a/..."),
    ("a/../\u{301}b", "a/\u{301}b"), ("e\u{301}/a", "e\u{301}/a"),
  ]) func belowAFolder(_ location: String, _ path: String) {
    #expect(Array(MediaPlace.below(location).utf8) == Array(path.utf8))
  }

  @Test(arguments: [
    ("a.jpg", "data/a.jpg"), ("data/a.jpg", "data/a.jpg"), ("database/a.jpg", "data/database/a.jpg"),
    ("s3://b/data/a.jpg", "data/a.jpg"),
    ("../a.jpg", "data/a.jpg"), ("s3://b/../../a.jpg", "data/a.jpg"), ("..", "data/media"), ("", "data/media"),
    ("s3://b", "data/media"),
    ("x/../a.jpg", "data/a.jpg"),
  ]) func inTheFolderOfData(_ location: String, _ path: String) {
    #expect(MediaPlace.inData(location) == path)
  }

  @Test(arguments: [
    ("a/b", false), ("a/../b", false), ("../b", true), ("a/../../b", true), ("../\u{301}b", true), ("\u{301}/../../b", true),
    ("a/..\u{301}/b", false), ("...", false), ("/../b", false),
  ]) func namesThatLeaveTheirFolder(_ location: String, _ leaves: Bool) {
    #expect(MediaResolver.leavesItsFolder(location) == leaves)
  }
}
