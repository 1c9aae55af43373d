import WaybillBytes
import WaybillDiagnostics
import WaybillDigests
import WaybillSyntax

/// Reads the JSON files of a store: strict, members by name, and every problem with the line it stands on.
///
/// A file that is not as it must be is an error of the code `corrupt`, for only this program writes them.
struct RecordScanner {
  let path: String
  private let bytes: UnsafeRawBufferPointer
  private var scanner: JSONScanner

  /// A scanner over the bytes of a file, which must outlive it.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(DatasetError) {
    self.path = path
    self.bytes = bytes
    scanner = JSONScanner(bytes)
    if let offset = UTF8Check.firstInvalid(in: bytes) { throw problem("These bytes are not UTF-8 text", at: offset) }
  }

  /// An error at an offset.
  func problem(_ message: String, at offset: Int) -> DatasetError {
    var line = 1
    var start = 0
    for (index, byte) in bytes.prefix(offset).enumerated() where byte == 0x0A {
      line += 1
      start = index + 1
    }
    return DatasetError(.corrupt, message, path: "\(path):\(line):\(offset - start + 1)")
  }

  /// Where the next value begins.
  var offset: Int { scanner.offset }

  private func wrapped<Result>(_ body: () throws(JSONFault) -> Result) throws(DatasetError) -> Result {
    do throws(JSONFault) { return try body() } catch { throw problem(error.message, at: error.offset) }
  }

  /// Reads an object: `member` is called with each name and reads the value; false means that it knows no such name.
  mutating func object(
    _ what: String, _ member: (inout RecordScanner, String) throws(DatasetError) -> Bool
  ) throws(DatasetError) {
    var copy = scanner
    var seen: Set<String> = []
    var progress: JSONScanner.Progress
    do throws(JSONFault) { progress = try copy.beginObject() } catch { throw problem(error.message, at: error.offset) }
    while true {
      let key: JSONString?
      do throws(JSONFault) { key = try copy.nextKey(&progress) } catch { throw problem(error.message, at: error.offset) }
      guard let key else { break }
      let name = key.makeString()
      let place = copy.offset
      guard seen.insert(name).inserted else {
        throw problem("The member \"\(terminalSafe(name))\" stands twice in \(what)", at: place)
      }
      scanner = copy
      guard try member(&self, name) else {
        throw problem(
          "There is no member \"\(terminalSafe(name))\" of \(what); a newer version of the tool may have written it", at: place)
      }
      copy = scanner
    }
    scanner = copy
  }

  /// Reads an array; `element` is called for each value and reads it.
  mutating func array(_ element: (inout RecordScanner) throws(DatasetError) -> Void) throws(DatasetError) {
    var copy = scanner
    var progress: JSONScanner.Progress
    do throws(JSONFault) { progress = try copy.beginArray() } catch { throw problem(error.message, at: error.offset) }
    while true {
      let isThere: Bool
      do throws(JSONFault) { isThere = try copy.nextElement(&progress) } catch { throw problem(error.message, at: error.offset) }
      guard isThere else { break }
      scanner = copy
      try element(&self)
      copy = scanner
    }
    scanner = copy
  }

  mutating func string() throws(DatasetError) -> String {
    do throws(JSONFault) { return try scanner.string().makeString() } catch { throw problem(error.message, at: error.offset) }
  }

  /// A whole number that counts something.
  mutating func count() throws(DatasetError) -> Int {
    let place = scanner.offset
    let value: Int64
    do throws(JSONFault) { value = try scanner.integer() } catch { throw problem(error.message, at: error.offset) }
    guard let count = Int(exactly: value), count >= 0 else { throw problem("A number of things is not negative", at: place) }
    return count
  }

  mutating func double() throws(DatasetError) -> Double {
    do throws(JSONFault) { return try scanner.double() } catch { throw problem(error.message, at: error.offset) }
  }

  mutating func boolean() throws(DatasetError) -> Bool {
    do throws(JSONFault) { return try scanner.boolean() } catch { throw problem(error.message, at: error.offset) }
  }

  mutating func digest() throws(DatasetError) -> SHA256Digest {
    let place = scanner.offset
    guard let digest = SHA256Digest(hex: try string()) else {
      throw problem("A SHA-256 digest has 64 lower-case hexadecimal digits", at: place)
    }
    return digest
  }

  mutating func dataset() throws(DatasetError) -> DatasetName {
    let place = scanner.offset
    guard let name = DatasetName(try string()) else { throw problem("This cannot be the name of a dataset", at: place) }
    return name
  }

  mutating func version() throws(DatasetError) -> VersionName {
    let place = scanner.offset
    guard let name = VersionName(try string()) else { throw problem("This cannot be the name of a version", at: place) }
    return name
  }

  /// Checks that nothing comes after the value.
  mutating func end() throws(DatasetError) {
    do throws(JSONFault) { try scanner.expectEnd() } catch { throw problem(error.message, at: error.offset) }
  }
}
