import TestSupport

/// Makes the text of a SubRip file, with all that files have and some that they should not have.
struct CueText {
  var dice: SeededNumbers

  mutating func make() -> String {
    let lineEnd = dice.pick(["\n", "\n", "\r\n", "\r"])
    var out = dice.pick(["", "", "", "\n", "some text\n", " \n"])
    let count = dice.below(8)
    for number in 0..<count { out += cue(number + 1) }
    if dice.below(3) == 0, !out.isEmpty { out = String(out.dropLast(1)) }
    return out.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: lineEnd)
  }

  private mutating func time(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = "\(two(seconds / 60)):\(two(seconds % 60))"
    return dice.pick([
      "00:\(clock),000", "00:\(clock),500", "00:\(clock),025", dice.below(6) == 0 ? "\(clock).5" : "00:\(clock),100",
    ])
  }

  private mutating func cue(_ number: Int) -> String {
    var out = dice.pick(["\(number)\n", "\(number)\n", "\(number)\n", "", "7\n", "0\(number)\n", " \(number) \n"])
    let start = dice.below(200)
    out += time(start) + dice.pick([" --> ", " --> ", " --> ", "-->"]) + time(start + 1)
    out += dice.pick(["", "", "", " X1:1 X2:2", "  x ", " "]) + "\n"
    for _ in 0..<dice.pick([0, 1, 1, 2, 3]) {
      out += dice.pick(["plain", "<i>x</i>", "{\\an8}x", "Ada: hi", "猫 😀", "- one", "\(number)", "a --> b"]) + "\n"
    }
    return out + dice.pick(["\n", "\n", "\n", "\n\n", "", " \n", dice.below(4) == 0 ? "\nmore\n\n" : "\n"])
  }
}
