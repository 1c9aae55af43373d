import TestSupport
import Testing
import Waybill

/// What a program does that has one import.
@Suite struct LibraryTests {
  @Test func publishesAndReads() throws {
    let folder = try TemporaryFolder()
    let labels = try folder.write(
      "labels.waybill.jsonl",
      """
      {"waybill":1,"labels":[{"name":"car"}]}
      {"key":"1.jpg","image":{"path":"1.jpg"},"annotations":[{"label":"car","box":[1,2,3,4]}]}

      """)
    let store = try openStore(folder.file("store"), create: true)
    let source = ConversionRequest(input: labels, output: "", to: try FormatRegistry.all.parse("waybill"))
    let name = try #require(DatasetName("street"))
    var request = PublicationRequest(source: source, dataset: name)
    request.media = .none
    do throws(Publication.Failure) { _ = try Publication(request, to: store, registry: .all).run() } catch { throw error.error }
    let version = try PublishedVersion(try VersionCatalog(store).entry(VersionReference("street@current")), in: store)
    let line = try #require(try version.sample("1.jpg"))
    #expect(String(decoding: line, as: UTF8.self).contains("\"label\":\"car\""))
  }
}
