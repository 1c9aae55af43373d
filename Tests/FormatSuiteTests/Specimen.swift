import Waybill

/// A sample, with its header, that shows one feature and no more than what has to stand around it.
struct Specimen {
  var sample: Sample
  var header: DatasetHeader
  /// Samples after the first, where one cannot show the feature.
  var others: [Sample] = []

  /// The specimen of a feature, built from what a format can hold around it.
  init(of feature: Feature, around abilities: FeatureSet, format: FormatID) {
    sample = Sample(key: "a.jpg", media: Media(.image, location: "a.jpg"))
    header = DatasetHeader(labels: LabelTable([Label(name: "fox")]), labelsAreComplete: true)
    setMedia(for: feature, abilities)
    var carrier = Annotation()
    if feature.level == .annotation {
      // A track is followed by its box.
      if (feature == .track || !FeatureSet.places.contains(feature)) && feature != .classification && feature != .caption
        && abilities.contains(.box)
      {
        carrier.box = Box(10, 20, 30, 50, form: .corners)
      }
      // A place in a picture leads to a file of its own; this is about the record itself.
      if feature == .preserved, abilities.contains(.classification) { carrier.box = nil }
      // In a text, what has no place is about all of it.
      if sample.media.kind == .text, feature != .classification, feature != .caption, feature != .span, !abilities.contains(.box) {
        carrier.span = TextSpan(start: 0, end: 3, unit: .scalars)
      }
      if abilities.contains(.label) || feature == .label || feature == .classification { carrier.label = LabelID(index: 0) }
      if feature == .caption { carrier.label = nil }
      let spoken: FeatureSet = [.text, .interval]
      // Formats of recordings say nearly everything of intervals.
      let bare = FeatureSet.places.union([.classification, .caption])
      let isTimed = spoken.contains(feature) || (isSound(abilities) && !bare.contains(feature))
      if isTimed, sample.media.kind == .audio {
        carrier.box = nil
        carrier.time = .interval(start: 1.25, end: 3.5)
      }
      add(feature, carrier, format)
    } else {
      addAroundAnnotations(feature, format)
    }
    // A row is written as it was under the columns it was read under.
    if format == "segments", [.preserved, .samplePreserved].contains(feature) {
      header.preserved = Specimen.preserved(format, .datasetPreserved)
    }
    // A format of shares needs the size that it does not hold; with this one the shares are exact.
    if format == "yolo", feature.level == .annotation { (sample.media.width, sample.media.height) = Specimen.size }
  }

  /// Whether a format is for recordings, so that nearly every feature shows on one.
  private func isSound(_ abilities: FeatureSet) -> Bool { abilities.contains(.audio) && !abilities.contains(.image) }

  /// The size of the picture, where a format needs one.
  static let size = (width: 64, height: 64)

  private mutating func setMedia(for feature: Feature, _ abilities: FeatureSet) {
    let texts: FeatureSet = [.textMedia, .span, .link, .tokens]
    let sounds: FeatureSet = [.audio, .interval, .caption, .text, .duration]
    let media: FeatureSet = [.image, .audio, .video, .table, .file]
    let hasOnlyTexts = abilities.contains(.textMedia) && abilities.intersection(media).isEmpty && !media.contains(feature)
    if texts.contains(feature) && abilities.contains(.textMedia) || feature == .textMedia || hasOnlyTexts {
      sample = Sample(key: "1", media: Media(.text, text: "Ada met Charles in London."))
    } else if feature == .audio || (sounds.contains(feature) && abilities.contains(.audio)) {
      sample = Sample(key: "a.wav", media: Media(.audio, location: "a.wav"))
    } else if feature == .video || (feature == .frame && abilities.contains(.video)) {
      sample = Sample(key: "a.mp4", media: Media(.video, location: "a.mp4"))
    } else if feature == .table {
      sample = Sample(key: "a.csv", media: Media(.table, location: "a.csv"))
    } else if feature == .file {
      sample = Sample(key: "a.bin", media: Media(.file, location: "a.bin"))
    } else if feature != .image, isSound(abilities) {
      sample = Sample(key: "a.wav", media: Media(.audio, location: "a.wav"))
    }
  }

