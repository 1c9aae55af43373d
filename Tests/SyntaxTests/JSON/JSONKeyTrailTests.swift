import TestSupport
import Testing
import WaybillSyntax

/// A trail changes nothing of what is read.
@Suite struct JSONKeyTrailTests {
  private static func meaning(_ key: JSONString) -> UInt8 {
    switch key {
    case "id": 1
    case "name": 2
    case "a key that is far longer than what fits into a step": 3
    default: 0
    }
  }

  /// The keys and meanings of all objects of a list, with a trail and without, up to the first fault.
  private func walk(_ text: String) -> (with: [String], without: [String]) {
    Array(text.utf8).withUnsafeBytes { bytes in
      var with: [String] = []
      var without: [String] = []
      var trail = JSONKeyTrail()
      var scanner = JSONScanner(bytes)
      do throws(JSONFault) {
        var list = try scanner.beginArray()
        while try scanner.nextElement(&list) {
          var progress = try scanner.beginObject(&trail)
          while let meant = try scanner.nextKey(&progress, &trail, Self.meaning) {
            with.append("\(meant.key.makeString()) \(meant.meaning) \(scanner.offset(of: meant.key)) \(scanner.offset)")
            try scanner.skipValue()
          }
        }
        try scanner.expectEnd()
      } catch { with.append("\(error)") }
      scanner = JSONScanner(bytes)
      do throws(JSONFault) {
        var list = try scanner.beginArray()
        while try scanner.nextElement(&list) {
          var progress = try scanner.beginObject()
          while let key = try scanner.nextKey(&progress) {
            without.append("\(key.makeString()) \(Self.meaning(key)) \(scanner.offset(of: key)) \(scanner.offset)")
            try scanner.skipValue()
          }
        }
        try scanner.expectEnd()
      } catch { without.append("\(error)") }
      return (with, without)
    }
  }

  @Test(arguments: [
    #"[]"#, #"[{},{}]"#, #"[{"id":1,"name":"x"},{"id":2,"name":"y"},{"id":3,"name":"z","more":[1,2,3,4,5,6,7,8,9,10]}]"#,
    #"[{"id":1,"name":"x"},{"name":"y","id":2},{"id":3,"nome":"z"},{"id" : 3, "name" : "z"},{"id" : 4, "name" : "z"}]"#,
    #"[{"id":1,"\u0069d":2},{"id":1,"\u0069d":2},{"id":1,"id":2}]"#,
    #"[{"a key that is far longer than what fits into a step":1,"id":2},{"a key that is far longer than what fits into a step":1,"id":2}]"#,
    #"[{"id":1,"name":{"id":2}},{"id":1,"name":{"id":2}}        ]                                      "#,
    "[{\n  \"id\": 1,\n  \"name\": \"x\"\n},\n{\n  \"id\": 2,\n  \"name\": \"y\"\n}, {\n  \"id\": 3 }]                              ",
    #"[{"id":1,"name":2},{"id":1,"name"2},{"id":1,"name":2}]                                              "#,
    #"[{"id":1,"name":2},{"id":1 "name":2},{"id":1,"name":2}]                                             "#,
    #"[{"id":1,"name":2},{,"id":1,"name":2},{"id":1,"name":2}]                                            "#,
    #"[{"id":1,"name":2},{"id":1,"name":2,},{"id":1,"name":2}]                                            "#,
  ])
  func keysAreTheSame(text: String) {
    let (with, without) = walk(text)
    #expect(with == without)
  }

  /// Objects of more keys than a trail follows.
  @Test func manyKeys() {
    let object = "{" + (0..<80).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
    let (with, without) = walk("[\(object),\(object),\(object)]")
    #expect(with == without && with.count == 240)
  }

  /// One byte is changed in the third of three objects alike.
  @Test func changedBytes() {
    let object = Array(#"{"id": 1, "name": "x", "other": [1, 2]}"#.utf8)
    for at in object.indices {
      for byte in #"",:{}[]x 1\"#.utf8 {
        var changed = object
        changed[at] = byte
        let text = [object, object, changed, object].map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
        let (with, without) = walk("[\(text)]")
        #expect(with == without, "\(String(decoding: changed, as: UTF8.self))")
      }
    }
  }
}
