import TestSupport
import Testing

@testable import WaybillFiles

@Suite struct DeflateTests {
  /// The check value of the CRC-32 catalogue, and values that Python's zlib gives.
  @Test(
    arguments: [
      ("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43), ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)])
  func checksumsAreThoseOfZip(text: String, expected: UInt32) {
    #expect(CRC32(of: Array(text.utf8)).value == expected)
    var pieces = CRC32()
    for byte in text.utf8 { withUnsafeBytes(of: byte) { pieces.update($0) } }
    pieces.update(UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(pieces.value == expected)
    #expect(pieces == CRC32(of: Array(text.utf8)))
  }

  /// Random pieces of random bytes have the checksum of the whole, and deflated they come back.
  @Test func piecesAndStreamsComeBack() throws {
    let seed = testSeed(20_261_107)
    var random = SeededNumbers(seed)
    var deflater = Deflater()
    var inflater = Inflater()
    for _ in 0..<60 {
      let bytes = (0..<random.below(200_000)).map { _ in UInt8(random.below(7)) }
      var checksum = CRC32()
      var at = 0
      while at < bytes.count {
        let end = min(bytes.count, at + 1 + random.below(50_000))
        bytes[at..<end].withUnsafeBytes { checksum.update($0) }
        at = end
      }
      #expect(checksum.value == CRC32(of: bytes).value, "seed \(seed)")
      let deflated = bytes.withUnsafeBytes { deflater.deflate($0).map { Array($0) } }
      #expect(deflated != nil || bytes.count < 16, "seed \(seed): \(bytes.count)")
      guard let deflated else { continue }
      #expect(deflated.count < bytes.count)
      var back = [UInt8](repeating: 0, count: bytes.count)
      try deflated.withUnsafeBytes { source in try back.withUnsafeMutableBytes { try inflater.inflate(source, into: $0) } }
      #expect(back == bytes, "seed \(seed)")
    }
  }

  @Test(arguments: [[], [7], [1, 2, 3, 4, 5, 6, 7, 8]] as [[UInt8]])
  func whatDoesNotShrinkIsLeft(bytes: [UInt8]) {
    var deflater = Deflater(level: 12)
    #expect(bytes.withUnsafeBytes { deflater.deflate($0) == nil })
  }

  /// `hello hello hello hello` as zlib deflates it raw.
  static let hello: [UInt8] = [0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40, 0x27, 0x01]

  @Test(
    arguments: [
      (hello, 23, nil), (hello, 22, .tooLong), (hello, 0, .tooLong), (hello, 24, .tooShort), (hello + [0], 23, .followed),
      (Array(hello.dropLast()), 23, .invalid), ([], 0, .invalid), ([0x03, 0x00], 0, nil), ([0x03, 0x00], 1, .tooShort),
      ([0x07], 10, .invalid), ([0xFF, 0xFF, 0xFF], 10, .invalid),
    ] as [([UInt8], Int, Inflater.Problem?)])
  func streamsAreTakenExactly(stream: [UInt8], size: Int, expected: Inflater.Problem?) {
    var target = [UInt8](repeating: 0, count: size)
    var problem: Inflater.Problem?
    var inflater = Inflater()
    do throws(Inflater.Problem) {
      let result: Result<Void, Inflater.Problem> = stream.withUnsafeBytes { source in
        target.withUnsafeMutableBytes { target in
          do throws(Inflater.Problem) { return .success(try inflater.inflate(source, into: target)) } catch {
            return .failure(error)
          }
        }
      }
      try result.get()
    } catch { problem = error }
    #expect(problem == expected)
    if expected == nil { #expect(target == Array("hello hello hello hello".utf8.prefix(size))) }
    for problem in Inflater.Problem.allCases { #expect(!problem.phrase.isEmpty) }
  }
}
