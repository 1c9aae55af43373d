import TestSupport
import Testing
import Waybill
import WaybillFiles

@testable import WaybillConversion

/// Random datasets of everything a manifest declares, through whole conversions.
@Suite struct RandomModelArtsTests {
  @Test(arguments: 0..<6) func threadsDoNotShow(round: Int) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    let folder = try TemporaryFolder()
    var generator = SampleGenerator(seed: seed, sections: ["modelarts"], isWild: round % 2 == 1)
    let modelArts = try format("modelarts")
    let features = modelArts.descriptor.writes.subtracting([.samplePreserved, .preserved, .datasetPreserved])
    let header = generator.header(features)
    var samples = generator.samples(40, features, in: header)
    // The id of a text is its key.
    for index in samples.indices where samples[index].media.location == nil {
      samples[index].id = .string("text \(index)")
      samples[index].key = "text \(index)"
    }
    // Not all that a manifest declares fits together, such as a share of a picture whose size nobody knows.
    var writable: [Sample] = []
    for (index, sample) in samples.enumerated() {
      let one = folder.file("one/\(index).jsonl")
      try writeNative([sample], header, to: one)
      do {
        _ = try convert(one, folder.file("one/\(index)"), to: "modelarts") { $0.allowLoss = true }
        writable.append(sample)
      } catch is Conversion.Failure {}
    }
    #expect(writable.count > 5, "seed \(seed)")
    let native = folder.file("in.jsonl")
    try writeNative(writable, header, to: native)
    for jobs in [1, 3] {
      _ = try convert(native, folder.file("\(jobs)"), to: "modelarts", jobs: jobs) { $0.allowLoss = true }
    }
    #expect(try tree(folder.file("1")) == tree(folder.file("3")), "seed \(seed)")
  }

  private func writeNative(_ samples: [Sample], _ header: DatasetHeader, to path: String) throws {
    let output = try StagedOutput(target: path, kind: .file, overwrite: false)
    let native = try format("waybill")
    let writer = try native.makeWriter(FormatOptions([], declared: native.descriptor.writeOptions, format: "waybill"))
    let encoder = try writer.begin(
      header, WriteContext(output: output, fileName: "in.jsonl", outputName: "in", sourceFormat: "waybill"))
    let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
    var batch = EncodedBatch()
    for (position, sample) in samples.enumerated() { try encoder.encode(sample, at: position, into: &batch, context) }
    try writer.write(batch)
    try writer.finish()
    try output.commit()
  }
}
