import TestSupport
import Foundation
import Testing
import WaybillMediaProbe

@Suite struct ImageFileTests {
  @Test func filesGiveWhatTheirBytesGive() throws {
    let folder = try TemporaryFolder()
    for image in SampleImage.all {
      let path = try folder.write(image.bytes, to: "image.dat")
      #expect(MediaProbe.imageHeader(atPath: path) == .success(image.header), "\(image.header.format): \(image.name)")
    }
    for image in BrokenImage.all {
      let path = try folder.write(image.bytes, to: "image.dat")
      guard case .broken(let reason) = probe(image.bytes) else { continue }
      #expect(MediaProbe.imageHeader(atPath: path) == .failure(.broken(reason)), "\(image.reason)")
    }
  }

  @Test func damagedFilesGiveWhatTheirBytesGive() throws {
    let folder = try TemporaryFolder()
    let seed = testSeed(20_240_229)
    print("ImageFileTests.damagedFilesGiveWhatTheirBytesGive: WAYBILL_TEST_SEED=\(seed)")
    var generator = SeededNumbers(seed: seed)
    for round in 0..<10 {
      for image in SampleImage.all {
        let mutant = DamageTests.mutate(image.bytes, with: &generator)
        let expected: Result<ImageHeader, ProbeFailure> =
          switch probe(mutant) {
          case .found(let header): .success(header)
          case .broken(let reason): .failure(.broken(reason))
          case .unknown, .needs: .failure(.notAnImage)
          }
        let path = try folder.write(mutant, to: "image.dat")
        #expect(MediaProbe.imageHeader(atPath: path) == expected, "seed \(seed), round \(round), \(image.name)")
      }
    }
  }

  @Test func signaturesAcrossTheEndOfAPiece() throws {
    // Every position of the frame header against the boundary at 4 KiB.
    let folder = try TemporaryFolder()
    for length in 4040...4100 {
      let path = try folder.write(jpeg(segment(0xE1, zeros(length)), frame(0xC0, 640, 480)), to: "image.jpg")
      let expected = ImageHeader(format: .jpeg, width: 640, height: 480, channels: 3)
      #expect(MediaProbe.imageHeader(atPath: path) == .success(expected), "segment of \(length) bytes")
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(MediaProbe.imageHeader(atPath: folder.path + "/absent.png") == .failure(.cannotRead(ENOENT)))
    #expect(MediaProbe.imageHeader(atPath: "") == .failure(.cannotRead(ENOENT)))
    #expect(MediaProbe.imageHeader(atPath: folder.path) == .failure(.cannotRead(EISDIR)))
    let path = try folder.write(png(7, 5), to: "image.png")
    #expect(MediaProbe.imageHeader(atPath: path + "/image.png") == .failure(.cannotRead(ENOTDIR)))
    #expect(MediaProbe.imageHeader(atPath: path + "\0.jpg") == .failure(.cannotRead(EINVAL)))
    let empty = try folder.write([], to: "empty.png")
    #expect(MediaProbe.imageHeader(atPath: empty) == .failure(.notAnImage))
  }

  @Test(.timeLimit(.minutes(20))) func pipesAndDevicesDoNotBlock() throws {
    let folder = try TemporaryFolder()
    let fifo = folder.path + "/fifo.png"
    try #require(mkfifo(fifo, 0o600) == 0)
    #expect(MediaProbe.imageHeader(atPath: fifo) == .failure(.notAnImage))
    #expect(MediaProbe.imageHeader(atPath: "/dev/zero") == .failure(.notAnImage))
    #expect(MediaProbe.imageHeader(atPath: "/dev/null") == .failure(.notAnImage))
  }

  @Test func linksAreFollowed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(png(7, 5), to: "image.png")
    let link = folder.path + "/link.png"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    let expected = ImageHeader(format: .png, width: 7, height: 5, channels: 3)
    #expect(MediaProbe.imageHeader(atPath: link) == .success(expected))
    let loop = folder.path + "/loop.png"
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    #expect(MediaProbe.imageHeader(atPath: loop) == .failure(.cannotRead(ELOOP)))
  }

  @Test func headersGibibytesIntoAFileAreReached() throws {
    // A sparse file: a BigTIFF with its directory five gibibytes in.
    let folder = try TemporaryFolder()
    let offset: UInt64 = 5 << 30
    let whole = tiff(entries(640, 480), bigTIFF: true)
    let path = try folder.write(ascii("II+\0") + [8, 0, 0, 0] + little(offset, 8), to: "large.tif")
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: Data(whole.dropFirst(16)))
    try handle.close()
    #expect(MediaProbe.imageHeader(atPath: path) == .success(ImageHeader(format: .tiff, width: 640, height: 480, channels: 3)))
  }

  @Test func noDescriptorIsLeftOpen() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(png(7, 5), to: "image.png")
    let broken = try folder.write(png(0, 5), to: "broken.png")
    for _ in 0..<5000 {
      _ = MediaProbe.imageHeader(atPath: path)
      _ = MediaProbe.imageHeader(atPath: broken)
      _ = MediaProbe.imageHeader(atPath: folder.path)
    }
    // The limit of open files is far below fifteen thousand only where it is set so; the numbers in use tell it anywhere.
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    #expect(descriptor >= 0 && descriptor < 1000)
  }
}
