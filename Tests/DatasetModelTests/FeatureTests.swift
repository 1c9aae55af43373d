import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@Suite struct FeatureTests {
  @Test func namesAreUniqueAndKebabCase() {
    let names = Feature.allCases.map(\.name)
    #expect(Set(names).count == names.count && names.count <= 128)
    for (feature, name) in zip(Feature.allCases, names) {
      #expect(name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(name)")
      #expect(Feature(name: name) == feature)
    }
    #expect(Feature.rotatedBox.name == "rotated-box" && Feature.sampleID.name == "sample-id" && Feature.labelID.name == "label-id")
    #expect(Feature.textMedia.name == "text-media" && Feature.createdAt.name == "created-at" && Feature.box.name == "box")
    for name in ["", "Box", "rotatedBox", "rotated_box", "box ", "nothing"] { #expect(Feature(name: name) == nil) }
  }

  @Test func everyFeatureHasALevel() {
    let levels: [Feature.Level] = [.sample, .annotation, .label, .dataset]
    #expect(levels.reduce(0) { $0 + FeatureSet.level($1).count } == Feature.allCases.count)
    #expect(
      Feature.image.level == .sample && Feature.samplePreserved.level == .sample && Feature.classification.level == .annotation)
    #expect(Feature.preserved.level == .annotation && Feature.labelID.level == .label && Feature.labelPreserved.level == .label)
    #expect(Feature.datasetName.level == .dataset)
  }

  @Test func theShapeCountsHoweverItIsGiven() {
    let rings = Polygon(coordinates: [0, 0, 1, 0, 1, 1, 5, 5, 6, 5, 6, 6], ringEnds: [6])
    let shapes: [(shape: Shape?, features: FeatureSet)] = [
      (nil, []), (.point(Point(x: 1, y: 2)), [.point]), (.polygon(Polygon(coordinates: [0, 0, 1, 0, 1, 1])), [.polygon]),
      (.polygon(rings), [.polygon, .polygonParts]),
      (.polyline(Polyline(coordinates: [0, 0, 1, 1], isDashed: true)), [.polyline, .dashedLine]),
      (.mask(Mask(width: 1, height: 1, runs: .counts([1]))), [.mask]),
      (.circle(Circle(centerX: 0, centerY: 0, radius: 1)), [.circle]),
    ]
    var annotations = [Annotation()]
    for (shape, features) in shapes {
      #expect(Annotation(shape: shape).features == features)
      // Over the one before, in an array, and in a copy.
      annotations[0].shape = shape
      var copy = annotations[0]
      #expect(annotations[0].features == features && copy.features == features && copy == Annotation(shape: shape))
      copy.remove(features)
      #expect(copy.features.isEmpty && copy == Annotation())
    }
    annotations[0].shape = .polygon(rings)
    if case .polygon(var polygon) = annotations[0].shape {
      polygon.holes = [1]
      annotations[0].shape = .polygon(polygon)
    }
    #expect(annotations[0].features == [.polygon, .polygonHoles])
  }

  @Test func placesAreEssentialAndWeightsFollow() {
    #expect(FeatureSet.places.isSubset(of: .essential) && FeatureSet.places.isSubset(of: .level(.annotation)))
    for feature in Feature.allCases { #expect((feature.weight == .essential) == FeatureSet.essential.contains(feature)) }
    #expect(Feature.confidence.weight == .incidental && Feature.box.weight == .essential && Feature.tokens.weight == .essential)
  }

  @Test func setsBehaveAsSets() {
    let seed = testSeed(36)
    var dice = SeededNumbers(seed)
    for _ in 0..<5000 {
      let a = Set(Feature.allCases.filter { _ in dice.coin() })
      let b = Set(Feature.allCases.filter { _ in dice.below(3) == 0 })
      let (x, y) = (FeatureSet(a), FeatureSet(b))
      #expect(Set(x.features) == a && x.count == a.count && x.isEmpty == a.isEmpty, "seed \(seed)")
      #expect(x.features == a.sorted { $0.rawValue < $1.rawValue }, "seed \(seed)")
      #expect(Set(x.union(y).features) == a.union(b) && Set(x.intersection(y).features) == a.intersection(b), "seed \(seed)")
      #expect(Set(x.subtracting(y).features) == a.subtracting(b) && x.isSubset(of: y) == a.isSubset(of: b), "seed \(seed)")
      let feature = dice.pick(Feature.allCases)
      var changed = x
      changed.insert(feature)
      #expect(changed.contains(feature) && changed == x.union(FeatureSet(feature)), "seed \(seed)")
      changed.remove(feature)
      #expect(!changed.contains(feature) && changed == x.subtracting([feature]), "seed \(seed)")
    }
    #expect(FeatureSet.all.count == Feature.allCases.count && FeatureSet() == [] && ([] as FeatureSet).isSubset(of: []))
  }

  @Test func samplesGiveAndLoseTheirFeatures() {
    let answers: [(Feature, (inout Sample) -> Void)] = [
      (.imageSize, { $0.media.width = 1 }), (.imageSize, { $0.media.height = 1 }), (.imageChannels, { $0.media.channels = 3 }),
      (.duration, { $0.media.duration = 1 }), (.videoFrame, { $0.media.frame = FrameOrigin() }),
      (.frameNumber, { $0.media.frame = FrameOrigin(number: 3) }),
      (.sampleID, { $0.id = .integer(1) }),
      (.split, { $0.split = "train" }), (.hardExample, { $0.hard = HardExample() }),
      (.tokens, { $0.tokens = Tokens() }),
      (.sampleAttributes, { $0.attributes = ["a": .null] }), (.samplePreserved, { $0.preserved = Preserved("x", members: [1]) }),
    ]
    let kinds: [(Media.Kind, Feature)] = [
      (.image, .image), (.text, .textMedia), (.audio, .audio), (.video, .video), (.table, .table), (.file, .file),
    ]
    #expect(kinds.map(\.0) == Media.Kind.allCases)
    var covered = FeatureSet(kinds.map(\.1))
    for (kind, kindFeature) in kinds {
      let plain = Sample(key: "k", media: Media(kind))
      #expect(plain.features == [kindFeature])
      for (feature, give) in answers {
        var sample = plain
        give(&sample)
        #expect(sample.features == [kindFeature, feature])
        #expect(sample != plain)
        sample.remove([feature])
        #expect(sample == plain)
        covered.insert(feature)
      }
    }
    #expect(covered == FeatureSet.level(.sample))
  }

  @Test func labelsGiveAndLoseTheirFeatures() {
    let answers: [(Feature, (inout Label) -> Void)] = [
      (.labelID, { $0.id = .integer(1) }), (.labelParent, { $0.parent = "p" }), (.labelColor, { $0.style.color = "#000000" }),
      (.labelStyle, { $0.style.shortcut = "a" }), (.labelStyle, { $0.style.defaultShape = "bndbox" }),
      (.labelAttributes, { $0.attributes = [AttributeDefinition(name: "a", type: "text")] }),
      (.labelRelation, { $0.relation = .init(source: "a", target: "b") }), (.labelKeypoints, { $0.keypointNames = [] }),
      (.labelKeypoints, { $0.skeleton = [] }), (.labelPreserved, { $0.preserved = Preserved("x", members: [1]) }),
    ]
    for (feature, give) in answers {
      var label = Label(name: "car")
      #expect(label.features.isEmpty)
      give(&label)
      #expect(label.features == [feature])
      label.remove([feature])
      #expect(label == Label(name: "car"))
    }
    #expect(FeatureSet(answers.map(\.0)) == FeatureSet.level(.label))
    var header = DatasetHeader(name: "n")
    header.fields = ["a": .null]
    header.preserved = Preserved("x", members: [1])
    #expect(header.features == FeatureSet.level(.dataset) && DatasetHeader().features.isEmpty)
  }

  @Test func whereASampleWasReadIsNoPartOfIt() {
    var one = Sample(key: "k", media: Media(.image))
    let other = one
    one.source = SourceRange(file: FileID(index: 1), offset: 2)
    #expect(one == other)
    one.annotations.append(Annotation())
    #expect(one != other)
  }
}
