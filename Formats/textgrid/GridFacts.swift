import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What an earlier reading kept of a file and of its annotations.
struct GridFacts {
  /// A tier that was there.
  struct Tier {
    var name: [UInt8] = []
    var isPoint = false
    var isSegments = false
    var hasHoles = false
    var xmin: String?
    var xmax: String?
  }

  var form: GridForm
  var xmin: String?
  var xmax: String?
  var isUnsorted = false
  var isAbsent = false
  var tiers: [Tier] = []

  /// Reads what a sample keeps.
  ///
  /// - Parameter layout: The layout that is asked for; what was kept of another layout does not count then.
  init(_ preserved: Preserved, layout: GridForm.Layout?) {
    let reader = PreservedReader(preserved, TextGridFormat.id)
    guard !preserved.isEmpty else {
      form = GridForm(layout ?? .long)
      return
    }
    let kept = reader.string("layout").flatMap(GridForm.Layout.init) ?? .long
    let lineEnd = reader.string("lineEnd") ?? "\n"
    form = GridForm(layout ?? kept, lineEnd: ["\r\n", "\r"].contains { $0.utf8.elementsEqual(lineEnd.utf8) } ? lineEnd : "\n")
    let isSameLayout = form.layout == kept
    var facts = self
    reader.forEach { key, value in
      let key = key.makeString()
      var scanner = JSONScanner(value)
      switch key {
      case "xmin": facts.xmin = (try? scanner.string())?.makeString()
      case "xmax": facts.xmax = (try? scanner.string())?.makeString()
      case "unsorted": facts.isUnsorted = isSameLayout
      case "absent": facts.isAbsent = true
      case "tiers": facts.tiers = GridFacts.tiers(&scanner)
      default: if isSameLayout { facts.form.read(key, value) }
      }
    }
    self = facts
  }

  private static func tiers(_ scanner: inout JSONScanner) -> [Tier] {
    var tiers: [Tier] = []
    guard var items = try? scanner.beginArray() else { return [] }
    while (try? scanner.nextElement(&items)) == true {
      var tier = Tier()
      guard var members = try? scanner.beginObject() else { return tiers }
      while let key = try? scanner.nextKey(&members) {
        switch key {
        case "name": tier.name = (try? scanner.string()).map { Array($0.makeString().utf8) } ?? []
        case "points": tier.isPoint = (try? scanner.boolean()) ?? false
        case "segments": tier.isSegments = (try? scanner.boolean()) ?? false
        case "holes": tier.hasHoles = (try? scanner.boolean()) ?? false
        case "xmin": tier.xmin = (try? scanner.string())?.makeString()
        case "xmax": tier.xmax = (try? scanner.string())?.makeString()
        default: guard (try? scanner.skipValue()) != nil else { return tiers }
        }
      }
      tiers.append(tier)
    }
    return tiers
  }
}

/// What an earlier reading kept of an annotation.
struct GridMark {
  /// The position of its tier.
  var tier: Int?
  /// Whether it is an interval without words that is more than a gap.
  var isEmpty = false
  /// Whether the line ends in its text are not those of the file.
  var hasOwnLineEnds = false
  var xmin: [UInt8]?
  var xmax: [UInt8]?

  init(_ preserved: Preserved) {
    var mark = (tier: Int?.none, isEmpty: false, hasOwnLineEnds: false, xmin: [UInt8]?.none, xmax: [UInt8]?.none)
    PreservedReader(preserved, TextGridFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      switch key {
      case "tier": mark.tier = (try? scanner.integer()).flatMap { Int(exactly: $0) }.map { $0 &- 1 }
      case "lineEnds": mark.hasOwnLineEnds = true
      case "empty": mark.isEmpty = (try? scanner.boolean()) ?? false
      case "xmin": mark.xmin = (try? scanner.string()).map { Array($0.makeString().utf8) }
      case "xmax": mark.xmax = (try? scanner.string()).map { Array($0.makeString().utf8) }
      default: break
      }
    }
    (tier, isEmpty, hasOwnLineEnds, xmin, xmax) = mark
  }

  /// A kept spelling, as long as it says the same time.
  static func spelling(_ kept: [UInt8]?, of time: MediaTime) -> [UInt8]? {
    guard let kept, let first = kept.first, first &- 0x30 <= 9 || first == 0x2D || first == 0x2B else { return nil }
    return kept.withUnsafeBufferPointer { GridParser.time($0)?.time } == time ? kept : nil
  }
}
