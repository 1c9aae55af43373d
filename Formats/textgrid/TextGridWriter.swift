import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Prints one sample as a TextGrid; a worker's memory.
final class TextGridWriter: RecordingPrinter {
  private let layout: GridForm.Layout?
  private let unlabeled: [UInt8]
  // One worker alone uses it.
  @exclusivity(unchecked) private var out = ByteBuffer(capacity: 1 << 16)
  @exclusivity(unchecked) private var form = GridForm(.long)
  @exclusivity(unchecked) private var fillers = ByteBuffer(capacity: 1024)
  @exclusivity(unchecked) private var places: [(prefix: Range<Int>, suffix: Range<Int>, hasMark: Bool)] = []
  @exclusivity(unchecked) private var valueCount = 0
  @exclusivity(unchecked) private var nextException = 0

  init(layout: GridForm.Layout?, unlabeled: [UInt8]) {
    self.layout = layout
    self.unlabeled = unlabeled
  }

  var text: UnsafeRawBufferPointer { out.bytes }

  func print(_ sample: Sample, _ context: EncodeContext) {
    let facts = GridFacts(sample.preserved, layout: layout)
    form = facts.form
    layOutFillers()
    let plan = GridPlan(sample, facts, unlabeled: unlabeled, context)
    accountForLabels(sample, plan, context)
    print(sample, plan, facts)
    // What stood before single values has no place when there are other values now.
    if !form.exceptions.isEmpty, form.valueCount != valueCount {
      context.diagnostics.report(
        .warning, "textgrid.write.comments",
        "Comments and other bytes that stood before single values of \"\(terminalSafe(sample.key))\" are not written: the values are others now",
        at: sample.source)
      form.exceptions = []
      print(sample, plan, facts)
    }
  }

  /// A label of the name that stands for none is not read back.
  private func accountForLabels(_ sample: Sample, _ plan: GridPlan, _ context: EncodeContext) {
    // Whether labels are lost, by their positions, as far as this is known.
    var known: [Bool?] = []
    for entry in plan.entries {
      guard let label = sample.annotations[Int(entry.index)].label else { continue }
      let position = Int(label.index)
      while known.count <= position { known.append(nil) }
      let isLost: Bool
      if let seen = known[position] {
        isLost = seen
      } else {
        isLost = context.labels.withName(label) { $0.isEmpty || $0.elementsEqual(unlabeled) }
        known[position] = isLost
      }
      if isLost { context.losses.append(EncodingLoss(.label, isApproximated: false)) }
    }
  }

  private func print(_ sample: Sample, _ plan: GridPlan, _ facts: GridFacts) {
    out.removeAll()
    valueCount = 0
    nextException = 0
    before(.fileType)
    if form.layout == .chronological {
      quote(GridParser.chronologicalMark)
    } else {
      if let fileType = form.fileType { quoted(fileType) } else { quote("ooTextFile") }
      before(.objectClass)
      quote("TextGrid")
    }
    before(.xmin)
    print(plan.xmin)
    before(.xmax)
    print(plan.xmax)
    if form.layout == .chronological {
      printChronology(sample, plan, isSorted: !facts.isUnsorted)
    } else {
      before(.tiers)
      if facts.isAbsent, plan.tiers.isEmpty {
        out.append("<absent>")
      } else {
        out.append("<exists>")
        before(.size)
        out.append(decimal: plan.tiers.count)
        for at in plan.tiers.indices { print(at, sample, plan) }
      }
    }
    before(.tail)
  }

  // MARK: Values

  /// What stands before a value.
  @inline(__always) private func before(_ slot: GridForm.Slot, _ mark: Int = 0) {
    if !form.exceptions.isEmpty, isException() { return }
    let place = places[slot.rawValue]
    out.append(UnsafeRawBufferPointer(rebasing: fillers.bytes[place.prefix]))
    guard place.hasMark else { return }
    out.append(decimal: mark)
    out.append(UnsafeRawBufferPointer(rebasing: fillers.bytes[place.suffix]))
  }

