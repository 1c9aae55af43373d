import TestSupport

/// A generated history of two branches, with what a merge of them must give: every annotation has an identity that only the test knows.
struct LabelHistory {
  /// One annotation, answer by answer.
  struct Mark: Equatable {
    var label: String
    var x: Int
    var confidence: Int?
    var note: String?
    var isDifficult: Bool?

    /// The answers, so that an oracle can look at each.
    static var answers: [(name: String, same: (Mark, Mark) -> Bool, take: (inout Mark, Mark) -> Void)] {
      [
        ("label", { $0.label == $1.label }, { $0.label = $1.label }), ("x", { $0.x == $1.x }, { $0.x = $1.x }),
        ("confidence", { $0.confidence == $1.confidence }, { $0.confidence = $1.confidence }),
        ("note", { $0.note == $1.note }, { $0.note = $1.note }),
        ("difficult", { $0.isDifficult == $1.isDifficult }, { $0.isDifficult = $1.isDifficult }),
      ]
    }
  }

  /// One sample: its annotations by identity, and answers of its own.
  struct State: Equatable {
    var marks: [Int: Mark] = [:]
    var split: String?
    var weather: String?
  }

  typealias Branch = [String: State]

  private(set) var base: Branch = [:]
  private(set) var ours: Branch = [:]
  private(set) var theirs: Branch = [:]
  /// Whether annotations have ids; else they are known by their places, which are far apart.
  let hasIDs: Bool
  private var numbers: SeededNumbers
  private var next = 1

  static let labels = ["car", "truck", "bus"]
  /// How far apart the places of different annotations are, and how wide each is.
  static let distance = 1000
  static let width = 100

  init(seed: UInt64) {
    numbers = SeededNumbers(seed)
    hasIDs = numbers.coin()
    for name in ["a", "b", "c"] where numbers.below(8) > 0 { base[name] = newState() }
    (ours, theirs) = (base, base)
    ours = edited(base)
    theirs = edited(base)
    if numbers.below(3) == 0 { editAlike() }
  }

  private mutating func edited(_ branch: Branch) -> Branch {
    var branch = branch
    for _ in 0..<numbers.below(6) { edit(&branch) }
    return branch
  }

  private mutating func newMark() -> (Int, Mark) {
    let identity = next
    next += 1
    var mark = Mark(label: numbers.pick(Self.labels), x: identity * Self.distance)
    if numbers.coin() { mark.confidence = numbers.below(100) }
    return (identity, mark)
  }

  private mutating func newState() -> State {
    var state = State()
    for _ in 0..<numbers.below(5) {
      let (identity, mark) = newMark()
      state.marks[identity] = mark
    }
    if numbers.coin() { state.split = numbers.pick(["train", "validation"]) }
    return state
  }

  private mutating func edit(_ branch: inout Branch) {
    let key = numbers.pick(["a", "b", "c", "d"])
    guard var state = branch[key] else {
      // Samples come anew on one branch alone: what both add is another matter.
      if base[key] == nil, ours[key] == nil, theirs[key] == nil, key == "d" { branch[key] = newState() }
      return
    }
    switch numbers.below(10) {
    case 0: branch[key] = nil
    case 1: state.split = numbers.pick(["train", "validation", nil])
    case 2: state.weather = numbers.pick(["rain", "sun", nil])
    case 3, 4:
      let (identity, mark) = newMark()
      state.marks[identity] = mark
    case 5:
      if let identity = state.marks.keys.sorted().last { state.marks[identity] = nil }
    default: change(&state)
    }
    if branch[key] != nil { branch[key] = state }
  }

  private mutating func change(_ state: inout State) {
    let identities = state.marks.keys.sorted()
    guard !identities.isEmpty else { return }
    let identity = numbers.pick(identities)
    guard var mark = state.marks[identity] else { return }
    switch numbers.below(5) {
    case 0: mark.label = numbers.pick(Self.labels)
    case 1: mark.x = identity * Self.distance + numbers.below(8)
    case 2: mark.confidence = numbers.pick([nil, 10, 50, 90])
    case 3: mark.note = numbers.pick([nil, "seen", "checked"])
    default: mark.isDifficult = numbers.pick([nil, true, false])
    }
    state.marks[identity] = mark
  }

  /// Adds the same annotation to a sample on both branches.
  private mutating func editAlike() {
    guard let key = ours.keys.sorted().first(where: { theirs[$0] != nil && base[$0] != nil }) else { return }
    let (identity, mark) = newMark()
    ours[key]?.marks[identity] = mark
    theirs[key]?.marks[identity] = mark
  }

  // MARK: The oracle

  /// What must become of a sample.
  enum Expectation: Equatable {
    case gone
    case merged(State)
    case conflict
  }

  func expectation(_ key: String) -> Expectation {
    let (before, mine, other) = (base[key], ours[key], theirs[key])
    if mine == other { return mine.map { .merged($0) } ?? .gone }
    if before == other { return mine.map { .merged($0) } ?? .gone }
    if before == mine { return other.map { .merged($0) } ?? .gone }
    guard let mine, let other, let before else { return .conflict }
    var result = State()
    func pick<Value: Equatable>(_ a: Value, _ b: Value, _ c: Value) -> Value? {
      if b == c || a == c { return .some(b) }
      return a == b ? .some(c) : nil
    }
    guard let split = pick(before.split, mine.split, other.split), let weather = pick(before.weather, mine.weather, other.weather)
    else { return .conflict }
    (result.split, result.weather) = (split, weather)
    for identity in Set(before.marks.keys).union(mine.marks.keys).union(other.marks.keys) {
      let (a, b, c) = (before.marks[identity], mine.marks[identity], other.marks[identity])
      if b == c || a == c {
        result.marks[identity] = b
      } else if a == b {
        result.marks[identity] = c
      } else {
        guard let a, let b, let c else { return .conflict }
        var merged = b
        for answer in Mark.answers where !answer.same(b, c) && !answer.same(a, c) {
          guard answer.same(a, b) else { return .conflict }
          answer.take(&merged, c)
        }
        result.marks[identity] = merged
      }
    }
    return .merged(result)
  }

  // MARK: Files

  /// A branch as a file of samples.
  func text(_ branch: Branch) -> String {
    branch.keys.sorted().map { key in
      let state = branch[key] ?? State()
      let text = line(key, annotations: annotations(state), state.split.map { #","split":"\#($0)""# } ?? "")
      return (state.weather.map { String(text.dropLast()) + #","attributes":{"weather":"\#($0)"}}"# } ?? text) + "\n"
    }.joined()
  }

  private func annotations(_ state: State) -> [String] {
    state.marks.keys.sorted().compactMap { identity in
      state.marks[identity].map { mark in
        var text = hasIDs ? #""id":\#(identity),"# : ""
        text += #""label":"\#(mark.label)","box_xywh":[\#(mark.x),0,\#(Self.width),50]"#
        if let confidence = mark.confidence { text += #","confidence":0.\#(confidence + 100)1"# }
        if let isDifficult = mark.isDifficult { text += #","difficult":\#(isDifficult)"# }
        if let note = mark.note { text += #","attributes":{"note":"\#(note)"}"# }
        return "{\(text)}"
      }
    }
  }

  /// The annotations of a sample as they must be, in any order.
  func sortedAnnotations(_ state: State) -> [String] { annotations(state).sorted() }
}
