import TestSupport

/// Makes the text of a WebVTT file, with all that files have and some that they should not have.
struct CueText {
  var dice: SeededNumbers

  mutating func make() -> String {
    let lineEnd = dice.pick(["\n", "\n", "\r\n", "\r"])
    var out = "WEBVTT\(dice.pick(["", "", " - a talk", "\tx"]))\n"
    if dice.coin() { out += "Kind: captions\nLanguage: en\n" }
    if dice.below(5) > 0 { out += "\n" }
    for _ in 0..<dice.below(8) { out += dice.below(3) == 0 ? block() : cue() }
    if dice.below(3) == 0 { out = String(out.dropLast(1)) }
    return out.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: lineEnd)
  }

  private mutating func block() -> String {
    dice.pick([
      "NOTE\na note\n\n", "NOTE x\n\n", "STYLE\n::cue { color: red }\n\n", "REGION\nid:a\n\n", "some text\n\n", "\n\n", "   \n",
      "x\ny\n\n",
    ])
  }

  private mutating func time(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let plain = "\(two(seconds / 60)):\(two(seconds % 60)).\(dice.pick(["000", "500", "025"]))"
    return dice.pick([plain, plain, "00:\(plain)", "00:\(plain)", "000:\(plain)", dice.below(9) == 0 ? "0:\(plain)" : plain])
  }

  private mutating func cue() -> String {
    var out = dice.pick(["", "", "1\n", "intro\n", " 7 \n", "two\nlines\n"])
    let start = dice.below(200)
    out += dice.pick(["", "", "", " "]) + time(start) + dice.pick([" --> ", " --> ", "-->", "  -->\t"]) + time(start + 1)
    out += dice.pick(["", "", "", " align:start", "  line:0 ", " "]) + "\n"
    for _ in 0..<dice.pick([0, 1, 1, 2, 3]) {
      out +=
        dice.pick([
          "plain", "a < b & c", "&amp; &lt;", "<i>x</i>", "<v Ada>hi", "<v Ada>hi</v>", "<v.loud B&amp;C>hi", "<00:01.000>t", " ",
          "猫 😀", "12",
          "<v Ada></v>", "<v Ada>",
        ]) + "\n"
    }
    return out + dice.pick(["\n", "\n", "\n", "\n\n", "", " \n"])
  }
}
