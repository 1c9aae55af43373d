import WaybillDiagnostics
import WaybillObjectStore

extension StoreCheck {
  /// What replaces what.
  static let revisions = [
    StoreCheck("replacesOnlyTheExpected") { store, findings in
      let current = key("set/current.json")
      try store.replace(current, with: [1], expecting: nil)
      guard let first = try store.info(current)?.revision else { return findings.add("is not there") }
      findings.expect(findings.tooLate) { try store.replace(current, with: [2], expecting: nil) }
      findings.expect(findings.tooLate) { try store.replace(current, with: [2], expecting: ObjectRevision("no such")) }
      findings.expect(try store.bytes("set/current.json"), [1])
      findings.expect(try store.info(current)?.revision, first)
      try store.replace(current, with: [2, 3], expecting: first)
      findings.expect(try store.bytes("set/current.json"), [2, 3])
      findings.expect(try store.info(current)?.size, 2)
      findings.expect(findings.tooLate) { try store.replace(current, with: [4], expecting: first) }
      findings.expect(try store.bytes("set/current.json"), [2, 3])
      findings.expect(try store.create(current, [5]), false)
      findings.expect(try store.keys(), ["set/current.json"])
      findings.expect(try store.leftovers(), [])
    },
    StoreCheck("replacesNothingThatIsGone") { store, findings in
      let current = key("set/current.json")
      try store.replace(current, with: [1], expecting: nil)
      let first = try store.info(current)?.revision
      try store.delete(current)
      findings.expect(findings.tooLate) { try store.replace(current, with: [2], expecting: first) }
      findings.expect(findings.tooLate) { try store.replace(key("other/current.json"), with: [2], expecting: first) }
      findings.expect(try store.keys(), [])
      let bytes: [UInt8] = findings.tellsBytesApartOnly ? [7] : [1]
      try store.replace(current, with: bytes, expecting: nil)
      findings.expect(try store.info(current)?.revision != first, "the same revision")
      findings.expect(findings.tooLate) { try store.replace(current, with: [2], expecting: first) }
      findings.expect(try store.bytes("set/current.json"), bytes)
    },
    // The same size, and often the same bytes, many times within one tick of any clock.
    StoreCheck("tellsAllWritingsApart") { store, findings in
      let current = key("current")
      var seen: Set<ObjectRevision> = []
      for number in 0..<60 {
        let bytes = [UInt8(findings.tellsBytesApartOnly ? number : number % 2)]
        try store.replace(current, with: bytes, expecting: try store.info(current)?.revision)
        guard let revision = try store.info(current)?.revision else { return findings.add("is not there") }
        findings.expect(seen.insert(revision).inserted, "writing \(number) has the revision of an earlier one")
        if number % 7 == 6 { try store.delete(current) }
      }
    },
    StoreCheck("agreesWithItsListing") { store, findings in
      for (number, name) in ["a", "b/c", "b/d"].enumerated() {
        findings.expect(try store.create(key(name), [UInt8](repeating: 0, count: number)), true)
      }
      try store.replace(key("b/c"), with: [9, 9, 9], expecting: try store.info(key("b/c"))?.revision)
      let listed = try store.all("")
      findings.expect(listed.map(\.key.text), ["a", "b/c", "b/d"])
      for object in listed { findings.expect(try store.info(object.key), object) }
    },
  ]
}
