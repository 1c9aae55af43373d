import Foundation
import TestSupport
import WaybillAllFormats
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillObjectStore

@testable import WaybillVersioning

/// A small dataset on the disk, and how it is published.
struct Scene {
  let folder: TemporaryFolder
  var samples: [(key: String, label: String?, box: Int)]

  init(_ samples: [(key: String, label: String?, box: Int)] = Scene.usual) throws {
    folder = try TemporaryFolder()
    self.samples = samples
    for sample in samples { try addMedia(sample.key) }
  }

  static let usual: [(key: String, label: String?, box: Int)] = [
    ("b/2.jpg", "car", 1), ("a.jpg", "person", 2), ("c.jpg", nil, 0), ("b/1.jpg", "car", 3),
  ]

  /// Makes a media file; its bytes follow from its name.
  func addMedia(_ key: String, _ text: String? = nil) throws {
    _ = try folder.write("data/\(key)", Array((text ?? "media of \(key)").utf8))
  }

  /// Writes the labels and returns their path.
  func write(reversed: Bool = false) throws -> String {
    var lines = [#"{"waybill":1,"name":"street","labels":[{"name":"car"},{"name":"person"},{"name":"tram"}]}"#]
    for sample in reversed ? samples.reversed() : samples {
      let annotations = sample.label.map { #","annotations":[{"label":"\#($0)","box":[\#(sample.box),2,30,40]}]"# } ?? ""
      lines.append(#"{"key":"\#(sample.key)","image":{"path":"\#(sample.key)","width":64,"height":48}\#(annotations)}"#)
    }
    return try folder.write("data/labels.waybill.jsonl", Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  func request(reversed: Bool = false, jobs: Int = 1) throws -> PublicationRequest {
    var source = ConversionRequest(
      input: try write(reversed: reversed), output: "", to: try FormatRegistry.all.parse("waybill"))
    source.jobs = jobs
    guard let name = DatasetName("street") else { throw DatasetError(.usage, "no name") }
    var request = PublicationRequest(source: source, dataset: name)
    request.created = Timestamp(seconds: 1_700_000_000, zoneOffsetMinutes: 0)
    request.cacheFolder = nil
    return request
  }

  @discardableResult
  func publish(
    to store: any ObjectStore, _ change: (inout PublicationRequest) throws -> Void = { _ in }
  ) throws -> PublicationReport {
    var request = try request()
    try change(&request)
    do throws(Publication.Failure) { return try Publication(request, to: store, registry: .all).run() } catch {
      throw error.error
    }
  }
}

extension MemoryStore {
  /// All objects with their bytes.
  var contents: [String: [UInt8]] {
    get throws {
      var contents: [String: [UInt8]] = [:]
      for object in try all("") { contents[object.key.text] = try read(object.key, limit: .max) }
      return contents
    }
  }

  /// A store with the same objects.
  static func copy(of contents: [String: [UInt8]]) throws -> MemoryStore {
    let store = MemoryStore(clock: { 0 })
    for (key, bytes) in contents { if let key = ObjectKey(key) { _ = try store.create(key, bytes) } }
    return store
  }
}

func datasetName(_ text: String) throws -> DatasetName { try VersionReference(text).dataset }

func versionName(_ text: String) throws -> VersionName { try VersionReference.version(text) }
