import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

extension GridParser {
  /// Finds the gaps that a writer makes anew, and tiers that say no more than their name.
  func findGaps() {
    for at in tiers.indices where !tiers[at].isPoint {
      tiers[at].hasHoles = isUnsorted || tiers[at].isOutOfOrder || hasHoles(tiers[at])
      if !tiers[at].hasHoles { dropGaps(tiers[at]) }
      tiers[at].isSegments = isSegments(tiers[at])
    }
    for at in tiers.indices { tiers[at].annotationCount = order[tiers[at].items].count { isAnnotation(items[Int($0)]) } }
  }

  func isAnnotation(_ item: Item) -> Bool { !item.isGap && !item.isBroken }

  private func hasHoles(_ tier: Tier) -> Bool {
    var cursor = tier.xmin.time
    for position in order[tier.items] {
      let item = items[Int(position)]
      if item.isBroken { return true }
      if cursor < item.start.time { return true }
      if cursor < item.end.time { cursor = item.end.time }
    }
    return cursor < tier.xmax.time
  }

  /// Marks the empty intervals that lie between others, each alone, and share the spelling of their times with them.
  private func dropGaps(_ tier: Tier) {
    let all = tier.items
    for place in all {
      let position = Int(order[place])
      guard items[position].text.isEmpty, items[position].start.time < items[position].end.time else { continue }
      let next = place + 1 < all.upperBound ? items[Int(order[place + 1])] : nil
      if let next, next.text.isEmpty { continue }
      let low = place > all.lowerBound ? items[Int(order[place - 1])].end : tier.xmin
      let high = next?.start ?? tier.xmax
      items[position].isGap = isSame(items[position].start, low) && isSame(items[position].end, high)
    }
  }

  func isSame(_ a: Moment, _ b: Moment) -> Bool { text[a.range].elementsEqual(text[b.range]) }

  private func isSegments(_ tier: Tier) -> Bool {
    guard !tier.name.isEmpty else { return false }
    var count = 0
    for position in order[tier.items] {
      let item = items[Int(position)]
      if item.isGap || item.isBroken { continue }
      count += 1
      guard item.text.count == tier.name.count, text[item.text].elementsEqual(text[tier.name]) else { return false }
    }
    return count > 0
  }

  /// Gives each tier its label, and finds the tiers whose annotations must say where they are; true when the tiers follow from the annotations.
  func placeTiers(_ labels: [LabelID?], unlabeled: [UInt8]) -> Bool {
    var isDefault = !isUnsorted
    var seen: Set<[UInt8]> = []
    for at in tiers.indices {
      let tier = tiers[at]
      // A tier without annotations has no label, but a name that others may have.
      var key = GridParser.plain(text, tier.name, tier.nameHasQuotes)
      if key.isEmpty { key = unlabeled }
      key.append(tier.isPoint ? 2 : tier.isSegments ? 1 : 0)
      if !seen.insert(key).inserted { tiers[at].isMarked = true }
      if tier.isOutOfOrder { tiers[at].isMarked = true }
      let isPlain =
        tier.annotationCount > 0 && !tier.hasHoles && !tiers[at].isMarked && isSame(tier.xmin, xmin) && isSame(tier.xmax, xmax)
        && (labels[at] != nil || !tier.name.isEmpty)
      if !isPlain { isDefault = false }
    }
    guard isDefault, form.layout == .chronological else { return isDefault }
    var next: Int32 = 0
    for item in items where isAnnotation(item) {
      if item.tier > next { return false }
      if item.tier == next { next += 1 }
    }
    return true
  }
}

/// What the annotations of a tier have in common: their label, and whether they are points, texts or neither.
struct GridKey {
  var label: LabelID?
  var isPoint: Bool
  /// Whether the intervals have no text.
  var isSegments: Bool

  /// A number of its own.
  @inline(__always) var bits: UInt64 {
    (label.map { UInt64($0.index) &+ 1 } ?? 0) << 2 | (isPoint ? 2 : 0) | (isSegments ? 1 : 0)
  }
}
