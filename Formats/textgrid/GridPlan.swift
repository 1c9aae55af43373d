import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Which tiers a sample is written in, and which annotation stands in which.
///
/// Annotations of a label, intervals and points apart, share a tier, as far as they do not overlap; what overlaps goes to further tiers
/// of the same name.
struct GridPlan {
  /// A time and, where an earlier reading kept one, its spelling.
  struct Moment {
    var time: MediaTime
    var spelling: [UInt8]?
  }

  /// An annotation that is written.
  struct Entry {
    var start: MediaTime
    var end: MediaTime
    /// Position of the annotation.
    var index: Int32
    var isEmpty = false
    /// Position in ``GridPlan/marks``, or -1.
    var mark: Int32 = -1
  }

  struct Tier {
    var name: [UInt8]
    var isPoint: Bool
    var isSegments: Bool
    var hasHoles = false
    /// Whether its entries stand as they are given.
    var isKept = false
    var xmin: Moment
    var xmax: Moment
    /// Positions of entries.
    var entries: [Int32] = []
    var lastEnd: MediaTime?
  }

  /// The entries of a label that are not bound to a tier.
  private struct Group {
    var key: GridKey
    var entries: [Int32] = []
    var isSorted = true
    var last = MediaTime.zero
  }

  var tiers: [Tier] = []
  var entries: [Entry] = []
  var marks: [GridMark] = []
  var xmin = Moment(time: .zero)
  var xmax = Moment(time: .zero)
  private var groups: [Group] = []
  private var positions: [UInt64: Int] = [:]
  /// Groups asked for last, at places that follow from their keys: the same few labels take turns.
  private var recent = [(bits: UInt64, position: Int)](repeating: (.max, 0), count: 32)

  init(_ sample: Sample, _ facts: GridFacts, unlabeled: [UInt8], _ context: EncodeContext) {
    entries.reserveCapacity(sample.annotations.count)
    var low = MediaTime.zero
    var high = MediaTime.zero
    var bound: [(entry: Int32, tier: Int)] = []
    var last: (bits: UInt64, position: Int) = (.max, 0)
    for index in sample.annotations.indices {
      guard var entry = GridPlan.entry(sample, index, context) else { continue }
      let isPoint: Bool
      if case .instant = sample.annotations[index].time { isPoint = true } else { isPoint = false }
      let text = sample.annotations[index].text
      var tier: Int?
      if sample.annotations[index].hasRareAnswers, !sample.annotations[index].preserved.isEmpty {
        let mark = GridMark(sample.annotations[index].preserved)
        entry.isEmpty = mark.isEmpty && !isPoint && text == nil
        entry.mark = Int32(truncatingIfNeeded: marks.count)
        tier = mark.tier
        marks.append(mark)
      }
      if text?.isEmpty == true { context.losses.append(EncodingLoss(.text, isApproximated: false)) }
      let key = GridKey(
        label: sample.annotations[index].label, isPoint: isPoint, isSegments: !isPoint && !entry.isEmpty && text?.isEmpty ?? true)
      if entry.start.isBefore(low) { low = entry.start }
      if high.isBefore(entry.end) { high = entry.end }
      let number = Int32(truncatingIfNeeded: entries.count)
      entries.append(entry)
      if let tier, GridPlan.isTier(tier, facts, key, unlabeled, context) {
        bound.append((number, tier))
        continue
      }
      let bits = key.bits
      if last.bits != bits { last = (bits, group(key)) }
      if entry.start.isBefore(groups[last.position].last) { groups[last.position].isSorted = false }
      groups[last.position].last = entry.start
      groups[last.position].entries.append(number)
    }
    setDomain(sample, facts, low, high)
    for tier in facts.tiers { tiers.append(made(tier)) }
    for item in bound {
      tiers[item.tier].isKept = true
      tiers[item.tier].entries.append(item.entry)
    }
    for group in groups { place(group, facts, unlabeled, context) }
    account(sample, context)
  }

  private static func entry(_ sample: Sample, _ index: Int, _ context: EncodeContext) -> Entry? {
    func refuse(_ rule: String, _ message: String) {
      context.diagnostics.report(
        .error, "textgrid.write.\(rule)", "\(message) in \"\(terminalSafe(sample.key))\"", at: sample.source)
    }
    let number = Int32(truncatingIfNeeded: index)
    switch sample.annotations[index].time {
    case .interval(let start, let end):
      if end.isBefore(start) {
        refuse("interval", "An interval ends at \(end.text), before it begins at \(start.text),")
        return nil
      }
      return Entry(start: start, end: end, index: number)
    case .instant(let time): return Entry(start: time, end: time, index: number)
    case .frame, nil:
      refuse("time", "An annotation without an interval or an instant has no place in a tier,")
      return nil
    }
  }

  private mutating func group(_ key: GridKey) -> Int {
    let bits = key.bits
    // The lowest two bits hardly differ.
    let place = Int(truncatingIfNeeded: bits >> 2) & 31
    if recent[place].bits == bits { return recent[place].position }
    let position = positions[bits] ?? groups.count
    if position == groups.count {
      positions[bits] = position
      groups.append(Group(key: key))
    }
    recent[place] = (bits, position)
    return position
  }