  private mutating func add(_ feature: Feature, _ carrier: Annotation, _ format: FormatID) {
    var annotation = carrier
    switch feature {
    case .box: annotation.box = Box(10, 20, 30, 50, form: .corners)
    case .rotatedBox:
      annotation.shape = .rotatedBox(RotatedBox(centerX: 20, centerY: 20, width: 10, height: 5, angleDegrees: 30))
    case .polygon: annotation.shape = .polygon(Polygon(coordinates: [1, 1, 9, 1, 9, 8]))
    case .polygonParts:
      annotation.shape = .polygon(Polygon(coordinates: [1, 1, 9, 1, 9, 8, 20, 20, 29, 20, 29, 28], ringEnds: [6]))
    case .polygonHoles:
      annotation.shape = .polygon(Polygon(coordinates: [0, 0, 40, 0, 40, 40, 5, 5, 9, 5, 9, 9], ringEnds: [6], holes: [1]))
    case .polyline: annotation.shape = .polyline(Polyline(coordinates: [1, 1, 9, 1, 9, 8]))
    case .dashedLine: annotation.shape = .polyline(Polyline(coordinates: [1, 1, 9, 1], isDashed: true))
    case .circle: annotation.shape = .circle(Circle(centerX: 20, centerY: 20, radius: 5))
    case .ellipse: annotation.shape = .ellipse(Ellipse(centerX: 20, centerY: 20, radiusX: 5, radiusY: 3))
    case .point: annotation.shape = .point(Point(x: 3, y: 4))
    case .mask: annotation.shape = .mask(Mask(width: 4, height: 3, runs: .counts([2, 4, 6])))
    case .keypoints:
      annotation.keypoints = Keypoints(points: [.init(x: 3, y: 4, visibility: 2), .init(x: 0, y: 0, visibility: 0)])
    case .span: annotation.span = TextSpan(start: 0, end: 3, unit: .scalars)
    case .caption, .text: annotation.text = "hello"
    case .frame: annotation.time = .frame(7)
    case .instant: annotation.time = .instant(1.5)
    case .interval: annotation.time = .interval(start: 1.25, end: 3.5)
    case .track: annotation.track = .string("t1")
    case .link:
      for (id, start, end) in [("E1", 0, 3), ("E2", 8, 15)] {
        var entity = Annotation(id: .string(id), label: LabelID(index: 0))
        entity.span = TextSpan(start: start, end: end, unit: .scalars)
        sample.annotations.append(entity)
      }
      annotation.id = .string("R1")
      annotation.link = Link(source: .string("E1"), target: .string("E2"))
    case .reference:
      annotation.label = nil
      annotation.reference = "./annotation/a.xml"
    case .id: annotation.id = .integer(7)
    case .author: annotation.author = "human/alice"
    case .createdAt: annotation.createdAt = Timestamp("2024-05-06T07:08:09")
    case .confidence: annotation.confidence = 0.5
    case .hard: annotation.hard = HardExample(coefficient: 0.75)
    case .difficult: annotation.flags.difficult = true
    case .truncated: annotation.flags.truncated = true
    case .occluded: annotation.flags.occluded = true
    case .crowd: annotation.flags.crowd = true
    case .unconfirmed: annotation.flags.unconfirmed = true
    case .group: annotation.group = .integer(3)
    case .part:
      sample.annotations.append(annotation)
      annotation.partOf = 1
    case .area: annotation.area = 12.5
    case .order: annotation.ordinal = 0
    case .attributes:
      switch format {
      case "rttm": annotation.attributes = ["channel": .string("2")]
      case "audacity": annotation.attributes = ["low_frequency": .integer(100), "high_frequency": .number(250.5)]
      default: annotation.attributes = ["colour": .string("red")]
      }
    case .preserved: annotation.preserved = Specimen.preserved(format, feature)
    default: break
    }
    sample.annotations.append(annotation)
    if feature == .order {
      // An order over the dataset shows only where the annotations of two samples alternate.
      let name = sample.media.kind == .audio ? "b.wav" : "b.jpg"
      var other = Sample(key: name, media: Media(sample.media.kind, location: name))
      annotation.ordinal = 1
      other.annotations = [annotation]
      annotation.ordinal = 2
      sample.annotations.append(annotation)
      others = [other]
    }
  }

