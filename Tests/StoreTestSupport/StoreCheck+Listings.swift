import TestSupport
import WaybillDiagnostics
import WaybillObjectStore

extension StoreCheck {
  /// What is listed, and in which order.
  static let listings = [
    StoreCheck("listsInTheOrderOfKeys") { store, findings in
      // Between a folder and what begins like it lie the characters around the slash.
      let names = ["a-b", "a.b", "a/b", "a/b-c", "a/c/d", "a0", "aA", "a_", "aa", "A", "0", "Z/z", "z"]
      for name in names.reversed() { findings.expect(try store.create(key(name), []), true) }
      let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      findings.expect(try store.keys(), sorted)
      for limit in 1...14 {
        findings.expect(try store.paged("", limit: limit, findings), sorted)
      }
      for limit in [0, -1, Int.min] { findings.expect(try store.list("", after: nil, limit: limit).objects.map(\.key.text), ["0"]) }
      findings.expect(try store.list("", after: nil, limit: .max).objects.count, 13)
      for (number, after) in sorted.enumerated() {
        let page = try store.list("", after: key(after), limit: 100)
        findings.expect(page.objects.map(\.key.text), Array(sorted[(number + 1)...]))
        findings.expect(page.isLast, true)
      }
    },
    StoreCheck("listsAPrefix") { store, findings in
      for name in ["ab", "a/b", "a/bc/d", "a/bd", "a/c", "b"] { findings.expect(try store.create(key(name), []), true) }
      let table: [(prefix: String, keys: [String])] = [
        ("a", ["a/b", "a/bc/d", "a/bd", "a/c", "ab"]), ("a/", ["a/b", "a/bc/d", "a/bd", "a/c"]),
        ("a/b", ["a/b", "a/bc/d", "a/bd"]),
        ("a/bc", ["a/bc/d"]), ("a/bc/", ["a/bc/d"]), ("a/bc/d", ["a/bc/d"]), ("a/bc/d/", []), ("a/bc/de", []), ("c", []),
        ("b", ["b"]), ("b/", []), ("/", []), ("//", []), ("a//", []), (".", []), ("..", []), ("../", []), ("a/../", []),
        ("a/..", []), ("./a", []), ("/a", []), ("a b", []), ("ä", []), ("a/\u{0}", []), (String(repeating: "x", count: 2000), []),
        (String(repeating: "x/", count: 2000), []),
      ]
      for (prefix, keys) in table {
        findings.expect(try store.keys(prefix), keys)
        findings.expect(try store.paged(prefix, limit: 1, findings), keys)
      }
      // The key to come after may lie before the prefix, in it, or behind it, and need not be an object.
      for (after, keys) in [
        ("0", ["a/b", "a/bc/d", "a/bd", "a/c"]), ("a/bc", ["a/bc/d", "a/bd", "a/c"]), ("a/bc/a", ["a/bc/d", "a/bd", "a/c"]),
        ("a/bc/x", ["a/bd", "a/c"]), ("a/bc/d/e", ["a/bd", "a/c"]), ("a/b/x", ["a/bc/d", "a/bd", "a/c"]), ("a/c", []), ("a/zz", []),
        ("b", []), ("a-", ["a/b", "a/bc/d", "a/bd", "a/c"]), ("a0", []),
      ] {
        findings.expect(try store.list("a/", after: key(after), limit: 10).objects.map(\.key.text), keys)
      }
    },
    StoreCheck("listsAnyKeys") { store, findings in
      let seed = testSeed(4711)
      var numbers = SeededNumbers(seed)
      var names: Set<String> = []
      let letters = ["a", "b", "-", "0", "_", "aa", "a.b"]
      while names.count < 60 {
        let name = (0..<(1 + numbers.below(3))).map { _ in (0..<(1 + numbers.below(2))).map { _ in numbers.pick(letters) }.joined()
        }
        .joined(separator: "/")
        // No key is the folder of another one.
        let isFree = names.allSatisfy { !($0 + "/").hasPrefix(name + "/") && !(name + "/").hasPrefix($0 + "/") }
        guard isFree, ObjectKey(name) != nil, names.insert(name).inserted else { continue }
        findings.expect(try store.create(key(name), Array(name.utf8)), true)
      }
      let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for _ in 0..<300 {
        let some = numbers.pick(sorted)
        let prefix = String(some.prefix(numbers.below(some.count + 2)))
        let after = numbers.below(3) == 0 ? nil : ObjectKey(numbers.pick(sorted) + numbers.pick(["", "/a", "0", "-"]))
        let limit = 1 + numbers.below(7)
        let expected = sorted.filter { name in
          name.utf8.starts(with: prefix.utf8) && after.map { $0.text.utf8.lexicographicallyPrecedes(name.utf8) } ?? true
        }
        let page = try store.list(prefix, after: after, limit: limit)
        let place = "seed \(seed): \(prefix), after \(after?.text ?? "nothing"), limit \(limit)"
        findings.expect(page.objects.map(\.key.text) == Array(expected.prefix(limit)), "\(place): \(page.objects.map(\.key.text))")
        findings.expect(page.isLast == (expected.count <= limit), "\(place): last page or not")
      }
    },
  ]
}

extension ObjectStore {
  /// The keys of all pages, each of which must be as full as it can be.
  func paged(_ prefix: String, limit: Int, _ findings: StoreFindings) throws -> [String] {
    var keys: [String] = []
    while true {
      let page = try list(prefix, after: keys.last.map { key($0) }, limit: limit)
      keys += page.objects.map(\.key.text)
      findings.expect(page.objects.count == limit || page.isLast, "a page of \(page.objects.count) for \(limit)")
      if page.isLast { return keys }
    }
  }
}