  /// Whether a tier that was there is still that of an annotation.
  private static func isTier(
    _ position: Int, _ facts: GridFacts, _ key: GridKey, _ unlabeled: [UInt8], _ context: EncodeContext
  ) -> Bool {
    guard facts.tiers.indices.contains(position) else { return false }
    return fits(facts.tiers[position], key, unlabeled, context)
  }

  private static func fits(_ tier: GridFacts.Tier, _ key: GridKey, _ unlabeled: [UInt8], _ context: EncodeContext) -> Bool {
    guard tier.isPoint == key.isPoint, tier.isSegments == key.isSegments else { return false }
    guard let label = key.label else { return tier.name.isEmpty || tier.name == unlabeled }
    return context.labels.withName(label) { $0.elementsEqual(tier.name) }
  }

  private mutating func setDomain(_ sample: Sample, _ facts: GridFacts, _ low: MediaTime, _ high: MediaTime) {
    func kept(_ text: String?) -> Moment? {
      guard let bytes = text.map({ Array($0.utf8) }), let time = bytes.withUnsafeBufferPointer({ GridParser.time($0)?.time }) else {
        return nil
      }
      return Moment(time: time, spelling: bytes)
    }
    xmin = kept(facts.xmin) ?? Moment(time: low)
    if let duration = sample.media.duration {
      xmax = Moment(time: duration, spelling: GridMark.spelling(facts.xmax.map { Array($0.utf8) }, of: duration))
    } else {
      xmax = kept(facts.xmax) ?? Moment(time: max(high, xmin.time))
    }
    if xmax.time < xmin.time { xmin = Moment(time: min(low, xmax.time)) }
  }

  private func made(_ tier: GridFacts.Tier) -> Tier {
    func moment(_ text: String?, _ whole: Moment) -> Moment {
      guard let bytes = text.map({ Array($0.utf8) }), let time = bytes.withUnsafeBufferPointer({ GridParser.time($0)?.time }) else {
        return whole
      }
      return Moment(time: time, spelling: bytes)
    }
    var made = Tier(
      name: tier.name, isPoint: tier.isPoint, isSegments: tier.isSegments, hasHoles: tier.hasHoles, xmin: moment(tier.xmin, xmin),
      xmax: moment(tier.xmax, xmax))
    if made.xmax.time < made.xmin.time { (made.xmin, made.xmax) = (xmin, xmax) }
    return made
  }

  /// Puts the entries of a group into tiers, each into the first in which it begins no earlier than the last one ends.
  private mutating func place(_ group: Group, _ facts: GridFacts, _ unlabeled: [UInt8], _ context: EncodeContext) {
    var order = group.entries
    if !group.isSorted {
      order.sort { a, b in
        let order = entries[Int(a)].start.order(to: entries[Int(b)].start)
        return order != 0 ? order < 0 : a < b
      }
    }
    var open: [Int] = []
    for at in facts.tiers.indices where !tiers[at].isKept && GridPlan.fits(facts.tiers[at], group.key, unlabeled, context) {
      open.append(at)
    }
    var queue = TierQueue()
    for number in order {
      let entry = entries[Int(number)]
      func isFree(_ at: Int) -> Bool { group.key.isPoint || tiers[at].lastEnd.map { !entry.start.isBefore($0) } ?? true }
      var found = open.first(where: isFree)
      if found == nil, open.count >= TierQueue.limit { found = queue.takeFree(entry.start) }
      if found == nil {
        tiers.append(
          Tier(
            name: group.key.label.map { context.labels.withName($0) { Array($0) } } ?? unlabeled, isPoint: group.key.isPoint,
            isSegments: group.key.isSegments, xmin: xmin, xmax: xmax))
        if open.count < TierQueue.limit { open.append(tiers.count - 1) }
        found = tiers.count - 1
      }
      guard let at = found else { continue }
      tiers[at].entries.append(number)
      if tiers[at].lastEnd.map({ $0.isBefore(entry.end) }) ?? true { tiers[at].lastEnd = entry.end }
      if open.count >= TierQueue.limit, !open.contains(at) { queue.insert(entry.end, at) }
    }
  }

  /// Reports what the names and texts of tiers cannot tell.
  private func account(_ sample: Sample, _ context: EncodeContext) {
    for tier in tiers where !tier.isPoint && !tier.isSegments && !tier.entries.isEmpty && !tier.name.isEmpty {
      let isName = tier.entries.allSatisfy { number in
        guard let text = sample.annotations[Int(entries[Int(number)].index)].text else { return false }
        return text.utf8.elementsEqual(tier.name)
      }
      guard isName else { continue }
      // It would be read as a tier of intervals without words.
      for _ in tier.entries { context.losses.append(EncodingLoss(.text, isApproximated: false)) }
    }
  }
}
