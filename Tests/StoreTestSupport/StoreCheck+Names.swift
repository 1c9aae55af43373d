import WaybillDiagnostics
import WaybillObjectStore

extension StoreCheck {
  /// What keys may be.
  static let names = [
    StoreCheck("takesTheLongestKeys") { store, findings in
      let wide = [String](repeating: String(repeating: "w", count: 200), count: 4).joined(separator: "/") + "/"
      let names = [
        wide + String(repeating: "x", count: 900 - wide.utf8.count), [String](repeating: "d", count: 150).joined(separator: "/"),
        String(repeating: "y", count: 200), "-", "_", "a..", "a.b.c", "CON", "aux.txt", "0",
      ]
      for name in names { findings.expect(try store.create(key(name), Array(name.utf8)), true) }
      for name in names { findings.expect(try store.bytes(name), Array(name.utf8)) }
      findings.expect(try store.keys(), names.sorted())
    },
    StoreCheck("refusesFoldersThatAreNone") { store, findings in
      for folder in ["/", "a/", "/a", "..", "a/../b", ".hidden", "a//b", "a b", "ä", "a\u{0}"] {
        findings.expect([.usage]) { _ = try store.upload(near: folder) }
      }
      findings.expect(try store.keys(), [])
    },
    StoreCheck("keepsObjectsAndFoldersApart") { store, findings in
      findings.expect(try store.create(key("a"), [1]), true)
      findings.expect(try store.create(key("b/c"), [2]), true)
      // A store may let both stand; if it does not, it says so.
      for name in ["a/x", "b"] {
        findings.expect(try store.info(key(name)), nil)
        findings.expect(try store.open(key(name)) == nil, name)
        do throws(DatasetError) { findings.expect(try store.create(key(name), [3]), true) } catch {
          findings.expect(error.code, .io)
          findings.expect(try store.info(key(name)), nil)
        }
      }
      findings.expect(try store.bytes("a"), [1])
      findings.expect(try store.bytes("b/c"), [2])
      findings.expect(try store.leftovers(), [])
    },
  ]
}
