import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillTextGrid

/// The rules the format declares.
let declared = TextGridFormat.descriptor.rules

@Suite("TextGrid: writing") struct GridWriterTests {
  private func written(
    _ header: DatasetHeader, _ annotations: [Annotation], duration: MediaTime? = nil, _ options: [(String, String)] = []
  ) throws -> (text: String, result: Written, again: ReadDataset) {
    let folder = try TemporaryFolder()
    let result = try write(header, [recording("a.wav", annotations, duration: duration)], to: folder.file("out"), options)
    let path = folder.file("out/a.wav.TextGrid")
    return (try text(path), result, try read(folder.file("out"), options.filter { $0.0 == "unlabeled" }))
  }

  @Test func theWholeFile() throws {
    let made = try written(
      header("spk \"1\"", "noise"),
      [
        interval(0.5, 1.5, 0, "Say \"yes\""), interval(2, 2.5, 1), point(1, 1, "click"), interval(1.5, 2, 0, "no"),
      ], duration: 3)
    #expect(
      made.text == """
        File type = "ooTextFile"
        Object class = "TextGrid"

        xmin = 0\u{20}
        xmax = 3\u{20}
        tiers? <exists>\u{20}
        size = 3\u{20}
        item []:\u{20}
            item [1]:
                class = "IntervalTier"\u{20}
                name = "spk ""1""\"\u{20}
                xmin = 0\u{20}
                xmax = 3\u{20}
                intervals: size = 4\u{20}
                intervals [1]:
                    xmin = 0\u{20}
                    xmax = 0.5\u{20}
                    text = ""\u{20}
                intervals [2]:
                    xmin = 0.5\u{20}
                    xmax = 1.5\u{20}
                    text = "Say ""yes""\"\u{20}
                intervals [3]:
                    xmin = 1.5\u{20}
                    xmax = 2\u{20}
                    text = "no"\u{20}
                intervals [4]:
                    xmin = 2\u{20}
                    xmax = 3\u{20}
                    text = ""\u{20}
            item [2]:
                class = "IntervalTier"\u{20}
                name = "noise"\u{20}
                xmin = 0\u{20}
                xmax = 3\u{20}
                intervals: size = 3\u{20}
                intervals [1]:
                    xmin = 0\u{20}
                    xmax = 2\u{20}
                    text = ""\u{20}
                intervals [2]:
                    xmin = 2\u{20}
                    xmax = 2.5\u{20}
                    text = "noise"\u{20}
                intervals [3]:
                    xmin = 2.5\u{20}
                    xmax = 3\u{20}
                    text = ""\u{20}
            item [3]:
                class = "TextTier"\u{20}
                name = "noise"\u{20}
                xmin = 0\u{20}
                xmax = 3\u{20}
                points: size = 1\u{20}
                points [1]:
                    number = 1\u{20}
                    mark = "click"\u{20}

        """)
    #expect(made.result.losses.isEmpty && made.result.rules.isEmpty)
    #expect(
      made.again.samples[0].annotations == [
        interval(0.5, 1.5, 0, "Say \"yes\""), interval(1.5, 2, 0, "no"), interval(2, 2.5, 1), point(1, 1, "click"),
      ])
  }

  @Test func theOtherLayouts() throws {
    let annotations = [interval(0, 1, 0, "x"), point(0, 0, "p"), interval(1.25, 2, 0, "y")]
    #expect(
      try written(header("a"), annotations, [("layout", "short")]).text
        == "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n2\n<exists>\n2\n\"IntervalTier\"\n\"a\"\n0\n2\n3\n0\n1\n\"x\"\n1\n1.25\n\"\"\n"
        + "1.25\n2\n\"y\"\n\"TextTier\"\n\"a\"\n0\n2\n1\n0\n\"p\"\n")
    #expect(
      try written(header("a"), annotations, [("layout", "chronological")]).text
        == "\"Praat chronological TextGrid text file\"\n0 2   ! Time domain.\n2   ! Number of tiers.\n\"IntervalTier\" \"a\" 0 2\n"
        + "\"TextTier\" \"a\" 0 2\n\n! a:\n1 0 1\n\"x\"\n\n! a:\n2 0\n\"p\"\n\n! a:\n1 1 1.25\n\"\"\n\n! a:\n1 1.25 2\n\"y\"\n")
  }

  @Test func overlapsGoToFurtherTiers() throws {
    let made = try written(
      header("a", "b"),
      [
        interval(2, 4, 0, "late"), interval(0, 3, 0, "long"), interval(1, 2, 0, "inner"), interval(3, 5, 0, "after"),
        interval(0, 5, 1, "all"),
      ])
    #expect(made.again.samples[0].annotations.map(\.text) == ["long", "after", "inner", "late", "all"])
    #expect(made.again.names == ["a", "b"])
    #expect(made.again.samples[0].annotations.map { $0.label?.index } == [0, 0, 0, 0, 1])
    #expect(made.text.contains("size = 3"))
    #expect(made.again.rules.isEmpty)
  }

  @Test("very many overlaps, in little time", arguments: [10, 100, 20_000]) func manyOverlaps(_ count: Int) throws {
    var annotations: [Annotation] = []
    for number in 0..<count {
      let start = try #require(MediaTime(units: Int64(number), fractionDigits: 3))
      annotations.append(interval(start, try #require(start.advanced(by: 100)), 0, "t\(number)"))
    }
    let made = try written(header("a"), annotations, [("layout", "short")])
    #expect(made.again.samples[0].annotations.count == count && made.again.rules.isEmpty)
  }

  @Test func tiersAreFullAgainAfterManyOverlaps() throws {
    // Forty at once, then forty more after all have ended: no tier more.
    var annotations: [Annotation] = []
    for round in 0..<2 {
      for number in 0..<40 {
        annotations.append(
          interval(
            MediaTime(integerLiteral: Int64(round * 100 + number)), MediaTime(integerLiteral: Int64(round * 100 + 50)), 0,
            "x\(number)"))
      }
    }
    let made = try written(header("a"), annotations, [("layout", "short")])
    #expect(made.text.hasPrefix("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n150\n<exists>\n40\n"))
  }

  @Test func whatHasNoLabel() throws {
    let annotations = [interval(0, 1, nil, "hello"), interval(1, 2, 0, "x"), interval(3, 4)]
    let made = try written(header("a"), annotations)
    #expect(
      made.text.components("name = \"text\"") == 2 && made.text.contains("text = \"hello\"")
        && made.text.contains("text = \"text\""))
    #expect(made.again.samples[0].annotations == [annotations[0], annotations[1], annotations[2]])
    let other = try written(header("text"), [interval(0, 1, 0, "x"), interval(1, 2, nil, "y")], [("unlabeled", "-")])
    #expect(other.again.samples[0].annotations.map { $0.label?.index } == [0, nil] && other.result.losses.isEmpty)
  }

  @Test func whatCannotBeToldIsLost() throws {
    let name = try written(header("text"), [interval(0, 1, 0, "x")])
    #expect(name.result.losses == [EncodingLoss(.label, isApproximated: false)])
    let empty = try written(header("a"), [interval(0, 1, 0, ""), point(1, 0, "")])
    #expect(empty.result.losses.map(\.feature) == [.text, .text])
    let same = try written(header("yes"), [interval(0, 1, 0, "yes"), interval(1, 2, 0, "yes")])
    #expect(same.result.losses.map(\.feature) == [.text, .text])
    #expect(try written(header("yes"), [interval(0, 1, 0, "yes"), interval(1, 2, 0, "no")]).result.losses.isEmpty)
  }

  @Test func theTimeDomain() throws {
    #expect(try written(header("a"), [interval(1, 2.25, 0, "x")]).text.contains("xmin = 0 \nxmax = 2.25 \n"))
    #expect(try written(header("a"), [interval(-1, 2, 0, "x")]).text.contains("xmin = -1 \nxmax = 2 \n"))
    #expect(try written(header("a"), []).text.contains("xmin = 0 \nxmax = 0 \n"))
    let short = try written(header("a"), [interval(1, 9, 0, "x")], duration: 5)
    #expect(short.again.samples[0].media.duration == 5 && short.again.rules == ["textgrid.tier.outside"])
    #expect(try written(header("a"), [interval(1, 9, 0, "x")], duration: -5).again.rules.isEmpty == false)
  }

  @Test func whatHasNoPlaceIsRefused() throws {
    var frame = Annotation(label: LabelID(index: 0))
    frame.time = .frame(3)
    for (annotation, rule) in [
      (frame, "textgrid.write.time"), (Annotation(label: LabelID(index: 0)), "textgrid.write.time"),
      (interval(2, 1, 0, "x"), "textgrid.write.interval"),
    ] {
      #expect(try written(header("a"), [annotation]).result.rules == [rule])
    }
  }

  @Test(arguments: ["../x", "/x", "", "a//b", "a/./b", "x\0y"]) func namesThatAreNoFiles(_ key: String) throws {
    let folder = try TemporaryFolder()
    let result = try write(header(), [recording(key)], to: folder.file("out"))
    #expect(result.rules == ["textgrid.write.name"])
  }

  @Test func namesAndKinds() throws {
    let folder = try TemporaryFolder()
    var samples = [recording("a"), recording("b.mp4"), recording("x.video"), recording("s3://bucket/c.wav")]
    for key in ["d", "e.mp4", "f.audio"] {
      var video = recording(key)
      video.media.kind = .video
      samples.append(video)
    }
    let result = try write(header(), samples, to: folder.file("out"))
    #expect(result.rules.isEmpty)
    #expect(
      try tree(folder.file("out")).keys.sorted() == [
        "a.TextGrid", "b.mp4.audio.TextGrid", "d.video.TextGrid", "e.mp4.TextGrid", "f.audio.video.TextGrid",
        "s3:/bucket/c.wav.TextGrid",
        "x.video.audio.TextGrid",
      ])
    let again = try read(folder.file("out"))
    #expect(Set(again.samples.map { "\($0.key) \($0.media.kind)" }) == Set(samples.map { "\($0.key) \($0.media.kind)" }))
    var elsewhere = recording("k")
    elsewhere.media.location = "audio/k.wav"
    #expect(try write(header(), [elsewhere], to: folder.file("out2")).rules == ["textgrid.write.location"])
  }

  @Test func encodings() throws {
    let folder = try TemporaryFolder()
    let sample = recording("a", [interval(0, 1, 0, "é")])
    try write(header("x"), [sample], to: folder.file("wide"), [("encoding", "utf-16be-bom")])
    #expect(try bytes(of: folder.file("wide/a.TextGrid")).starts(with: [0xFE, 0xFF, 0, 0x46]))
    #expect(try read(folder.file("wide")).samples[0].annotations == sample.annotations)
    #expect(
      try write(header("x"), [sample], to: folder.file("ascii"), [("encoding", "us-ascii")]).rules == ["textgrid.write.encoding"])
  }

  @Test func mediaComesAlong() throws {
    let folder = try TemporaryFolder()
    for name in ["a.wav", "b.wav", "b.mp3"] { _ = try folder.write("media/\(name)", name) }
    let media = MediaResolver(folders: [folder.file("media")])
    let result = try write(
      header(), [recording("a"), recording("b.mp3"), recording("c")], to: folder.file("out"), media: media, mediaMode: .copy)
    #expect(result.rules == ["media.missing"])
    #expect(try tree(folder.file("out")).keys.sorted() == ["a.TextGrid", "a.wav", "b.mp3", "b.mp3.TextGrid", "c.TextGrid"])
  }

  @Test func oneFileIsOneRecording() throws {
    let folder = try TemporaryFolder()
    for count in [0, 2] {
      let samples = (0..<count).map { recording("\($0)") }
      #expect(throws: DatasetError.self) { try write(header(), samples, to: folder.file("out\(count).TextGrid"), isFile: true) }
    }
  }

  @Test func keptCommentsGoWhenValuesAreOthers() throws {
    let folder = try TemporaryFolder()
    let text = "\"ooTextFile\" ! mine\n\"TextGrid\" 0 1 <exists> 1 \"IntervalTier\" \"a\" 0 1 1 0 1 \"x\"\n"
    var data = try read(folder.write("a.TextGrid", text))
    #expect(try write(data.header, data.samples, to: folder.file("same")).rules.isEmpty)
    #expect(try TextGridTests.text(folder.file("same/a.TextGrid")) == text)
    data.samples[0].annotations = [interval(0, 0.5, 0, "x")]
    #expect(try write(data.header, data.samples, to: folder.file("less")).rules == ["textgrid.write.comments"])
    #expect(try read(folder.file("less")).samples[0].annotations.map(\.text) == ["x"])
  }

  @Test func filteredLabelsLeaveTheOthersWhereTheyWere() throws {
    let folder = try TemporaryFolder()
    let text =
      "\"ooTextFile\" \"TextGrid\" 0 2 <exists> 3 \"IntervalTier\" \"a\" 0 2 1 0 2 \"x\" \"IntervalTier\" \"b\" 0 2 1 0 2 \"y\" "
      + "\"IntervalTier\" \"a\" 0 2 1 0 2 \"z\"\n"
    var data = try read(folder.write("a.TextGrid", text))
    data.samples[0].annotations.removeAll { $0.label?.index == 0 }
    try write(data.header, data.samples, to: folder.file("out"))
    #expect(try read(folder.file("out")).samples[0].annotations.map(\.text) == ["y"])
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
