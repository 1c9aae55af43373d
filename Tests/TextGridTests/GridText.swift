import TestSupport

/// Makes the text of a TextGrid, with all that files have and some that they should not have.
struct GridText {
  var dice: SeededNumbers
  var isWild = false

  mutating func make() -> String {
    let lineEnd = dice.pick(["\n", "\n", "\r\n"])
    let text: String
    switch dice.below(3) {
    case 0: text = long()
    case 1: text = short()
    default: text = chronological()
    }
    return text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: lineEnd)
  }

  private struct Tier {
    var isPoint: Bool
    var name: String
    var xmin: String
    var xmax: String
    var items: [(low: String, high: String, text: String)]
  }

  private mutating func word() -> String {
    dice.pick(["", "", "a", "Mary", "text", "\"\"q\"\"", "ö 猫", "zwei\nZeilen", "1 2", "<x>", "! no", " "])
  }

  private mutating func spelled(_ tenths: Int) -> String {
    let plain = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    guard isWild else { return plain }
    return dice.pick([plain, plain, plain, "\(tenths)e-1", "+\(plain)", "0\(plain)", tenths == 0 ? "-0" : plain])
  }

  private mutating func tier(_ end: Int) -> Tier {
    var tier = Tier(
      isPoint: dice.below(4) == 0, name: dice.pick(["Mary", "Mary", "John", "text", "", "\"\"n\"\""]), xmin: "0",
      xmax: spelled(end),
      items: [])
    var at = 0
    if tier.isPoint {
      while at < end, dice.below(6) > 0 {
        tier.items.append((spelled(at), "", word()))
        at += isWild && dice.below(9) == 0 ? -at : dice.below(4)
      }
      return tier
    }
    let style = dice.below(3)
    var low = tier.xmin
    while at < end, dice.below(12) > 0 {
      let next = min(end, at + 1 + dice.below(5))
      let high = next == end ? tier.xmax : spelled(next)
      tier.items.append((low, high, style == 0 ? tier.name : word()))
      at = next
      low = isWild && dice.below(4) == 0 ? spelled(at) : high
      // Now and then a hole, or an overlap.
      if isWild, dice.below(9) == 0 {
        at = max(0, at + dice.pick([-1, 1]))
        low = spelled(at)
      }
    }
    return tier
  }

  private mutating func tiers() -> (end: Int, tiers: [Tier]) {
    let end = 10 + dice.below(50)
    var tiers: [Tier] = []
    for _ in 0..<dice.below(4) { tiers.append(tier(end)) }
    return (end, tiers)
  }

  private mutating func filler(_ usual: String) -> String {
    guard isWild, dice.below(12) == 0 else { return usual }
    return dice.pick([usual + " ", "\n" + usual, " ! note 12 \"x\"\n" + usual, "\n\t", " word = "])
  }

  private mutating func long() -> String {
    let (end, tiers) = tiers()
    let space = dice.pick([" ", " ", ""])
    let colon = dice.pick([":", ""])
    var out = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\(space)\nxmax = \(spelled(end))"
    out += "\(space)\ntiers? <exists>\(space)\nsize = \(tiers.count)\(space)\nitem []:\(space)"
    for (number, tier) in tiers.enumerated() {
      out += "\n    item [\(number + 1)]\(colon)\n        class = \"\(tier.isPoint ? "TextTier" : "IntervalTier")\"\(space)"
      out += "\n        name = \"\(tier.name)\"\(space)\n        xmin = \(tier.xmin)\(space)\n        xmax = \(tier.xmax)\(space)"
      let kind = tier.isPoint ? "points" : "intervals"
      out += "\n        \(kind): size = \(tier.items.count)\(space)"
      for (index, item) in tier.items.enumerated() {
        out += filler("\n        \(kind) [\(index + 1)]\(colon)\n            \(tier.isPoint ? "number" : "xmin") = ") + item.low
        if !tier.isPoint { out += filler("\(space)\n            xmax = ") + item.high }
        out += filler("\(space)\n            \(tier.isPoint ? "mark" : "text") = ") + "\"\(item.text)\"" + space
      }
    }
    return out + dice.pick(["\n", "", "\n\n"])
  }

  private mutating func short() -> String {
    let (end, tiers) = tiers()
    var out = "File type = \"ooTextFile\(dice.pick(["", " short"]))\"\n\(dice.pick(["", "Object class = "]))\"TextGrid\"\n\n0\n"
    out += "\(spelled(end))\n<exists>\n\(tiers.count)"
    for tier in tiers {
      out +=
        "\n\"\(tier.isPoint ? "TextTier" : "IntervalTier")\"\n\"\(tier.name)\"\n\(tier.xmin)\n\(tier.xmax)\n\(tier.items.count)"
      for item in tier.items {
        out += filler("\n") + item.low
        if !tier.isPoint { out += filler("\n") + item.high }
        out += filler("\n") + "\"\(item.text)\""
      }
    }
    return out + dice.pick(["\n", ""])
  }

  private mutating func chronological() -> String {
    let (end, tiers) = tiers()
    var out = "\"Praat chronological TextGrid text file\"\n0 \(spelled(end))   ! Time domain.\n\(tiers.count)   ! Number of tiers."
    var items: [(tier: Int, low: String, high: String, text: String)] = []
    for (number, tier) in tiers.enumerated() {
      out += "\n\"\(tier.isPoint ? "TextTier" : "IntervalTier")\" \"\(tier.name)\" \(tier.xmin) \(tier.xmax)"
      for item in tier.items { items.append((number, item.low, item.high, item.text)) }
    }
    if !isWild || dice.coin() {
      let order = items.indices.sorted { a, b in
        let (first, second) = (Double(items[a].low) ?? 0, Double(items[b].low) ?? 0)
        return (first, items[a].tier, a) < (second, items[b].tier, b)
      }
      items = order.map { items[$0] }
    }
    for item in items {
      let name = tiers[item.tier].name
      out += filler("\n\n! \(name.replacing("\"\"", with: "\"")):\n") + "\(item.tier + 1)" + filler(" ") + item.low
      if !tiers[item.tier].isPoint { out += filler(" ") + item.high }
      out += filler("\n") + "\"\(item.text)\""
    }
    return out + dice.pick(["\n", ""])
  }
}
