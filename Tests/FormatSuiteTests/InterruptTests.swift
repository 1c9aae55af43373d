import Foundation
import TestSupport
import Testing

/// Stopping the tool at any moment leaves either no output or the whole of it.
@Suite(.serialized) struct InterruptTests {
  static let tool: String? = {
    if let given = ProcessInfo.processInfo.environment["WAYBILL_TOOL"] { return given }
    let candidates = ["\(PackageFolder.root)/.build/debug/waybill", "\(PackageFolder.root)/.build/release/waybill"]
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  @Test(.enabled(if: tool != nil, "the tool was not built"), arguments: [SIGINT, SIGTERM, SIGKILL], ["coco.json", "voc", "yolo"])
  func leavesNothingOrAll(_ signal: Int32, _ name: String) throws {
    let tool = try #require(InterruptTests.tool)
    let folder = try TemporaryFolder()
    let input = try folder.write("input/big.json", InterruptTests.coco(images: 3000))
    let target = ["voc": "pascal-voc", "yolo": "yolo:task=detect"][name] ?? "coco"
    func command(_ output: String) throws -> Process {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: tool)
      process.arguments = ["convert", input, output, "--to", target, "--allow-loss", "--quiet"]
      process.standardError = FileHandle.nullDevice
      return process
    }
    let whole = folder.file("whole-\(name)")
    let clock = ContinuousClock()
    let start = clock.now
    let first = try command(whole)
    try first.run()
    first.waitUntilExit()
    #expect(first.terminationStatus == 0)
    let seconds = Double((clock.now - start).components.attoseconds) / 1e18 + Double((clock.now - start).components.seconds)
    let expected = try tree(whole)
    var stopped = 0
    for step in 0..<14 {
      let output = folder.file("out/\(step)-\(name)")
      let process = try command(output)
      try process.run()
      Thread.sleep(forTimeInterval: seconds * Double(step) / 12)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let found = try tree(output)
      if found.isEmpty {
        stopped += 1
        if signal != SIGKILL && process.terminationReason == .exit { #expect(process.terminationStatus == 130) }
      } else {
        #expect(found == expected, "a part of the output is visible")
      }
      if signal != SIGKILL, FileManager.default.fileExists(atPath: folder.file("out")) {
        let rest = try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).filter { $0.hasPrefix(".") }
        #expect(rest.isEmpty || process.terminationReason == .uncaughtSignal, "staging was left: \(rest)")
      }
    }
    #expect(stopped > 0, "no run was stopped in time to tell")
  }

  /// A COCO file with a few boxes an image.
  static func coco(images: Int) -> String {
    var records: [String] = []
    var annotations: [String] = []
    for image in 1...images {
      records.append(#"{"id":\#(image),"file_name":"\#(image).jpg","width":640,"height":480}"#)
      for box in 0..<4 {
        annotations.append(
          #"{"id":\#(image * 4 + box),"image_id":\#(image),"category_id":1,"bbox":[\#(box),2,30.5,40],"area":1220,"iscrowd":0}"#)
      }
    }
    return #"{"images":["# + records.joined(separator: ",") + #"],"annotations":["# + annotations.joined(separator: ",")
      + #"],"categories":[{"id":1,"name":"car"}]}"#
  }
}
