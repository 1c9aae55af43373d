import TestSupport
import Foundation
import Testing
import WaybillMediaProbe

/// Feeds a file piece by piece as `.needs` asks, and checks each answer's promises.
func probeByPieces(_ bytes: [UInt8], from start: Int = 0) -> ProbeResult {
  var known = start
  while true {
    let result = probe(bytes[..<known], fileSize: bytes.count)
    guard case .needs(let offset, let count) = result else { return result }
    guard offset >= 0, count > 0, offset + count <= bytes.count, offset + count > known else {
      Issue.record("\(result) after \(known) of \(bytes.count) bytes")
      return result
    }
    known = offset + count
  }
}

@Suite struct DamageTests {
  /// The lengths to cut at: each one near the beginning and the end, some of a long middle.
  static func cuts(of count: Int) -> [Int] {
    (0..<count).filter { $0 < 400 || count - $0 < 200 || $0 % 997 == 0 }
  }

  @Test(arguments: SampleImage.all)
  func cutFilesAreNeverReadWrongly(image: SampleImage) {
    for length in Self.cuts(of: image.bytes.count) {
      switch probe(image.bytes[..<length]) {
      case .found(let header): #expect(header == image.header, "cut at \(length)")
      case .needs: Issue.record("a file of \(length) bytes cannot need more")
      case .unknown: #expect(length < 18, "cut at \(length)")
      case .broken: break
      }
    }
  }

  @Test(arguments: SampleImage.all)
  func shortPiecesOfWholeFilesAskForMore(image: SampleImage) {
    for length in Self.cuts(of: image.bytes.count) {
      switch probe(image.bytes[..<length], fileSize: image.bytes.count) {
      case .found(let header): #expect(header == image.header, "after \(length) bytes")
      case .needs(let offset, let count):
        #expect(offset + count > length && offset + count <= image.bytes.count, "after \(length) bytes")
      case .unknown, .broken: Issue.record("a sound file was refused after \(length) bytes")
      }
    }
    for start in [0, 1, 11, 12, 13, 64, 4096] where start <= image.bytes.count {
      #expect(probeByPieces(image.bytes, from: start) == .found(image.header))
    }
  }

  /// Changes some bytes, often to the values that break arithmetic, and sometimes cuts or repeats a part.
  static func mutate(_ bytes: [UInt8], with generator: inout SeededNumbers) -> [UInt8] {
    var mutant = bytes
    let reach = min(mutant.count, Bool.random(using: &generator) ? 40 : 300)
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      let place = Int.random(in: 0..<reach, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: for index in place..<min(place + 8, mutant.count) { mutant[index] = 0xFF }
      case 2: for index in place..<min(place + 4, mutant.count) { mutant[index] = 0 }
      case 3: mutant[place] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0xD8, 0xC0].randomElement(using: &generator) ?? 0
      default: mutant[place] = UInt8.random(in: 0...255, using: &generator)
      }
    }
    if Int.random(in: 0..<8, using: &generator) == 0 {
      mutant.removeLast(Int.random(in: 0...mutant.count, using: &generator))
    } else if Int.random(in: 0..<8, using: &generator) == 0 {
      mutant += mutant.suffix(Int.random(in: 0...mutant.count, using: &generator))
    }
    return mutant
  }

  @Test func damagedFilesNeverTrap() {
    let seed = testSeed(20_240_229)
    print("DamageTests.damagedFilesNeverTrap: WAYBILL_TEST_SEED=\(seed)")
    var generator = SeededNumbers(seed: seed)
    let images = SampleImage.all.filter { $0.bytes.count < 20_000 }
    for round in 0..<300 {
      for image in images {
        let mutant = Self.mutate(image.bytes, with: &generator)
        let whole = probe(mutant)
        if case .found(let header) = whole {
          let sizes = 1...2_147_483_647
          #expect(sizes.contains(header.width) && sizes.contains(header.height), "seed \(seed), round \(round), \(image.name)")
        }
        if case .needs = whole { Issue.record("needs of a whole file: seed \(seed), round \(round), \(image.name)") }
        let pieces = probeByPieces(mutant)
        #expect(pieces == whole, "seed \(seed), round \(round), \(image.name)")
        // The size of a far larger file must not make any sum overflow.
        _ = probe(mutant, fileSize: .max)
      }
    }
  }

  @Test func randomBytesBehindSignaturesNeverTrap() {
    let seed = testSeed(20_240_229)
    print("DamageTests.randomBytesBehindSignaturesNeverTrap: WAYBILL_TEST_SEED=\(seed)")
    var generator = SeededNumbers(seed: seed)
    let signatures: [[UInt8]] = [
      [0xFF, 0xD8, 0xFF], ascii("GIF89a"), ascii("BM"), ascii("RIFF____WEBPVP8 "), ascii("RIFF____WEBPVP8L"),
      ascii("RIFF____WEBPVP8X"), ascii("II*\0") + little(8, 4), ascii("MM\0*") + big(9, 4),
      ascii("II+\0") + [8, 0, 0, 0, 16] + zeros(7), Array(png(1, 1).prefix(16)),
    ]
    for round in 0..<2000 {
      for signature in signatures {
        let count = Int.random(in: 0..<200, using: &generator)
        let bytes = signature + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(probeByPieces(bytes) == probe(bytes), "seed \(seed), round \(round)")
      }
    }
  }
}
