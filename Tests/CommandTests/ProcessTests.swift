import Foundation
import Testing

@Suite("The process")
struct ProcessTests {
  private func start(_ arguments: [String], input: Any, output: Pipe, errors: Pipe) throws -> Process {
    let process = Process()
    process.executableURL = TestPlaces.tinyTool
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return process
  }

  @Test("a signal stops work that waits, with 130 and nothing half-written", arguments: [SIGINT, SIGTERM, SIGHUP])
  func interrupt(signal: Int32) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("waybill-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    let target = folder.appendingPathComponent("out.tiny").path
    let process = try start(["convert", "-", target, "--to", "tiny"], input: input, output: output, errors: errors)
    input.fileHandleForWriting.write(Data("tiny 1\nsample 1.jpg\n".utf8))
    // The handlers are there before anything is read; a signal before that would end the process another way.
    Thread.sleep(forTimeInterval: 0.5)
    kill(process.processIdentifier, signal)
    for _ in 0..<100 where process.isRunning { Thread.sleep(forTimeInterval: 0.1) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
    #expect(text == "error: interrupted\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("a closed pipe is no error")
  func closedPipe() throws {
    let (output, errors) = (Pipe(), Pipe())
    try output.fileHandleForReading.close()
    let process = try start(["help", "convert"], input: FileHandle.nullDevice, output: output, errors: errors)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
  }
}
