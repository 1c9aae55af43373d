import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative
import WaybillSyntax

@testable import WaybillLabelRepository

/// Merges of generated histories, judged by an oracle that knows every annotation by an identity of its own.
@Suite struct MergeHistoryTests {
  /// 2,000 histories in 20 parts, so that a failure names a seed near by.
  @Test(arguments: 0..<20) func mergesAreWhatTheOracleSays(_ part: Int) throws {
    for number in 0..<100 {
      let seed = UInt64(part * 100 + number)
      // It does not matter whose branch is merged into whose: every other history is merged the other way round.
      try check(LabelHistory(seed: seed), seed, swapped: number % 2 == 1)
    }
  }

  private func check(_ history: LabelHistory, _ seed: UInt64, swapped: Bool) throws {
    let folder = try TemporaryFolder()
    let base = try folder.write("base", history.text(history.base))
    let ours = try folder.write("ours", history.text(swapped ? history.theirs : history.ours))
    let theirs = try folder.write("theirs", history.text(swapped ? history.ours : history.theirs))
    let context = ReadContext(sources: SourceMap())
    let outcome = try ShardMerge(base: base, ours: ours, theirs: theirs, context).run(into: folder.file("merged"))
    let merged = try Merged(folder.file("merged"))
    let hint: Comment = "seed \(seed)\(swapped ? ", sides swapped" : "")"
    for key in ["a", "b", "c", "d"] {
      switch history.expectation(key) {
      case .gone: #expect(merged.samples[key] == nil && !merged.conflicts.contains(key), hint)
      case .conflict:
        #expect(merged.conflicts.contains(key), hint)
        #expect(outcome.conflicts.contains { $0.key == key && !$0.about.isEmpty }, hint)
      case .merged(let state):
        #expect(!merged.conflicts.contains(key), hint)
        #expect(merged.samples[key]?.annotations.sorted() == history.sortedAnnotations(state), hint)
        #expect(merged.samples[key]?.split == state.split && merged.samples[key]?.weather == state.weather, hint)
      }
    }
    #expect(Set(outcome.conflicts.map(\.key)) == merged.conflicts, hint)
  }

  /// A merged file, read line by line.
  private struct Merged {
    struct Sample {
      var annotations: [String]
      var split: String?
      var weather: String?
    }

    private(set) var samples: [String: Sample] = [:]
    private(set) var conflicts: Set<String> = []

    init(_ path: String) throws {
      let context = ReadContext(sources: SourceMap())
      let shard = try ShardFile(path: path, context)
      #expect(shard.isSorted && shard.isPlain && context.diagnostics.isEmpty)
      let records = NativeRecords(labels: LabelTable(), context: context)
      for line in shard.lines {
        let key = shard.key(of: line)
        if ConflictLine.isConflict(shard.bytes(of: line)) {
          conflicts.insert(key)
          continue
        }
        let sample = try #require(records.sample(shard.bytes, line.range, of: shard.file))
        var weather: String?
        if case .string(let text)? = sample.attributes["weather"] { weather = text }
        samples[key] = Sample(annotations: Self.annotations(shard.bytes(of: line)), split: sample.split, weather: weather)
      }
      #expect(context.diagnostics.isEmpty)
    }

    /// The annotations of a line, each as it is written.
    private static func annotations(_ line: UnsafeRawBufferPointer) -> [String] {
      var found: [String] = []
      var scanner = JSONScanner(line)
      guard var members = try? scanner.beginObject() else { return [] }
      while let key = try? scanner.nextKey(&members) {
        guard key == "annotations", var elements = try? scanner.beginArray() else {
          _ = try? scanner.skipValue()
          continue
        }
        while (try? scanner.nextElement(&elements)) == true {
          guard let range = try? scanner.skipValue() else { return [] }
          found.append(String(decoding: line[range], as: UTF8.self))
        }
      }
      return found
    }
  }
}
