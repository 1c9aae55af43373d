/// Matches texts against a pattern in one pass, whatever the pattern: a deterministic automaton that is made as far as texts need it.
///
/// A text of n scalars costs at most n times the size of the program, and mostly one look-up each. One for each worker.
final class PatternMatcher {
  /// States that are kept before all are forgotten and made anew.
  private static let stateLimit = 1_000
  /// Transitions that are kept.
  private static let transitionLimit = 1 << 20

  private struct State {
    /// Steps that wait for a scalar or for the end.
    var steps: [UInt16]
    /// Whether the pattern fits already.
    var accepts: Bool
    /// Whether it fits when the text ends here.
    var acceptsAtEnd: Bool
  }

  private let program: PatternProgram
  private let limit: Int
  private var states: [State] = []
  private var known: [[UInt16]: Int] = [:]
  /// The next state by state and class; -1 where it is not made yet.
  private var transitions: [Int32] = []
  /// When each step was visited last, as a number of the search.
  private var visited: [UInt32]
  private var search: UInt32 = 0
  private var stack: [Int] = []

  /// A matcher of a program.
  init(_ program: PatternProgram) {
    self.program = program
    visited = Array(repeating: 0, count: program.steps.count)
    limit = max(8, min(PatternMatcher.stateLimit, PatternMatcher.transitionLimit / program.classCount))
    restart()
  }

  /// Whether the pattern fits some part of a text, which is valid UTF-8.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var state = 0
    if states[0].accepts { return true }
    var at = 0
    let classCount = program.classCount
    while at < text.count {
      let byte = text[at]
      let scalarClass: Int
      if byte < 0x80 {
        scalarClass = Int(program.asciiClasses[Int(byte)])
        at &+= 1
      } else {
        scalarClass = program.scalarClass(PatternMatcher.scalar(text, &at))
      }
      let next = transitions[state &* classCount &+ scalarClass]
      state = next >= 0 ? Int(next) : step(state, scalarClass)
      if states[state].accepts { return true }
    }
    return states[state].acceptsAtEnd
  }

  /// Decodes a scalar of several bytes.
  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> UInt32 {
    let first = text[at]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var value = UInt32(first) & (0x7F >> UInt32(length))
    at &+= 1
    for _ in 1..<length where at < text.count {
      value = value << 6 | UInt32(text[at] & 0x3F)
      at &+= 1
    }
    return value
  }

  /// Forgets all states but the first.
  private func restart() {
    states.removeAll(keepingCapacity: true)
    known.removeAll(keepingCapacity: true)
    transitions.removeAll(keepingCapacity: true)
    beginSearch()
    var found: [UInt16] = []
    let accepts = follow(0, isStart: true, isEnd: false, &found)
    // Not among the known: at the beginning more steps can be passed than anywhere else.
    add(found, accepts: accepts, isStart: true)
  }

  /// The state after a scalar of a class, made for the first time.
  private func step(_ state: Int, _ scalarClass: Int) -> Int {
    beginSearch()
    var found: [UInt16] = []
    var accepts = false
    for index in states[state].steps {
      guard case .one(let set) = program.steps[Int(index)], program.membership[set][scalarClass] else { continue }
      if follow(Int(index) + 1, isStart: false, isEnd: false, &found) { accepts = true }
    }
    // The pattern may begin at any scalar.
    if follow(0, isStart: false, isEnd: false, &found) { accepts = true }
    if accepts { found = [] }
    found.sort()
    // The number of no step tells the state that fits already from the one without a way on.
    let name = accepts ? [UInt16.max] : found
    if let next = known[name] {
      transitions[state * program.classCount + scalarClass] = Int32(truncatingIfNeeded: next)
      return next
    }
    if states.count >= limit {
      restart()
      known[name] = states.count
      return add(found, accepts: accepts, isStart: false)
    }
    known[name] = states.count
    transitions[state * program.classCount + scalarClass] = Int32(truncatingIfNeeded: states.count)
    return add(found, accepts: accepts, isStart: false)
  }

  @discardableResult private func add(_ steps: [UInt16], accepts: Bool, isStart: Bool) -> Int {
    var acceptsAtEnd = accepts
    if !accepts {
      beginSearch()
      var rest: [UInt16] = []
      for index in steps where program.steps[Int(index)] == .end {
        if follow(Int(index), isStart: isStart, isEnd: true, &rest) { acceptsAtEnd = true }
      }
    }
    states.append(State(steps: steps, accepts: accepts, acceptsAtEnd: acceptsAtEnd))
    transitions.append(contentsOf: repeatElement(-1, count: program.classCount))
    return states.count - 1
  }

  private func beginSearch() {
    search &+= 1
    guard search == 0 else { return }
    for index in visited.indices { visited[index] = 0 }
    search = 1
  }

  /// Collects the steps that wait for a scalar, or for the end, from a step on; true when the pattern fits.
  private func follow(_ first: Int, isStart: Bool, isEnd: Bool, _ found: inout [UInt16]) -> Bool {
    stack.append(first)
    var fits = false
    while let index = stack.popLast() {
      if visited[index] == search { continue }
      visited[index] = search
      switch program.steps[index] {
      case .one: found.append(UInt16(truncatingIfNeeded: index))
      case .split(let a, let b):
        stack.append(b)
        stack.append(a)
      case .jump(let target): stack.append(target)
      case .start: if isStart { stack.append(index + 1) }
      case .end: if isEnd { stack.append(index + 1) } else { found.append(UInt16(truncatingIfNeeded: index)) }
      case .match: fits = true
      }
    }
    return fits
  }
}
