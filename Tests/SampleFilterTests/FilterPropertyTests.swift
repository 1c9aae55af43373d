import TestSupport
import Testing
import WaybillDatasetModel

@testable import WaybillSampleFilter

/// Random filters: what holds for all of them.
@Suite struct FilterPropertyTests {
  private static func decisions(_ text: String) throws -> [Bool] {
    let evaluator = FilterEvaluator(try SampleFilter(text), labels: FilterFixture.table)
    return FilterFixture.samples.map { evaluator.accepts($0) }
  }

  /// Printed and read again, a filter has the same spelling and decides the same.
  @Test func printedAndReadAgain() throws {
    let seed = UInt64(41)
    var numbers = SeededNumbers(seed: seed)
    var accepted = 0
    for _ in 0..<2_000 {
      let text = numbers.filter(depth: 4)
      let filter = try SampleFilter(text)
      let again = try SampleFilter(filter.description)
      #expect(again.description == filter.description, "seed \(seed): \(text)")
      let decisions = try FilterPropertyTests.decisions(text)
      #expect(try FilterPropertyTests.decisions(filter.description) == decisions, "seed \(seed): \(text)")
      accepted += decisions.count { $0 }
    }
    #expect(accepted > 2_000 && accepted < 10_000)
  }

  /// A whole filter decides as its parts do when they are asked alone.
  @Test func partsDecideTheWhole() throws {
    let seed = UInt64(43)
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<500 {
      let a = numbers.filter(depth: 2)
      let b = numbers.filter(depth: 2)
      let (x, y) = (try FilterPropertyTests.decisions(a), try FilterPropertyTests.decisions(b))
      #expect(try FilterPropertyTests.decisions("(\(a)) and (\(b))") == zip(x, y).map { $0 && $1 }, "seed \(seed): \(a), \(b)")
      #expect(try FilterPropertyTests.decisions("(\(a)) or (\(b))") == zip(x, y).map { $0 || $1 }, "seed \(seed): \(a), \(b)")
      #expect(try FilterPropertyTests.decisions("not (\(a))") == x.map { !$0 }, "seed \(seed): \(a)")
    }
  }

  /// What is said of one annotation agrees with a dataset in which each annotation has a sample of its own.
  @Test func quantifiersCountAnnotations() throws {
    let seed = UInt64(47)
    var numbers = SeededNumbers(seed: seed)
    for _ in 0..<500 {
      let inner = numbers.filter(depth: 2, isInside: true)
      let evaluator = FilterEvaluator(try SampleFilter("any(\(inner))"), labels: FilterFixture.table)
      for sample in FilterFixture.samples {
        let holds = sample.annotations.map { annotation in
          var single = sample
          single.annotations = [annotation]
          return evaluator.accepts(single)
        }
        let count = holds.count { $0 }
        for (text, expected) in [
          ("any(\(inner))", count > 0), ("all(\(inner))", count == holds.count), ("count(\(inner)) = \(count)", true),
          ("count(\(inner)) > \(count)", false),
        ] {
          #expect(
            try SampleFilter(text).accepts(sample, labels: FilterFixture.table) == expected,
            "seed \(seed): \(text) on \(sample.key)")
        }
      }
    }
  }

  /// Texts of random pieces are read or refused with a place inside them, and never trap.
  @Test func nonsenseIsRefused() {
    let seed = UInt64(53)
    var numbers = SeededNumbers(seed: seed)
    let pieces = [
      "label", "=", "!=", "~", "like", "(", ")", "not", "and", "or", "in", "car", "\"", "'", "\\", "any", "count", "all", "has",
      "is", "missing",
      ",", "0.5", "attr", "[", "]", "é", "*", "<", "\u{0}", "2026-01-31", "created", "{", "}", "kind", "box", "area", "9e999",
      "key", "!",
    ]
    var refused = 0
    for _ in 0..<20_000 {
      let text = (0..<numbers.below(9)).map { _ in numbers.pick(pieces) }.joined(separator: numbers.coin() ? " " : "")
      let message = FilterFixture.message(text)
      if message.isEmpty { continue }
      refused += 1
      guard message.hasPrefix("The filter is wrong at column "), let column = Int(message.dropFirst(30).prefix { $0.isNumber })
      else {
        Issue.record("seed \(seed): \(message)")
        continue
      }
      #expect(column >= 1 && column <= text.unicodeScalars.count + 1, "seed \(seed): \(text) \(message)")
    }
    #expect(refused > 10_000)
  }
}

