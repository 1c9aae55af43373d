/// A pattern made ready for matching: a nondeterministic automaton after Thompson.
struct PatternProgram: Sendable {
  /// The most steps a program has.
  static let sizeLimit = 5_000

  /// One step.
  enum Step: Equatable, Sendable {
    /// Takes a scalar of a set, by its position, and goes on to the next step.
    case one(Int)
    /// Goes on in two places.
    case split(Int, Int)
    /// Goes on elsewhere.
    case jump(Int)
    /// Goes on at the beginning of the text.
    case start
    /// Goes on at the end of the text.
    case end
    /// The pattern fits.
    case match
  }

  /// The steps; the first is the beginning.
  private(set) var steps: [Step] = []
  /// Classes of scalars that no set tells apart: the first scalar of each.
  private(set) var classStarts: [UInt32] = [0]
  /// The class of each scalar of ASCII.
  private(set) var asciiClasses: [UInt16] = []
  /// For each set, whether it holds each class.
  private(set) var membership: [[Bool]] = []
  private var sets: [ScalarSet] = []
  private var positions: [ScalarSet: Int] = [:]
  private var isRepeating = false

  /// Compiles a pattern.
  ///
  /// - Throws: ``FilterProblem`` when repetitions make it too large.
  init(_ node: PatternNode, at position: Int) throws(FilterProblem) {
    try emit(node, position)
    try append(.match, position)
    var starts: Set<UInt32> = [0]
    for set in sets {
      for range in set.ranges {
        starts.insert(range.lowerBound)
        if range.upperBound < ScalarSet.last { starts.insert(range.upperBound + 1) }
      }
    }
    classStarts = starts.sorted()
    membership = sets.map { set in classStarts.map { set.contains($0) } }
    asciiClasses = (0..<128).map { UInt16(truncatingIfNeeded: self.scalarClass(UInt32($0))) }
    positions = [:]
    sets = []
  }

  /// How many classes of scalars there are.
  var classCount: Int { classStarts.count }

  /// The class of a scalar.
  func scalarClass(_ scalar: UInt32) -> Int {
    var (low, high) = (0, classStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if classStarts[middle] <= scalar { low = middle } else { high = middle }
    }
    return low
  }

  private mutating func append(_ step: Step, _ position: Int) throws(FilterProblem) {
    guard steps.count < PatternProgram.sizeLimit else {
      throw FilterProblem(at: position, "the repetitions make the pattern too large; smaller numbers help")
    }
    steps.append(step)
  }

  private mutating func position(of set: ScalarSet) -> Int {
    if let known = positions[set] { return known }
    positions[set] = sets.count
    sets.append(set)
    return sets.count - 1
  }

  private mutating func emit(_ node: PatternNode, _ place: Int) throws(FilterProblem) {
    switch node {
    case .one(let set): try append(.one(position(of: set)), place)
    case .start: try append(.start, place)
    case .end: try append(.end, place)
    case .sequence(let parts): for part in parts { try emit(part, place) }
    case .alternatives(let parts): try emit(alternatives: parts, place)
    case .repeated(let inner, let least, let most, let own):
      // Of repetitions inside one another, the outermost is named: it is what makes all of it too large.
      let isOutermost = !isRepeating
      let position = isOutermost ? own : place
      isRepeating = true
      defer { if isOutermost { isRepeating = false } }
      for _ in 0..<least {
        let before = steps.count
        try emit(inner, position)
        // Nothing, however often it is repeated, is nothing.
        if steps.count == before { return }
      }
      if let most { try emit(optional: inner, upTo: most - least, position) } else { try emit(starred: inner, position) }
    }
  }

  private mutating func emit(alternatives parts: [PatternNode], _ place: Int) throws(FilterProblem) {
    var jumps: [Int] = []
    for (index, part) in parts.enumerated() {
      guard index < parts.count - 1 else {
        try emit(part, place)
        break
      }
      let split = steps.count
      try append(.split(0, 0), place)
      try emit(part, place)
      jumps.append(steps.count)
      try append(.jump(0), place)
      steps[split] = .split(split + 1, steps.count)
    }
    for jump in jumps { steps[jump] = .jump(steps.count) }
  }

  private mutating func emit(starred inner: PatternNode, _ place: Int) throws(FilterProblem) {
    let split = steps.count
    try append(.split(0, 0), place)
    try emit(inner, place)
    try append(.jump(split), place)
    steps[split] = .split(split + 1, steps.count)
  }

  private mutating func emit(optional inner: PatternNode, upTo most: Int, _ place: Int) throws(FilterProblem) {
    var splits: [Int] = []
    for _ in 0..<most {
      splits.append(steps.count)
      try append(.split(0, 0), place)
      try emit(inner, place)
    }
    for split in splits { steps[split] = .split(split + 1, steps.count) }
  }
}
