import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillConversion

private let box = Box(1, 2, 3, 4, form: .extent)

private func audit(
  _ annotations: [Annotation], _ abilities: FeatureSet, approximate: String = "", sections: [FormatID] = ["*"]
) throws -> (annotations: [Annotation], ledger: Ledger) {
  var sample = Sample(key: "k", media: Media(.image))
  sample.annotations = annotations
  var ledger = Ledger()
  let auditor = Auditor(abilities: abilities.union([.image]), sections: sections, approximations: try Approximations(approximate))
  #expect(auditor.restrict(&sample, &ledger))
  check(ledger)
  return (sample.annotations, ledger)
}

/// The sums add up and nothing is below zero.
private func check(_ ledger: Ledger, _ note: String = "") {
  for (name, entry) in Feature.allCases.map({ ($0.name, ledger[$0]) }) + [
    ("samples", ledger.samples), ("annotations", ledger.annotations),
  ] {
    let isFine =
      entry.read == entry.written + entry.approximated + entry.dropped && entry.written >= 0 && entry.approximated >= 0
      && entry.dropped >= 0
    #expect(isFine, "\(name): \(entry) \(note)")
  }
}

@Suite struct AuditorTests {
  @Test func theSumsAddUpForAnySampleAndAnyTarget() throws {
    let seed = testSeed(51)
    var dice = SeededNumbers(seed)
    let possible = Approximations.possible.flatMap { entry in entry.to.map { "\(entry.from.name)=\($0.name)" } }
    for round in 0..<20_000 {
      let original = dice.sample()
      let abilities = dice.abilities()
      let sections = dice.pick([["*"], [], ["coco"], ["coco", "voc"], ["none"]] as [[FormatID]])
      let approximations = try Approximations(dice.coin() ? "" : possible.filter { _ in dice.coin() }.joined(separator: ","))
      let needs: FeatureSet = dice.coin() ? [.imageSize] : []
      let writesOnePlace = dice.coin()
      let auditor = Auditor(
        abilities: abilities, sections: sections, approximations: approximations, needs: needs, writesOnePlace: writesOnePlace)
      var sample = original
      var ledger = Ledger()
      let isKept = auditor.restrict(&sample, &ledger)
      let note = "seed \(seed), round \(round)"
      check(ledger, note)
      // Whatever was there has been read, once.
      for (feature, count) in occurrences(in: original) { #expect(ledger[feature].read == count, "\(feature.name), \(note)") }
      #expect(ledger.samples.read == 1 && ledger.annotations.read == original.annotations.count, "\(note)")
      #expect(isKept == abilities.contains(original.media.feature), "\(note)")
      guard isKept else {
        #expect(ledger.samples.dropped == 1 && ledger.annotations.dropped == original.annotations.count, "\(note)")
        continue
      }
      // The writer sees nothing that was not declared.
      #expect(sample.features.isSubset(of: abilities.union(needs)), "\(note)")
      if writesOnePlace { #expect(sample.annotations.allSatisfy { OnePlace.isSaid(by: $0.features) }, "\(note)") }
      for annotation in sample.annotations { #expect(annotation.features.isSubset(of: abilities), "\(note)") }
      for preserved in [sample.preserved] + sample.annotations.map(\.preserved) {
        #expect(sections == ["*"] || preserved.sections.allSatisfy { sections.contains($0.format) }, "\(note)")
      }
      #expect(sample.annotations.count == ledger.annotations.written + ledger.annotations.approximated, "\(note)")
      // What was not lost is unchanged.
      if !ledger.hasAnyLoss { #expect(sample == original, "\(note)") }
      for feature in ledger.features {
        #expect((ledger.firstDrop(of: feature) != nil) == (ledger[feature].dropped > 0), "\(feature.name), \(note)")
        if ledger[feature].approximated > 0 { #expect(ledger.firstApproximation(of: feature)?.key == original.key, "\(note)") }
      }
      // To restrict again changes nothing.
      var again = sample
      var second = Ledger()
      let same = Auditor(
        abilities: abilities.union(needs), sections: sections, approximations: approximations, writesOnePlace: writesOnePlace)
      #expect(same.restrict(&again, &second) && again == sample && !second.hasAnyLoss, "\(note)")
    }
  }

  @Test func aTargetForEverythingLosesNothing() throws {
    let seed = testSeed(52)
    var dice = SeededNumbers(seed)
    let auditor = Auditor(abilities: .all, sections: ["*"], approximations: try Approximations("polygon=box,box=polygon"))
    for _ in 0..<2000 {
      let original = dice.sample()
      var sample = original
      var ledger = Ledger()
      #expect(auditor.restrict(&sample, &ledger) && sample == original && !ledger.hasAnyLoss, "seed \(seed)")
    }
  }

  @Test func anAnnotationWithoutItsPlaceGoesAsAWhole() throws {
    let (left, ledger) = try audit(
      [Annotation(id: .integer(1), label: LabelID(index: 0), box: box)], [.id, .label, .classification])
    #expect(
      left.isEmpty && ledger.annotations.dropped == 1 && ledger[.label].dropped == 1 && ledger[.box].dropped == 1
        && ledger[.id].dropped == 1)
    #expect(ledger.firstWholeDrop?.key == "k" && ledger.hasEssentialLoss)
  }

  @Test func incidentalAnswersGoAlone() throws {
    var annotation = Annotation(id: .integer(1), label: LabelID(index: 0), box: box)
    annotation.confidence = 0.5
    let (left, ledger) = try audit([annotation], [.label, .box])
    #expect(left == [Annotation(label: LabelID(index: 0), box: box)])
    #expect(
      ledger.annotations.written == 1 && ledger[.id].dropped == 1 && ledger[.confidence].dropped == 1 && ledger[.box].written == 1)
    #expect(!ledger.hasEssentialLoss && ledger.hasAnyLoss)
  }

  @Test func relationsGoWithWhatTheyJoin() throws {
    var relation = Annotation(id: .integer(3), label: LabelID(index: 1))
    relation.link = Link(source: .integer(1), target: .integer(2))
    var outer = Annotation(id: .integer(4))
    outer.link = Link(source: .integer(2), target: .integer(3))
    var fine = Annotation(id: .integer(5))
    fine.link = Link(source: .integer(2), target: .integer(2))
    fine.confidence = 0.5
    let dropped = Annotation(id: .integer(1), shape: .point(Point(x: 1, y: 1)))
    let kept = Annotation(id: .integer(2), box: box)
    // A relation of a relation goes too, wherever it stands.
    for annotations in [[dropped, kept, relation, outer, fine], [fine, outer, relation, kept, dropped]] {
      let (left, ledger) = try audit(annotations, [.id, .box, .link, .label])
      #expect(left.compactMap(\.id).count == 2 && Set(left.compactMap(\.id)) == [.integer(2), .integer(5)])
      #expect(
        ledger.annotations.dropped == 3 && ledger[.link].dropped == 2 && ledger[.link].written == 1
          && ledger[.confidence].dropped == 1)
    }
  }

  @Test func aChangedRelationThatGoesIsBookedOnce() throws {
    var relation = Annotation(id: .integer(3), shape: .circle(Circle(centerX: 1, centerY: 1, radius: 1)))
    relation.link = Link(source: .integer(1), target: .integer(1))
    relation.author = "x"
    let dropped = Annotation(id: .integer(1), shape: .point(Point(x: 1, y: 1)))
    let (left, ledger) = try audit([dropped, relation], [.id, .box, .link], approximate: "circle=box")
    #expect(
      left.isEmpty && ledger.annotations.dropped == 2 && ledger.annotations.approximated == 0 && ledger.annotations.written == 0)
    #expect(ledger[.circle].dropped == 1 && ledger[.author].dropped == 1 && ledger[.box] == Ledger.Entry())
  }

  @Test func longChainsOfRelationsEndInTime() throws {
    let count = 50_000
    var annotations: [Annotation] = []
    for index in 0..<count {
      var relation = Annotation(id: .integer(Int64(index)))
      relation.link = Link(source: .integer(Int64(index + 1)), target: .integer(Int64(index + 1)))
      relation.author = index % 2 == 0 ? "x" : nil
      annotations.append(relation)
    }
    annotations.append(Annotation(id: .integer(Int64(count)), shape: .point(Point(x: 1, y: 1))))
    let seconds = try processorSeconds {
      let (left, ledger) = try audit(annotations, [.id, .link])
      #expect(left.isEmpty && ledger.annotations.dropped == count + 1)
    }
    #expect(seconds < 20)
  }

  @Test func partsKeepPointingAtTheirObjects() throws {
    let point = Annotation(shape: .point(Point(x: 1, y: 1)))
    let object = Annotation(label: LabelID(index: 0), box: box)
    func part(_ distance: Int) -> Annotation {
      var part = Annotation(label: LabelID(index: 1), box: box)
      part.partOf = distance
      return part
    }
    let (left, ledger) = try audit(
      [object, point, part(2), point, point, part(5), part(4), part(.min), part(.max)], [.box, .label, .part])
    #expect(left.map(\.partOf) == [nil, 1, 2, 2, nil, nil])
    #expect(ledger[.part].written == 3 && ledger[.part].dropped == 2)
    // A part whose object goes stays, and says so.
    let (orphan, account) = try audit([point, part(1)], [.box, .label, .part])
    #expect(orphan.map(\.partOf) == [nil] && account[.part].dropped == 1 && account.annotations.written == 1)
  }

  @Test func aTextThatLosesItsLabelIsACaption() throws {
    var annotation = Annotation(label: LabelID(index: 0))
    annotation.text = "hello"
    let (left, ledger) = try audit([annotation], [.caption, .text])
    #expect(left.first?.text == "hello" && left.first?.label == nil)
    #expect(ledger[.classification].dropped == 1 && ledger[.text].written == 1)
  }

  @Test func onlyTheTargetsSectionsStay() throws {
    var annotation = Annotation(box: box)
    annotation.preserved = Preserved("coco", members: [1])
    annotation.preserved["voc"] = [2]
    let (left, ledger) = try audit([annotation], .all, sections: ["coco"])
    #expect(
      left.first?.preserved == Preserved("coco", members: [1]) && ledger[.preserved].dropped == 1 && ledger.annotations.written == 1
    )
    let (own, account) = try audit([annotation], .all, sections: ["coco", "voc"])
    #expect(own == [annotation] && account[.preserved].written == 1)
    let (none, _) = try audit([annotation], FeatureSet.all.subtracting([.preserved]), sections: ["coco", "voc"])
    #expect(none == [Annotation(box: box)])
  }