extension SeededNumbers {
  /// A random filter over the fields and values of the fixture.
  mutating func filter(depth: Int, isInside: Bool = false) -> String {
    guard depth > 0, below(4) > 0 else { return condition(isInside) }
    switch below(isInside ? 4 : 6) {
    case 0: return "not \(nested(depth, isInside))"
    case 1: return "\(nested(depth, isInside)) and \(nested(depth, isInside))"
    case 2: return "\(nested(depth, isInside)) or \(nested(depth, isInside))"
    case 3: return (0..<3).map { _ in nested(depth, isInside) }.joined(separator: coin() ? " and " : " or ")
    case 4: return "\(pick(["any", "all"]))(\(filter(depth: depth - 1, isInside: true)))"
    default: return "count(\(coin() ? "" : filter(depth: depth - 1, isInside: true))) \(pick(["=", "!=", "<", ">="])) \(below(3))"
    }
  }

  private mutating func nested(_ depth: Int, _ isInside: Bool) -> String {
    let inner = filter(depth: depth - 1, isInside: isInside)
    return coin() ? "(\(inner))" : inner
  }

  private mutating func condition(_ isInside: Bool) -> String {
    let text = pick(["=", "!=", "<", ">="])
    switch below(14) {
    case 0: return "label \(text) \(pick(["car", "bus", "\"traffic light\"", "Straße", "'a\"b'", "\"\\u{1}\\\\\""]))"
    case 1: return "label \(pick(["in", "not in"])) (car, \(pick(["bus", "'x y'", "Straße"])))"
    case 2:
      return
        "\(pick(["label", "path", "by", "text", "key"])) \(pick(["~", "!~"])) \(pick(["^c", "\"a|b\"", "'[\"]?'", "\"\\\"\"", "\\d+"]))"
    case 3:
      return
        "\(pick(["path", "label", "attr.colour"])) \(pick(["like", "not like"])) \(pick(["*a*", "\"street/*\"", "'?a[r\"]'", "a\\"]))"
    case 4:
      return
        "\(pick(["confidence", "area", "width", "aspect", isInside ? "height" : "labels", "frame"])) \(text) \(pick(["0.5", "1", "100", "17", "1e2"]))"
    case 5: return "\(pick(["duration", "start", "end"])) \(text) \(pick(["2.35", "00:00:03", "0"]))"
    case 6: return "created \(text) \(pick(["2026", "2026-01-31", "2026-01-31T08:00:00Z", "'2026-01-31 08:00:00'"]))"
    case 7: return pick(["hard", "truncated", "crowd", "hard = false", "truncated != true"])
    case 8: return "kind \(pick(["= box", "!= polygon", "in (span, interval)", "~ ^in"]))"
    // Of a sample with one annotation, state and number of labels are others.
    case 9: return isInside ? "media != text" : "state \(pick(["= unlabeled", "!= labeled"]))"
    case 10: return "has \(pick(["label", "split", "attr.colour", "attribute['a b']", "media.width"]))"
    case 11: return "\(pick(["label", "split", "hard", "track"])) is \(pick(["", "not "]))missing"
    case 12: return "attr.\(pick(["colour", "doors", "lux", "sold"])) \(text) \(pick(["red", "4", "\"4\"", "null", "true"]))"
    default: return "split \(text) \(pick(["train", "val", "\"test\""]))"
    }
  }
}
