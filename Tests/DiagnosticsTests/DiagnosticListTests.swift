import Testing
import WaybillDiagnostics

private func problem(_ rule: String, _ number: Int, _ severity: Diagnostic.Severity = .error) -> Diagnostic {
  Diagnostic(severity, rule, "Problem \(number)", at: SourceRange(file: FileID(index: 0), offset: number, length: 1))
}

/// What a list says, in a form that can be compared.
private func facts(_ list: DiagnosticList) -> String {
  list.items.map { "\($0.severity.word) \($0.rule) \($0.message)" }.joined(separator: "\n")
    + "\n" + list.counts.map { "\($0.rule) \($0.severity.word) \($0.count)" }.joined(separator: "\n")
}

@Suite struct DiagnosticListTests {
  @Test func emptyList() {
    let list = DiagnosticList()
    #expect(list.isEmpty && !list.hasErrors && list.items.isEmpty && list.counts.isEmpty && list.count(atLeast: .note) == 0)
  }

  @Test(arguments: [0, 1, 3, 20])
  func keepsTheFirstOfEachRuleAndCountsAll(limit: Int) {
    var list = DiagnosticList(limitPerRule: limit)
    for number in 0..<100 {
      list.report(problem("a.b.c", number))
      if number % 2 == 0 { list.report(problem("d.e.f", number, .warning)) }
    }
    #expect(list.items.filter { $0.rule == "a.b.c" }.map(\.range?.offset) == (0..<limit).map { $0 })
    #expect(list.items.filter { $0.rule == "d.e.f" }.count == limit)
    #expect(list.count(atLeast: .note) == 150 && list.count(atLeast: .warning) == 150 && list.count(atLeast: .error) == 100)
    #expect(list.hasErrors && !list.isEmpty)
  }

  @Test func oneRuleWithTwoSeveritiesIsTwoTallies() {
    var list = DiagnosticList(limitPerRule: 1)
    for number in 0..<3 {
      list.report(problem("x", number, .warning))
      list.report(problem("x", number, .note))
    }
    #expect(list.counts.map(\.severity) == [.warning, .note] && list.counts.allSatisfy { $0.rule == "x" && $0.count == 3 })
    #expect(list.items.count == 2 && !list.hasErrors)
    #expect(list.count(atLeast: .error) == 0 && list.count(atLeast: .warning) == 3)
  }

  /// However the problems are spread over workers, joining their lists in order gives what one worker would have found.
  @Test(arguments: [1, 2, 3, 7, 50], [0, 1, 2, 5, 20])
  func joiningPartsIsTheSameAsOneList(partSize: Int, limit: Int) {
    let rules = ["a", "b", "b", "c", "a", "a", "d"]
    let all = (0..<200).map { problem(rules[$0 * 5 % 7], $0, $0 % 3 == 0 ? .warning : .error) }
    var whole = DiagnosticList(limitPerRule: limit)
    for item in all { whole.report(item) }
    var joined = DiagnosticList(limitPerRule: limit)
    var at = 0
    while at < all.count {
      var part = DiagnosticList(limitPerRule: limit)
      for item in all[at..<min(at + partSize, all.count)] { part.report(item) }
      joined.append(part)
      at += partSize
    }
    #expect(joined.counts == whole.counts)
    #expect(facts(joined) == facts(whole))
  }

  @Test func joiningAnEmptyListChangesNothing() {
    var list = DiagnosticList()
    list.report(.note, "n", "A note", at: nil)
    let before = facts(list)
    list.append(DiagnosticList())
    #expect(facts(list) == before)
    var empty = DiagnosticList()
    empty.append(list)
    #expect(facts(empty) == before)
  }

  @Test func severitiesHaveAnOrderAndWords() {
    #expect(Diagnostic.Severity.note < .warning && .warning < Diagnostic.Severity.error)
    #expect([Diagnostic.Severity.note, .warning, .error].map(\.word) == ["note", "warning", "error"])
  }

  @Test func diagnosticsCarryTheirPlaces() {
    let first = SourceRange(file: FileID(index: 2), offset: 10, length: 3)
    let other = Diagnostic.Related(range: SourceRange(file: FileID(index: 0), offset: 1), message: "first defined here")
    let diagnostic = Diagnostic(.error, "coco.image.id", "The id 7 stands twice", at: first, related: [other])
    #expect(diagnostic.range == first && diagnostic.related == [other] && other.range.length == 0)
    #expect(diagnostic != Diagnostic(.error, "coco.image.id", "The id 7 stands twice", at: first))
    #expect(FileID(index: 1) < FileID(index: 2))
  }

  @Test func problemsOfSomeRulesAreTakenOut() {
    var list = DiagnosticList(limitPerRule: 2)
    for number in 0..<5 {
      list.report(problem("filter.a", number, .warning))
      list.report(problem("filters", number))
    }
    let taken = list.take(rulesBeginning: "filter.")
    #expect(facts(taken) == "warning filter.a Problem 0\nwarning filter.a Problem 1\nfilter.a warning 5" && taken.limitPerRule == 2)
    #expect(facts(list) == "error filters Problem 0\nerror filters Problem 1\nfilters error 5")
    #expect(list.take(rulesBeginning: "filter.").isEmpty && list.hasErrors)
  }
}
