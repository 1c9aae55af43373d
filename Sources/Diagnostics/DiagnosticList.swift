/// The problems one worker or one pass has found, in order: the first of each rule in full, the rest as counts.
///
/// A file with a million broken records must not cost a million messages; ``limitPerRule`` bounds what is kept and the counts stay exact.
public struct DiagnosticList: Sendable {
  /// How many diagnostics of one rule are kept in full.
  public var limitPerRule: Int
  /// Those kept, in the order they were reported.
  public private(set) var items: [Diagnostic] = []
  /// How many were reported, by rule and severity.
  public private(set) var counts: [Tally] = []

  /// How often a rule was broken.
  public struct Tally: Sendable, Equatable {
    /// The rule.
    public var rule: String
    /// How much it matters.
    public var severity: Diagnostic.Severity
    /// How often it was reported.
    public var count: Int
  }

  /// An empty list.
  public init(limitPerRule: Int = 20) { self.limitPerRule = limitPerRule }

  /// Whether nothing was reported.
  public var isEmpty: Bool { counts.isEmpty }

  /// Adds a problem.
  public mutating func report(_ diagnostic: Diagnostic) {
    if tally(diagnostic.rule, diagnostic.severity, 1) <= limitPerRule { items.append(diagnostic) }
  }

  /// Adds a problem by its parts.
  public mutating func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, at range: SourceRange?) {
    report(Diagnostic(severity, rule, message, at: range))
  }

  /// How many problems of at least a severity were reported.
  public func count(atLeast severity: Diagnostic.Severity) -> Int {
    counts.reduce(0) { $0 + ($1.severity >= severity ? $1.count : 0) }
  }

  /// Whether a problem makes the input invalid.
  public var hasErrors: Bool { counts.contains { $0.severity == .error } }

  /// Appends another list, which comes later in the input.
  public mutating func append(_ other: DiagnosticList) {
    var room: [Int] = []
    for entry in other.counts {
      let before = tally(entry.rule, entry.severity, entry.count) - entry.count
      room.append(max(0, limitPerRule - before))
    }
    for item in other.items {
      guard let index = other.counts.firstIndex(where: { $0.rule == item.rule && $0.severity == item.severity }) else { continue }
      if room[index] > 0 {
        room[index] -= 1
        items.append(item)
      }
    }
  }

  /// Takes the problems of rules that begin with a text out of the list, and gives them.
  public mutating func take(rulesBeginning prefix: String) -> DiagnosticList {
    var taken = DiagnosticList(limitPerRule: limitPerRule)
    guard counts.contains(where: { $0.rule.hasPrefix(prefix) }) else { return taken }
    taken.items = items.filter { $0.rule.hasPrefix(prefix) }
    taken.counts = counts.filter { $0.rule.hasPrefix(prefix) }
    items.removeAll { $0.rule.hasPrefix(prefix) }
    counts.removeAll { $0.rule.hasPrefix(prefix) }
    return taken
  }

  private mutating func tally(_ rule: String, _ severity: Diagnostic.Severity, _ added: Int) -> Int {
    if let index = counts.firstIndex(where: { $0.rule == rule && $0.severity == severity }) {
      counts[index].count += added
      return counts[index].count
    }
    counts.append(Tally(rule: rule, severity: severity, count: added))
    return added
  }
}
