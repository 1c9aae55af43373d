import Foundation
import WaybillLocks
import Testing
import WaybillDatasetModel

private func intern(_ cache: LabelCache, _ name: String) -> LabelID {
  var name = name
  return name.withUTF8 { cache.intern($0) }
}

@Suite struct LabelTableTests {
  @Test func labelsKeepTheirPlaces() {
    let table = LabelTable([Label(name: "car"), Label(name: "bus"), Label(name: "car", id: .integer(9))])
    #expect(table.count == 3 && table.labels.map(\.name) == ["car", "bus", "car"])
    #expect(table.id(named: "car")?.index == 0 && table.id(named: "bus")?.index == 1 && table.id(named: "Car") == nil)
    #expect(table.intern("bus").index == 1 && table.intern("new").index == 3 && table.intern("").index == 4)
    #expect(table[LabelID(index: 2)]?.id == .integer(9))
    #expect(table[LabelID(index: 5)] == nil && table[LabelID(index: .max)] == nil)
    #expect(table.append(Label(name: "bus", id: .integer(1))).index == 5 && table.id(named: "bus")?.index == 1)
    #expect(table.append(Label(name: "late")).index == 6 && table.id(named: "late")?.index == 6)
  }

  @Test func namesAreToldApartByTheirBytes() {
    let table = LabelTable()
    let composed = table.intern("caf\u{E9}")
    let decomposed = table.intern("cafe\u{301}")
    #expect(composed != decomposed)
    #expect(table.labels.map { Array($0.name.utf8) } == [Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8)])
    let cache = LabelCache(table)
    for _ in 0..<1000 { #expect(intern(cache, "cafe\u{301}") == decomposed && intern(cache, "caf\u{E9}") == composed) }
    #expect(table.count == 2)
  }

  @Test func aCacheSeesWhatTheTableHasAndAddsToIt() {
    let table = LabelTable([Label(name: "car")])
    let cache = LabelCache(table)
    #expect(intern(cache, "car").index == 0 && intern(cache, "bus").index == 1 && intern(cache, "").index == 2)
    #expect(table.intern("later").index == 3)
    #expect(cache.label(LabelID(index: 3))?.name == "later" && cache.label(LabelID(index: 4)) == nil)
    #expect(cache.withName(LabelID(index: 3)) { String(decoding: $0, as: UTF8.self) } == "later")
    #expect(cache.withName(LabelID(index: 99)) { $0.count } == 0)
  }

  @Test func thousandsOfNamesInACache() {
    let cache = LabelCache(LabelTable())
    for round in 0..<3 {
      for number in 0..<5000 {
        let id = intern(cache, "label number \(number)")
        guard Int(id.index) == number else {
          Issue.record("Round \(round) gave \(id.index) for \(number)")
          return
        }
      }
    }
    #expect(cache.table.count == 5000)
  }

  @Test func manyThreadsAgreeOnEveryName() {
    let table = LabelTable([Label(name: "first")])
    let results = Lock([[String: UInt32]]())
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      let cache = LabelCache(table)
      var found: [String: UInt32] = [:]
      for round in 0..<4000 {
        let name = "name \((round * (worker + 3)) % 700)"
        let id = intern(cache, name)
        if cache.label(id)?.name != name { found["wrong"] = id.index }
        found[name] = id.index
        if round % 50 == 0 { found[name] = table.intern(name).index }
      }
      results.withLock { $0.append(found) }
    }
    let all = results.withLock { $0 }
    var merged: [String: UInt32] = [:]
    for part in all { merged.merge(part) { a, b in a == b ? a : .max } }
    #expect(merged["wrong"] == nil && !merged.values.contains(.max))
    #expect(table.count == merged.count + 1 && Set(table.labels.map(\.name)).count == table.count)
    for (name, index) in merged { #expect(table.labels[Int(index)].name == name) }
  }
}