  private mutating func addAroundAnnotations(_ feature: Feature, _ format: FormatID) {
    func change(_ body: (inout Label) -> Void) {
      var label = Label(name: "fox")
      body(&label)
      header.labels = LabelTable([label])
    }
    switch feature {
    case .imageSize: (sample.media.width, sample.media.height) = (64, 48)
    case .imageChannels: (sample.media.width, sample.media.height, sample.media.channels) = (64, 48, 3)
    case .duration: sample.media.duration = 12.5
    case .frameNumber: sample.media.frame = FrameOrigin(number: 12)
    case .videoFrame: sample.media.frame = FrameOrigin(video: "a.mp4", time: 2.5, duration: 12)
    case .sampleID: sample.id = format == "modelarts" ? .string("00aa") : .integer(42)
    case .split: sample.split = "train"
    case .hardExample: sample.hard = HardExample(isHard: true, coefficient: 0.75)
    case .tokens: sample.tokens = Tokens(columns: ["tag"], rows: [["Ada", "B-person"]])
    case .sampleAttributes: sample.attributes = ["weather": .string("rain")]
    case .samplePreserved: sample.preserved = Specimen.preserved(format, feature)
    case .labelID:
      change { $0.id = .integer(90) }
      // A manifest of Ground Truth names the classes of its annotations, and no others.
      if format == "groundtruth" { sample.annotations = [Annotation(label: LabelID(index: 0))] }
    case .labelParent: change { $0.parent = "animal" }
    case .labelColor: change { $0.style.color = "#ff0000" }
    case .labelStyle: change { $0.style.shortcut = "f" }
    case .labelAttributes: change { $0.attributes = [AttributeDefinition(name: "age", type: "text")] }
    case .labelRelation: change { $0.relation = Label.Relation(source: "fox", target: "fox") }
    case .labelKeypoints:
      change {
        $0.keypointNames = ["nose", "tail"]
        $0.skeleton = [[1, 2]]
      }
    case .labelPreserved: change { $0.preserved = Specimen.preserved(format, feature) }
    case .datasetName: header.name = "foxes"
    case .datasetFields: header.fields = ["owner": .string("alice")]
    case .datasetPreserved: header.preserved = Specimen.preserved(format, feature)
    default: break
    }
  }

  /// A field nobody has heard of, or one that only the format knows, as the format's own files would bring it.
  static func preserved(_ format: FormatID, _ feature: Feature) -> Preserved {
    let members: String =
      switch (format, feature) {
      case ("pascal-voc", .samplePreserved): #""segmented":true"#
      case ("pascal-voc", .preserved): #""order":["name","<unheard>1</unheard>","bndbox"]"#
      case ("pascal-voc", .labelPreserved): #""labelmap":"255,0,0:head:running""#
      case ("pascal-voc", .datasetPreserved): #""layout":"folder""#
      case ("audacity", .samplePreserved): #""encoding":"utf-8-bom""#
      case ("audacity", .preserved): #""row":" 1.25\t3.5\tfox""#
      case ("rttm", .samplePreserved): #""lines":[{"at":0,"text":"SPKR-INFO a.wav 1 <NA> <NA> <NA> child fox <NA> <NA>"}]"#
      case ("rttm", .preserved): #""row":"SPEAKER  a.wav 1 1.25 2.25 <NA> <NA> fox <NA> <NA>""#
      case ("rttm", .datasetPreserved): #""files":[{"crlf":true}]"#
      case ("groundtruth", .datasetPreserved): #""final-newline":false"#
      case ("conll", .samplePreserved), ("conllu", .samplePreserved):
        ##""before":"# a remark\n# text = Ada met Charles in London.\n""##
      case ("conll", .datasetPreserved), ("conllu", .datasetPreserved): #""line-end":"crlf""#
      case ("segments", .samplePreserved): #""row":"\"a.jpg\";""#
      case ("segments", .preserved): #""row":"\"a.jpg\";fox""#
      case ("segments", .datasetPreserved): #""columns":["media","label"],"delimiter":";""#
      case ("media-folder", .datasetPreserved): #""layout":"list""#
      case ("mot", .preserved): #""row":"1,-1,10.0,20,20,30,-1,1,-1""#
      case ("mot", .datasetPreserved): #""tail":"class","columns":9,"final-newline":true"#
      case ("yolo", .samplePreserved): #""unlabeled":true"#
      case ("yolo", .datasetPreserved): #""yaml":{"download":"https://example.com/a.zip"}"#
      case ("text-classification", .samplePreserved): #""row":"1,Ada met Charles in London.,[]""#
      case ("text-classification", .datasetPreserved): #""layout":{"kind":"table","header":"text,label","names":["text","label"]}"#
      case ("jsonl-text", .datasetPreserved): #""layout":{"dialect":"plain","keys":["text"]}"#
      case ("modelarts", .datasetPreserved):
        #""layout":{"line":["annotation","usage","property","source","id","sample-type","hard","hard-coefficient","#
          + #""hard-reasons","inference-loc","source-type"],"annotation":["name","id","property","type","creation-time","#
          + #""hard","hard-coefficient","hard-reasons","annotated-by","confidence","annotation-loc","#
          + #""annotation-format"],"final-newline":true,"sample-type":true}"#
      case ("textgrid", .samplePreserved): #""layout":"short""#
      case ("webvtt", .samplePreserved): #""lineEnd":"\r\n""#
      case ("srt", .samplePreserved): #""head":"\n\n""#
      case ("webvtt", .preserved): #""settings":"align:start""#
      case ("srt", .preserved): #""settings":"X1:1 X2:2""#
      case ("textgrid", .preserved): #""xmin":"125e-2""#
      default: #""x-unheard-of":{"a":[1,"b"]}"#
      }
    return Preserved(format, members: Array(members.utf8))
  }
}
