import Glibc
import WaybillBytes

/// Compares texts with those of a filter, byte by byte.
enum TextTest: Sendable {
  /// One text.
  case single(FilterOperator, [UInt8])
  /// A list in order; true for texts that are not in it when negated.
  case list([[UInt8]], isNegated: Bool)
  /// A pattern of the filter; true for texts that it does not fit when negated.
  case pattern(Int, isNegated: Bool)

  /// A test of the texts of a comparison without patterns.
  init(_ comparison: FilterOperator, _ texts: [String]) {
    let texts = texts.map { Array($0.utf8) }
    if !comparison.takesList, let text = texts.first {
      self = .single(comparison, text)
    } else {
      self = .list(texts.sorted { $0.order(to: $1) < 0 }, isNegated: comparison.isNegated)
    }
  }

  /// Whether a text fits.
  func fits(_ text: String, _ matchers: PatternMatchers) -> Bool { text.withBytes { fits($0, matchers) } }

  /// Whether a text given as UTF-8 fits.
  func fits(_ text: UnsafeBufferPointer<UInt8>, _ matchers: PatternMatchers) -> Bool {
    switch self {
    case .single(let comparison, let own):
      return own.withUnsafeBufferPointer { own in
        switch comparison {
        case .equal: text.holdsSameBytes(as: own)
        case .notEqual: !text.holdsSameBytes(as: own)
        default: comparison.holds(order: text.order(to: own))
        }
      }
    case .list(let texts, let isNegated):
      var (low, high) = (0, texts.count)
      while low < high {
        let middle = (low + high) / 2
        let order = texts[middle].withUnsafeBufferPointer { $0.order(to: text) }
        if order == 0 { return !isNegated }
        if order < 0 { low = middle + 1 } else { high = middle }
      }
      return isNegated
    case .pattern(let index, let isNegated): return matchers[index].matches(text) != isNegated
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Negative when it comes before another by its bytes, zero when both are the same.
  func order(to other: UnsafeBufferPointer<UInt8>) -> Int {
    let common = Swift.min(count, other.count)
    if common > 0, let a = baseAddress, let b = other.baseAddress {
      let order = memcmp(a, b, common)
      if order != 0 { return Int(order) }
    }
    return count < other.count ? -1 : count == other.count ? 0 : 1
  }
}

extension [UInt8] {
  /// Negative when it comes before another by its bytes, zero when both are the same.
  fileprivate func order(to other: [UInt8]) -> Int {
    withUnsafeBufferPointer { a in other.withUnsafeBufferPointer { a.order(to: $0) } }
  }
}

/// One worker's matchers of the patterns of a filter, made when they are first used.
final class PatternMatchers {
  private let programs: [PatternProgram]
  private var matchers: [PatternMatcher?]

  /// Matchers of programs.
  init(_ programs: [PatternProgram]) {
    self.programs = programs
    matchers = Array(repeating: nil, count: programs.count)
  }

  /// The matcher of a program.
  subscript(index: Int) -> PatternMatcher {
    if let matcher = matchers[index] { return matcher }
    let matcher = PatternMatcher(programs[index])
    matchers[index] = matcher
    return matcher
  }
}
