import Foundation
import StoreTestSupport
import TestSupport
import Testing
import WaybillAllStores
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@testable import WaybillS3Store

/// What real servers show beyond the store suite: large objects, long listings, odd names, what is left over, refusals in words.
@Suite(
  .enabled(if: !TestServers.all.isEmpty, "no servers (Scripts/s3-servers start FOLDER; WAYBILL_S3_SERVERS=FOLDER/servers.env)"))
struct S3ServerTests {
  /// Bytes that differ from piece to piece.
  private static func bytes(_ count: Int, _ salt: UInt8 = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 4096)
    var piece = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ ($0 >> 4)) }
    for number in 0...(count / 4096) {
      (piece[0], piece[1], piece[2]) = (salt, UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8))
      bytes += piece
    }
    return Array(bytes.prefix(count))
  }

  @Test(arguments: TestServers.all) func largeObjectsGoInParts(server: TestServers) throws {
    let store = try server.store(partSize: 5 << 20)
    for (number, size) in [(5 << 20), (5 << 20) + 1, 10 << 20, 17_000_000].enumerated() {
      let bytes = Self.bytes(size, UInt8(number))
      let upload = try store.upload(near: "a")
      for start in stride(from: 0, to: size, by: 3_000_001) {
        try upload.append(Array(bytes[start..<min(size, start + 3_000_001)]))
      }
      #expect(try store.keys("a/").count == number)
      #expect(try upload.commit(as: key("a/\(number)")))
      let written = try store.bytes("a/\(number)")
      #expect(written == bytes, "\(size) bytes")
      // Who brings the same again is told that it is there.
      let again = try store.upload(near: "a")
      try again.append(bytes)
      #expect(try again.commit(as: key("a/\(number)")) == false)
      #expect(try store.leftovers().isEmpty)
    }
  }

  /// What is larger than one request may copy is copied in parts; the limits of S3 are gigabytes, those here a few megabytes.
  @Test(arguments: TestServers.all) func objectsAreCopiedInParts(server: TestServers) throws {
    let plain = try server.store(partSize: 5 << 20)
    let store = S3Store(plain.client, prefix: plain.prefix, partSize: 5 << 20, copying: (limit: 6 << 20, part: 5 << 20))
    let bytes = Self.bytes(17_000_000)
    let upload = try store.upload(near: "a")
    try upload.append(bytes)
    #expect(try upload.commit(as: key("a/large")))
    let written = try store.bytes("a/large")
    #expect(written == bytes)
    #expect(try store.leftovers().isEmpty)
    #expect(try store.keys() == ["a/large"])
  }

  @Test(arguments: TestServers.all) func whatIsGivenUpIsGone(server: TestServers) throws {
    let store = try server.store(partSize: 5 << 20)
    do {
      let upload = try store.upload(near: "a")
      try upload.append(Self.bytes(11 << 20))
      let under = try store.leftovers()
      #expect(under.count == 1 && under[0].name.hasPrefix("upload ") && under[0].name.contains(S3Multipart.folder))
      // The clock of a server that is made for tests stands still.
      #expect(server.name == "moto" || abs(under.first.map { $0.modifiedSeconds - S3Time.now.seconds } ?? .max) < 60)
    }
    // Without a commit it is given up when nobody holds it any more.
    #expect(try store.leftovers().isEmpty)
    // And what a killed process leaves is found, and can be discarded.
    let upload = try S3Multipart(store)
    try upload.sendLast(
      {
        let part = PartBuffer(capacity: 100)
        _ = part.append(UnsafeRawBufferPointer(start: nil, count: 0))
        return part
      }())
    let found = try store.leftovers()
    #expect(found.count == 1)
    for leftover in found { try store.discard(leftover) }
    #expect(try store.leftovers().isEmpty)
  }

  @Test(arguments: TestServers.all) func copiesOfAnySizeHaveOneWinner(server: TestServers) throws {
    let store = try server.store(partSize: 5 << 20)
    let sources = (0..<6).map { MemorySource(Self.bytes(6_000_000, UInt8($0)), path: "memory") }
    // A server that is made for tests need not be atomic for large bodies.
    guard server.name == "rgw" else {
      let digest = SHA256Digest(of: Self.bytes(6_000_000)).hex
      #expect(try store.create(key("a/b"), copying: sources[0], digest: digest))
      #expect(try store.create(key("a/b"), copying: sources[1], digest: digest) == false)
      return
    }
    for round in 0..<4 {
      let winners = Lock<[Int]>([])
      DispatchQueue.concurrentPerform(iterations: sources.count) { number in
        do {
          let digest = SHA256Digest(of: Self.bytes(6_000_000, UInt8(number))).hex
          if try store.create(key("a/\(round)"), copying: sources[number], digest: digest) {
            winners.withLock { $0.append(number) }
          }
        } catch { Issue.record("\(error)") }
      }
      let won = winners.withLock { $0 }
      #expect(won.count == 1)
      let winner = won.first ?? -1
      #expect(try store.bytes("a/\(round)") == Self.bytes(6_000_000, UInt8(truncatingIfNeeded: winner)))
    }
    // Bytes that are not what their digest says are refused by the server, not stored.
    #expect(thrown { _ = try store.create(key("a/x"), copying: sources[0], digest: SHA256Digest(of: [1]).hex) } != nil)
    #expect(try store.info(key("a/x")) == nil)
  }

  @Test(arguments: TestServers.all) func longListingsComeWhole(server: TestServers) throws {
    let store = try server.store()
    let names = (0..<(ProcessInfo.processInfo.environment["WAYBILL_S3_LARGE"] == nil ? 2300 : 10_000)).map {
      "set-\($0 % 7)/V\($0)/version.json"
    }
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for name in names.enumerated() where name.offset % 8 == thread {
        do {
          _ = try store.put(store.prefix + name.element, UnsafeRawBufferPointer(start: nil, count: 0), ("If-None-Match", "*"))
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(try store.keys() == sorted)
    let some = names.filter { $0.hasPrefix("set-3/") }.count
    #expect(try store.keys("set-3/").count == some)
    let page = try store.list("", after: key("set-6"), limit: 10)
    #expect(page.objects.count == 10 && page.objects.allSatisfy { $0.key.text.hasPrefix("set-6/") })
  }

  @Test(arguments: TestServers.all, ["a b", "a+b", "ä/é東京", "it's \"quoted\"", "100%/%41", "x&y=z;?#", "~*()!@$,:"])
  func prefixesMayHoldAnything(server: TestServers, prefix: String) throws {
    let store = try server.store(prefix: prefix + "/", partSize: 5 << 20)
    #expect(try store.create(key("a/b"), [1, 2, 3]))
    #expect(try store.create(key("a/b"), [4]) == false)
    let large = try store.upload(near: "a")
    try large.append(Self.bytes(6_000_000))
    #expect(try large.commit(as: key("a/large")))
    #expect(try store.keys() == ["a/b", "a/large"])
    #expect(try store.bytes("a/b") == [1, 2, 3])
    try store.replace(key("a/b"), with: [5], expecting: try store.info(key("a/b"))?.revision)
    try store.delete(key("a/large"))
    #expect(try store.keys() == ["a/b"])
    #expect(try store.leftovers().isEmpty)
  }

  @Test(arguments: TestServers.all) func mediaComeByTheirURLs(server: TestServers) throws {
    let bucket = try server.newBucket()
    let store = try server.store(bucket: bucket)
    let sizes = ["a/1 2.jpg": 10, "a/\u{301}.jpg": 4, "a/ü+%41.jpg": 3_000_000, "a/empty": 0, "ab": 5, "a/x/": 0]
    for (key, size) in sizes {
      let bytes = Self.bytes(size)
      _ = try bytes.withRawBytes { raw throws(DatasetError) in try store.put(key, raw, ("If-None-Match", "*")) }
    }
    let media = S3Media(environment: server.variables())
    var listed: [String: Int] = [:]
    try media.list("s3://\(bucket)/a") { location, size in listed[location] = size }
    #expect(
      listed == [
        "s3://\(bucket)/a/1 2.jpg": 10, "s3://\(bucket)/a/\u{301}.jpg": 4, "s3://\(bucket)/a/ü+%41.jpg": 3_000_000,
        "s3://\(bucket)/a/empty": 0,
      ])
    // Whatever the scheme is called, what is found begins as its place does.
    for place in ["obs://\(bucket)/a", "obs://\(bucket)/a/", "S3A://\(bucket)", "s3://\(bucket)/"] {
      var count = 0
      try media.list(place) { location, _ in
        #expect(location.utf8.starts(with: place.utf8) && media.serves(location))
        count += 1
      }
      #expect(count == (place.hasSuffix("a") || place.hasSuffix("a/") ? 4 : 5), "\(place)")
    }
    for (location, size) in listed {
      #expect(try media.fetch(location).map { Array($0.bytes) } == Self.bytes(size), "\(location)")
      #expect(try media.head(of: location, count: 7) == Self.bytes(min(size, 7)))
      #expect(try media.fetch(location.replacing("s3://", with: "obs://"))?.size == size)
    }
    #expect(try media.fetch("s3://\(bucket)/nothing") == nil)
    #expect(thrown { _ = try media.fetch("s3://\(bucket)-nowhere/nothing") }?.code == .io)
    for location in ["a/b", "file:///a", "s3:///a", "https://a/b"] {
      #expect(!media.serves(location))
    }
  }

  @Test(arguments: TestServers.all) func refusalsAreToldInWords(server: TestServers) throws {
    var variables = server.variables()
    let bucket = try server.sharedBucket()
    func error(_ bucket: String) throws -> String {
      let store = try S3Store("s3://\(bucket)/x", environment: variables)
      return thrown { _ = try store.create(key("a"), [1]) }?.description ?? "none"
    }
    #expect(try error("waybill-there-is-none-\(S3Store.randomName())").contains("no such bucket"))
    variables["AWS_SECRET_ACCESS_KEY"] = "canary"
    #expect(try error(bucket).contains("does not accept the credentials: SignatureDoesNotMatch"))
    variables["AWS_ACCESS_KEY_ID"] = "NOBODY"
    let unknown = try error(bucket)
    #expect(unknown.contains("does not accept the credentials: InvalidAccessKeyId"))
    #expect(!unknown.contains("canary"))
    variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    var store = try S3Store("s3://\(bucket)/x", environment: variables)
    store = S3Store(S3Client(store.client.endpoint, nil, CurlTransport(), clock: PatientClock().clock), prefix: "x/")
    let dead = thrown { _ = try store.list("", after: nil, limit: 1) }
    #expect(dead?.code == .unavailable)
    #expect(dead?.message.contains("127.0.0.1:9") == true)
  }

  @Test(arguments: TestServers.all) func checkupsSayWhatWorks(server: TestServers) throws {
    let store = try server.store()
    let findings = S3Checkup.run(store)
    #expect(findings.count == 6)
    #expect(findings.filter { !$0.isGood } == [])
    #expect(try store.leftovers().isEmpty)
    var variables = server.variables()
    variables["AWS_SECRET_ACCESS_KEY"] = "canary"
    let wrong = S3Checkup.run(try S3Store("s3://\(try server.sharedBucket())", environment: variables))
    #expect(wrong.count == 1 && !wrong[0].isGood)
  }
}