  @Test func sampleSectionsWithoutTheAbilityGoEntirely() {
    var sample = Sample(key: "k", media: Media(.image))
    sample.preserved = Preserved("coco", members: [1])
    sample.preserved["voc"] = [2]
    var ledger = Ledger()
    #expect(Auditor(abilities: [.image], sections: ["coco"], approximations: Approximations()).restrict(&sample, &ledger))
    #expect(sample.preserved.isEmpty && ledger[.samplePreserved].dropped == 1 && ledger[.samplePreserved].read == 1)
  }

  @Test func headersAreRestrictedAndLabelsKeepTheirPlaces() {
    var header = DatasetHeader(
      name: "set", labels: LabelTable([Label(name: "a", id: .integer(5), parent: "p"), Label(name: "b")]), labelsAreComplete: true)
    header.fields = ["license": .integer(1)]
    header.preserved = Preserved("coco", members: [1])
    header.preserved["voc"] = [2]
    var ledger = Ledger()
    let auditor = Auditor(
      abilities: [.datasetName, .labelID, .datasetPreserved], sections: ["coco"], approximations: Approximations())
    let restricted = auditor.restrict(header, &ledger)
    check(ledger)
    #expect(restricted.name == "set" && restricted.fields.isEmpty && restricted.preserved == Preserved("coco", members: [1]))
    #expect(restricted.labels.labels == [Label(name: "a", id: .integer(5)), Label(name: "b")])
    #expect(ledger[.datasetName].written == 1 && ledger[.datasetFields].dropped == 1 && ledger[.datasetPreserved].dropped == 1)
    #expect(ledger[.labelID].written == 1 && ledger[.labelParent].dropped == 1 && ledger[.labelID].read == 1)
    #expect(header.labels.labels.first?.parent == "p")
    // A table that may still grow stays the reader's own.
    header.labelsAreComplete = false
    var other = Ledger()
    #expect(auditor.restrict(header, &other).labels === header.labels)
    var nothing = Ledger()
    let bare = Auditor(abilities: [], sections: ["coco"], approximations: Approximations()).restrict(header, &nothing)
    #expect(bare.name == nil && bare.preserved.isEmpty && nothing[.datasetPreserved].dropped == 1)
  }
}