  /// Lays the bytes that stand before values side by side, so that hot loops touch no arrays of arrays.
  private func layOutFillers() {
    fillers.removeAll()
    places.removeAll(keepingCapacity: true)
    for filler in form.fillers {
      let start = fillers.count
      fillers.append(filler.prefix)
      let middle = fillers.count
      fillers.append(filler.suffix)
      places.append((start..<middle, middle..<fillers.count, filler.hasMark))
    }
  }

  private func beforeItem(_ name: [UInt8]) {
    if !form.exceptions.isEmpty, isException() { return }
    let filler = form[.item]
    out.append(filler.prefix)
    guard filler.hasMark else { return }
    // A name with line ends would not end with the comment.
    for byte in name { out.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
    out.append(filler.suffix)
  }

  private func isException() -> Bool {
    let number = valueCount
    valueCount &+= 1
    guard nextException < form.exceptions.count, form.exceptions[nextException].number == number else { return false }
    out.append(form.exceptions[nextException].bytes)
    nextException += 1
    return true
  }

  private func quote(_ text: String) {
    text.withBytes { quoted(UnsafeRawBufferPointer($0)) }
  }

  private func quoted(_ bytes: [UInt8]) { bytes.withUnsafeBytes { quoted($0) } }

  /// A text in quotes, its own quotes doubled.
  private func quoted(_ bytes: UnsafeRawBufferPointer) { TextGridWriter.append(quoted: bytes, to: &out) }

  private static func append(quoted bytes: UnsafeRawBufferPointer, to out: inout ByteBuffer) {
    out.append(UInt8(ascii: "\""))
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty, let found = memchr(base, 0x22, rest.count) {
      let end = UnsafeRawPointer(found) - base + 1
      out.append(UnsafeRawBufferPointer(rebasing: rest[..<end]))
      out.append(UInt8(ascii: "\""))
      rest = UnsafeRawBufferPointer(rebasing: rest[end...])
    }
    out.append(rest)
    out.append(UInt8(ascii: "\""))
  }

  @inline(__always) private func print(_ time: MediaTime, _ spelling: [UInt8]? = nil) {
    if let spelling { out.append(spelling) } else { out.append(seconds: time) }
  }

  private func print(_ moment: GridPlan.Moment) { print(moment.time, moment.spelling) }

  // MARK: Tiers

  private func head(_ number: Int, _ tier: GridPlan.Tier) {
    before(number == 1 ? .firstTier : .nextTier, number)
    quote(tier.isPoint ? "TextTier" : "IntervalTier")
    before(.name)
    quoted(tier.name)
    before(.tierXmin)
    print(tier.xmin)
    before(.tierXmax)
    print(tier.xmax)
  }

  private func print(_ at: Int, _ sample: Sample, _ plan: GridPlan) {
    let tier = plan.tiers[at]
    head(at + 1, tier)
    if tier.isPoint {
      before(.points)
      out.append(decimal: tier.entries.count)
      for (index, number) in tier.entries.enumerated() {
        let entry = plan.entries[Int(number)]
        before(index == 0 ? .firstPoint : .nextPoint, index + 1)
        print(entry.start, startSpelling(entry, plan))
        before(.mark)
        printText(entry, tier, sample, plan)
      }
      return
    }
    before(.intervals)
    out.append(decimal: intervalCount(tier, plan))
    // Intervals without words all have the same text, which is made once.
    let name = fillers.count
    tier.name.withUnsafeBytes { TextGridWriter.append(quoted: $0, to: &fillers) }
    defer { fillers.truncate(to: name) }
    var index = 0
    forEachInterval(tier, plan) { entry, low, high in
      index += 1
      before(index == 1 ? .firstInterval : .nextInterval, index)
      print(low)
      before(.end)
      print(high)
      before(.text)
      guard let entry else { return out.append("\"\"") }
      if tier.isSegments {
        out.append(UnsafeRawBufferPointer(rebasing: fillers.bytes[name...]))
      } else {
        printText(entry, tier, sample, plan)
      }
    }
  }

  @inline(__always) private func startSpelling(_ entry: GridPlan.Entry, _ plan: GridPlan) -> [UInt8]? {
    entry.mark < 0 ? nil : GridMark.spelling(plan.marks[Int(entry.mark)].xmin, of: entry.start)
  }

  @inline(__always) private func endSpelling(_ entry: GridPlan.Entry, _ plan: GridPlan) -> [UInt8]? {
    entry.mark < 0 ? nil : GridMark.spelling(plan.marks[Int(entry.mark)].xmax, of: entry.end)
  }

  /// Walks over the intervals of a tier, and over the gaps between them unless the tier has holes.
  @inline(__always) private func forEachInterval(
    _ tier: GridPlan.Tier, _ plan: GridPlan, _ body: (GridPlan.Entry?, GridPlan.Moment, GridPlan.Moment) -> Void
  ) {
    var cursor = tier.xmin
    for number in tier.entries {
      let entry = plan.entries[Int(number)]
      let low = GridPlan.Moment(time: entry.start, spelling: startSpelling(entry, plan))
      let high = GridPlan.Moment(time: entry.end, spelling: endSpelling(entry, plan))
      if !tier.hasHoles, cursor.time.isBefore(low.time) { body(nil, cursor, low) }
      body(entry, low, high)
      if !high.time.isBefore(cursor.time) { cursor = high }
    }
    if !tier.hasHoles, cursor.time < tier.xmax.time { body(nil, cursor, tier.xmax) }
  }

  /// How many intervals there are, gaps and all.
  private func intervalCount(_ tier: GridPlan.Tier, _ plan: GridPlan) -> Int {
    var count = tier.entries.count
    if tier.hasHoles { return count }
    var cursor = tier.xmin.time
    for number in tier.entries {
      if cursor.isBefore(plan.entries[Int(number)].start) { count += 1 }
      if !plan.entries[Int(number)].end.isBefore(cursor) { cursor = plan.entries[Int(number)].end }
    }
    return cursor < tier.xmax.time ? count + 1 : count
  }

  private func printText(_ entry: GridPlan.Entry, _ tier: GridPlan.Tier, _ sample: Sample, _ plan: GridPlan) {
    if tier.isSegments { return quoted(tier.name) }
    guard let text = sample.annotations[Int(entry.index)].text else { return out.append("\"\"") }
    let isKept = entry.mark >= 0 && plan.marks[Int(entry.mark)].hasOwnLineEnds
    guard form.lineEnd == "\r\n", !isKept, text.utf8.contains(0x0A), !text.utf8.contains(0x0D) else { return quote(text) }
    quote(text.replacing("\n", with: form.lineEnd))
  }

  // MARK: Chronological files

  private struct TimedItem {
    var tier: Int
    var low: GridPlan.Moment
    var high: GridPlan.Moment
    var entry: GridPlan.Entry?
  }

  private func printChronology(_ sample: Sample, _ plan: GridPlan, isSorted: Bool) {
    before(.size)
    out.append(decimal: plan.tiers.count)
    var items: [TimedItem] = []
    for (at, tier) in plan.tiers.enumerated() {
      head(at + 1, tier)
      if tier.isPoint {
        for number in tier.entries {
          let entry = plan.entries[Int(number)]
          let moment = GridPlan.Moment(time: entry.start, spelling: startSpelling(entry, plan))
          items.append(TimedItem(tier: at, low: moment, high: moment, entry: entry))
        }
      } else {
        forEachInterval(tier, plan) { entry, low, high in items.append(TimedItem(tier: at, low: low, high: high, entry: entry)) }
      }
    }
    // Sorting keeps no order of its own among equals, so the place in the list decides last.
    var order = Array(items.indices)
    order.sort { a, b in
      if !isSorted {
        let (first, second) = (items[a].entry?.index ?? .max, items[b].entry?.index ?? .max)
        return first != second ? first < second : a < b
      }
      let order = items[a].low.time.order(to: items[b].low.time)
      return order != 0 ? order < 0 : a < b
    }
    for position in order {
      let item = items[position]
      let tier = plan.tiers[item.tier]
      beforeItem(tier.name)
      out.append(decimal: item.tier + 1)
      before(.start)
      print(item.low)
      if !tier.isPoint {
        before(.end)
        print(item.high)
      }
      before(tier.isPoint ? .mark : .text)
      if let entry = item.entry { printText(entry, tier, sample, plan) } else { out.append("\"\"") }
    }
  }
}
