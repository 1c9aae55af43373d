import AbuseChecks
import Foundation
import TestSupport

// Runs numbered cases of damage over one fixture in this process, which may be ended by any of them:
//   AbuseTool FORMAT/FIXTURE [zip:]cuts|SEED MUTATIONS FIRST FOLDER
// With zip: it is an archive of the fixture that is damaged.
// The number of the case under way is kept in FOLDER/case, so that who started this can tell which one it was.

/// Prints at once: what a buffer holds is lost with the process.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

func stop(_ text: String) -> Never {
  say(text)
  exit(2)
}

let arguments = CommandLine.arguments.dropFirst().map { $0 }
guard arguments.count == 5, let mutations = Int(arguments[2]), let first = Int(arguments[3]) else {
  stop("usage: AbuseTool FORMAT/FIXTURE [zip:]cuts|SEED MUTATIONS FIRST FOLDER")
}
let parts = arguments[0].split(separator: "/").map(String.init)
guard parts.count == 2, let laidOut = try DamagedFixture(format: parts[0], name: parts[1]) else {
  stop("no fixture \(arguments[0])")
}
let isPacked = arguments[1].hasPrefix("zip:")
let fixture = try isPacked ? DamagedFixture(packing: laidOut) : laidOut
let kindName = isPacked ? String(arguments[1].dropFirst(4)) : arguments[1]
let kind: DamagePlan.Kind
if kindName == "cuts" {
  kind = .cuts
} else if let seed = UInt64(kindName) {
  kind = .mutations(seed: seed)
} else {
  stop("\(arguments[1]) is no seed")
}

let folder = arguments[4]
let plan = try DamagePlan(fixture, kind, mutations: mutations)
try fixture.write(to: "\(folder)/data")
try FileManager.default.createDirectory(atPath: "\(folder)/out", withIntermediateDirectories: true)
let note = open("\(folder)/case", O_WRONLY | O_CREAT, 0o644)
CaseLimits.boundMemory(3 << 30)
var check = try CaseCheck(
  format: fixture.format, folder: "\(folder)/data", input: "\(folder)/data/\(fixture.input)", outputs: "\(folder)/out")

for number in first..<max(first, plan.count) {
  let damage = plan.damage(number)
  let digits = Array("\(number)\n".utf8)
  pwrite(note, digits, digits.count, 0)
  let path = "\(folder)/data/\(fixture.files[damage.file].path)"
  try Data(damage.bytes).write(to: URL(fileURLWithPath: path))
  let before = CaseLimits.used()
  CaseLimits.startClocks()
  try check.run(number)
  let after = CaseLimits.used()
  var complaints = check.complaints
  if after.seconds - before.seconds > CaseLimits.processorSeconds { complaints.append("\(after.seconds - before.seconds) seconds") }
  if number > first + 20, after.bytes - before.bytes > CaseLimits.growthBytes {
    complaints.append("\(after.bytes - before.bytes) bytes more")
  }
  for complaint in complaints { say("case \(number) (\(damage.description)): \(complaint)") }
  try Data(fixture.files[damage.file].bytes).write(to: URL(fileURLWithPath: path))
}
let used = CaseLimits.used()
say("done \(plan.count) cases, \(used.seconds) s, \(used.bytes >> 20) MiB")
