import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillLabelRepository

@Suite struct SampleEditingTests {
  private func annotation(_ id: Int64?, label: UInt32 = 0, partOf: Int? = nil) -> Annotation {
    var annotation = Annotation(id: id.map { .integer($0) }, label: LabelID(index: label))
    annotation.partOf = partOf
    return annotation
  }

  @Test func whatAdoptedAnnotationsLoseIsTold() {
    var sample = Sample(key: "a", media: Media(.image))
    sample.annotations = [annotation(1), annotation(nil)]
    let context = ReadContext(sources: SourceMap())
    sample.adopt([annotation(2), annotation(1, label: 1), annotation(2, partOf: 1), annotation(nil)], context)
    #expect(sample.annotations.map(\.id) == [.integer(1), nil, .integer(2), nil, nil, nil])
    #expect(sample.annotations.allSatisfy { $0.partOf == nil })
    #expect(
      context.diagnostics.items.map(\.rule) == ["repository.adopt.id", "repository.adopt.part", "repository.adopt.id"])
    #expect(context.diagnostics.items.allSatisfy { $0.severity == .warning && $0.message.hasPrefix("\"a\": ") })
  }

  @Test func idsThatAreFree() {
    var sample = Sample(key: "a", media: Media(.text))
    #expect(sample.freeID("E") == .string("E1"))
    sample.annotations = [Annotation(id: .string("E1")), Annotation(id: .string("E3")), Annotation(id: .integer(2))]
    #expect(sample.freeID("E") == .string("E2") && sample.freeID("R") == .string("R1"))
  }

  @Test func whatGoesTakesItsRelationsAlong() {
    var sample = Sample(key: "a", media: Media(.text))
    var relation = annotation(3)
    relation.link = Link(source: .integer(1), target: .integer(2))
    sample.annotations = [annotation(1), annotation(2, label: 1), relation, annotation(4, partOf: 3)]
    sample.removeAnnotations { $0.label == LabelID(index: 1) }
    #expect(sample.annotations.map(\.id) == [.integer(1), .integer(4)])
    #expect(sample.annotations[1].partOf == 1)
    sample.removeAnnotations { $0.id == .integer(1) }
    #expect(sample.annotations.map(\.partOf) == [nil])
  }

  @Test(arguments: [(0, false, LabelingState.unlabeled), (1, false, .labeled), (2, true, .unconfirmed)])
  func states(_ count: Int, _ waits: Bool, _ state: LabelingState) {
    var sample = Sample(key: "a", media: Media(.image))
    sample.annotations = (0..<count).map { annotation(Int64($0)) }
    if waits { sample.annotations[0].flags.unconfirmed = true }
    #expect(sample.labelingState == state)
    // A proposal that was confirmed, and said so, waits no more.
    for index in sample.annotations.indices { sample.annotations[index].flags.unconfirmed = false }
    #expect(sample.labelingState == (count == 0 ? .unlabeled : .labeled))
  }

  @Test func annotationsThatSayTheSame() {
    var one = annotation(1)
    var other = annotation(2)
    other.author = "human/bob"
    #expect(one.saysTheSame(as: other))
    (one.text, other.text) = ("\u{E9}", "e\u{301}")
    #expect(!one.saysTheSame(as: other))
    (one.text, other.text) = (nil, nil)
    other.box = Box(0, 0, 1, 1, form: .corners)
    #expect(!one.saysTheSame(as: other))
  }
}
