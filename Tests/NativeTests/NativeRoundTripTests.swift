import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillNative

@Suite struct NativeRoundTripTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func anySampleComesBack(_ offset: UInt64) throws {
    let seed = testSeed(offset * 1000)
    var generator = SampleGenerator(seed: seed)
    let header = generator.header(.all)
    let samples = generator.samples(500, .all, in: header)
    let written = try write(header, samples)
    #expect(written.diagnostics.isEmpty, "seed \(seed)")
    let read = try read(written.bytes)
    #expect(!read.diagnostics.hasErrors, "seed \(seed): \(read.diagnostics.items.prefix(3))")
    #expect(read.samples.count == samples.count, "seed \(seed)")
    for (position, (before, after)) in zip(samples, read.samples).enumerated() where before != after {
      Issue.record("seed \(seed), sample \(position):\n\(before)\n\(after)\n\(written.lines[position])")
      break
    }
    #expect(read.header.name == header.name)
    #expect(read.header.labels.labels == header.labels.labels, "seed \(seed)")
    #expect(read.header.labelsAreComplete)
    #expect(read.header.fields == header.fields)
    #expect(read.header.preserved == header.preserved)
    let again = try write(read.header, read.samples, batch: 1)
    #expect(again.bytes == written.bytes, "seed \(seed)")
  }

  @Test func generatedDatasetsUseEveryFeature() throws {
    let seed = testSeed(77)
    var generator = SampleGenerator(seed: seed)
    let header = generator.header(.all)
    var used = header.features
    for label in header.labels.labels { used = used.union(label.features) }
    for sample in generator.samples(2000, .all, in: header) {
      used = used.union(sample.features)
      for annotation in sample.annotations { used = used.union(annotation.features) }
    }
    let missing = FeatureSet.all.subtracting(used).features
    #expect(missing.allSatisfy { $0.level == .label }, "seed \(seed): \(missing)")
  }

  @Test(arguments: Feature.allCases) func generatorKeepsToTheFeaturesAsked(_ feature: Feature) throws {
    let base: FeatureSet = [feature, .image, .label, .classification, .box, .id, .polygon, .caption]
    var generator = SampleGenerator(seed: testSeed(5))
    let header = generator.header(base)
    for sample in generator.samples(60, base, in: header) {
      #expect(sample.features.isSubset(of: base), "\(sample.features.subtracting(base).features)")
      for annotation in sample.annotations {
        #expect(annotation.features.isSubset(of: base), "\(annotation.features.subtracting(base).features)")
      }
    }
  }

  @Test func sameSeedGivesTheSame() {
    var first = SampleGenerator(seed: 9)
    var second = SampleGenerator(seed: 9)
    let header = first.header(.all)
    #expect(second.header(.all).labels.labels == header.labels.labels)
    #expect(first.samples(20, .all, in: header) == second.samples(20, .all, in: header))
  }

  @Test(arguments: [
    #"{"waybill":1}"#, #"{"waybill":1,"name":"d","labels":[]}"#,
    #"{"waybill":1,"labels":[{"name":"a","id":1,"parent":"p","color":"\#u{23}fff","shortcut":"k","shape":"box","attributes":[{"name":"n","type":"t","values":["v"],"default":"v"}],"relation":{"from":"a","to":"b"},"keypoints":["n"],"skeleton":[[1,2]],"preserved":{"coco":{"isthing":1}}}]}"#,
    #"{"waybill":1,"labels":[{"name":"x","keypoints":[]}],"labels_complete":false,"fields":{"a":1,"b":1.0,"c":1e+20,"d":[{"e":null}]},"preserved":{"coco":{"info":{"year":2020.50}}}}"#,
  ]) func canonicalHeadersAreStable(_ line: String) throws {
    let read = try read(line + "\n")
    #expect(read.rules.isEmpty)
    #expect(try write(read.header, []).text == line + "\n")
  }

  @Test(arguments: [
    #"{"key":"a","image":{}}"#, #"{"key":"","id":7,"image":{"path":"a","width":1,"height":2,"channels":3}}"#,
    #"{"key":"1","id":"7","text":{"text":"a\nb"}}"#, #"{"key":"v","video":{"path":"v","duration":1.5}}"#,
    #"{"key":"f","image":{"frame":{"video":"v","number":12,"time":0.10,"duration":9}},"split":"train","hard":{"is":false,"coefficient":0.25,"reasons":[1,2]}}"#,
    #"{"key":"h","table":{},"hard":{}}"#,
    #"{"key":"k","file":{"path":"k"},"tokens":{"columns":["a"],"rows":[["x","O"],[""]],"places":[[0,1],null],"unit":"utf16"},"attributes":{"n":-0.5},"preserved":{"modelarts":{"x":[1, 2]},"zz":{"a":1}}}"#,
  ]) func canonicalSamplesAreStable(_ line: String) throws {
    let compact = line.replacingOccurrences(of: "1, 2", with: "1,2")
    let read = try read(line + "\n")
    #expect(read.rules.isEmpty)
    #expect(try write(read.header, read.samples).lines == [Substring(compact)])
  }

  @Test(arguments: [
    #"{}"#, #"{"id":1,"label":"a","box":[1,2,3,4]}"#, #"{"id":"1","box_xywh":[0,0,1.5,2.25],"area":3.375,"crowd":false}"#,
    #"{"box_cxcywh":[0.5,0.5,0.25,0.125],"unit":"unit"}"#,
    #"{"box":[1,2,3,4],"polygon":[[0.1,0.2,0.3,0.4,0.5,0.6]],"unit":{"box":"pixels","polygon":"unit"}}"#,
    #"{"box":[0,0,1,1],"polygon":[[1,2,3,4]],"keypoints":[[1,2],[3,4,0]],"unit":{"box":"unit","polygon":"pixels","keypoints":"pixels"}}"#,
    #"{"rotated_box":[10,20,5.5,4,45]}"#, #"{"polygon":[[1,2,3,4,5,6],[2,3,2,4,3,4]],"holes":[1]}"#, #"{"polygon":[[]]}"#,
    #"{"polygon":[[],[]]}"#, #"{"polyline":[1,2,3,4],"dashed":true}"#, #"{"circle":[1,2,3]}"#, #"{"ellipse":[1,2,3,4,0]}"#,
    #"{"point":[1,2],"unit":"unit"}"#, #"{"mask":{"width":2,"height":3,"runs":[0,6]}}"#,
    #"{"mask":{"width":2,"height":3,"rle":"06\\"}}"#,
    #"{"label":"PER","span":{"start":0,"end":4,"unit":"scalars"}}"#, #"{"frame":12,"track":"t"}"#, #"{"instant":1.5}"#,
    #"{"label":"x","interval":[0,1.5],"text":"spoken"}"#,
    #"{"confidence":0.91,"area":12,"crowd":true,"difficult":false,"truncated":true,"occluded":false,"unconfirmed":true,"hard":{"is":true},"by":"human/a","at":"2020-02-29T23:59:59.120+05:30","group":1,"order":4294967295,"reference":"a.xml","attributes":{"b":true},"preserved":{"coco":{"k":"\u00e9 \"q\""}}}"#,
    #"{"at":"2020-01-01T00:00:00"}"#, #"{"at":"2020-01-01T00:00:00Z"}"#,
    #"{"box":[9999.999,10000,0.001,12345.678],"confidence":1e-09,"area":123456789.125}"#,
    #"{"polyline":[-1.5,-0.25,1e+22,5e-324,0.1,0.12345,1234567.1234567,99999999]}"#,
  ]) func canonicalAnnotationsAreStable(_ annotation: String) throws {
    let read = try read(line(annotation))
    #expect(read.rules.allSatisfy { $0.hasSuffix("negative-size") }, "\(read.diagnostics.items)")
    #expect(try write(read.header, read.samples).lines.first.map(String.init) == String(line(annotation).dropLast()))
  }

  @Test func orderOfMembersIsFree() throws {
    let first = try read(
      line(#"{"holes":[1],"unit":"unit","polygon":[[1,2],[3,4]],"label_number":2,"label":"a"}"#)
        + #"{"labels":[{"name":"a"},{"name":"b"},{"name":"a","id":3}],"waybill":1}"# + "\n")
    #expect(first.rules.isEmpty)
    #expect(first.samples.first?.annotations.first?.label == LabelID(index: 2))
    #expect(
      try write(first.header, first.samples).lines.first
        == #"{"key":"a","image":{},"annotations":[{"label":"a","label_number":2,"polygon":[[1,2],[3,4]],"holes":[1],"unit":"unit"}]}"#
    )
  }

  @Test func numbersComeBackExactly() throws {
    let seed = testSeed(31)
    var generator = SampleGenerator(seed: seed)
    var numbers: [Double] = [0, -0.0, 0.1, 1 / 3, .pi, 1e15, 1e16, 123456.789, 0.0005, 9999.9995, 1e300, .leastNonzeroMagnitude]
    for digits in 0...9 {
      for _ in 0..<500 {
        let scale = (0..<digits).reduce(1.0) { value, _ in value * 10 }
        numbers.append(Double(generator.integer(-9_999_999...9_999_999)) / scale)
      }
    }
    for _ in 0..<2000 { numbers.append(generator.number(100_000)) }
    var sample = Sample(key: "a", media: Media(.image))
    if numbers.count % 2 == 1 { numbers.append(1) }
    sample.annotations = [Annotation(shape: .polyline(Polyline(coordinates: numbers)))]
    let written = try write(DatasetHeader(), [sample])
    // Another judge of the text: the C library.
    let line = try #require(written.lines.first)
    let list = try #require(line.split(separator: "[").last?.split(separator: "]").first)
    for (before, text) in zip(numbers, list.split(separator: ",")) where strtod(String(text), nil) != before {
      Issue.record("seed \(seed): \(before) is written as \(text)")
    }
    #expect(try read(written.bytes).samples == [sample], "seed \(seed)")
    let spaced = written.text.replacingOccurrences(of: ",", with: " , ")
    #expect(try read(spaced).samples == [sample], "seed \(seed)")
  }
}
