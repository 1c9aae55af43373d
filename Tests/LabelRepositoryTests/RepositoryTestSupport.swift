import Foundation
import TestSupport
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

@testable import WaybillLabelRepository

extension RepositoryFixture {
  /// A repository of boxes with lines of samples.
  init(_ lines: [String], shards: Int = 1) throws { try self.init(.objectDetection, lines, shards: shards) }

  /// The bytes of all files but those of the lock and the cache; what an output left behind would be among them.
  var content: [String: [UInt8]] {
    get throws { try tree(root).filter { !["lock", ".gitignore", "status.json"].map { ".waybill/\($0)" }.contains($0.key) } }
  }

  /// Reads settings, such as those of a file that was written by hand.
  func settings(_ text: String) throws { try write("dataset.json", text) }

  /// Runs an edit and commits it.
  func edit(_ body: (LabelEdit) throws(RepositoryFailure) -> Void) throws {
    let edit = try LabelEdit(try repository)
    try body(edit)
    try edit.commit()
  }

  /// Runs an edit that must fail; says how, unless anything changed.
  func refusal(_ body: (LabelEdit) throws(RepositoryFailure) -> Void) throws -> (code: String, message: String, rules: [String])? {
    let before = try content
    let repository = try repository
    let said = failure { () throws(RepositoryFailure) in
      let edit = try LabelEdit(repository)
      try body(edit)
      try edit.commit()
    }
    return try content == before ? said : nil
  }
}

extension LabelEdit {
  /// Adds labels, with the failure that commands see.
  func addLabels(_ names: String...) throws(RepositoryFailure) {
    try RepositoryFailure.wrapping { () throws(DatasetError) in try add(names.map { Label(name: $0) }) }
  }
}

/// A file of samples by itself, with what reading it reported.
struct ShardReading {
  let folder: TemporaryFolder
  let shard: ShardFile
  let context = ReadContext(sources: SourceMap())

  init(_ text: String) throws { try self.init(Array(text.utf8)) }

  init(_ bytes: [UInt8]) throws {
    folder = try TemporaryFolder()
    shard = try ShardFile(path: try folder.write("all.waybill.jsonl", bytes), context)
  }

  var keys: [String] { shard.lines.map { shard.key(of: $0) } }
  var lines: [String] { shard.lines.map { String(decoding: shard.bytes(of: $0), as: UTF8.self) } }
  var rules: [String] { context.diagnostics.items.map(\.rule) }

  /// The bytes of the file as they are now.
  var text: String { get throws { String(decoding: try bytes(of: shard.path), as: UTF8.self) } }
}

extension ConflictLine {
  /// The line of a conflict.
  static func text(_ key: String, ours: String?, theirs: String?, base: String? = nil, about: [String] = ["split"]) -> String {
    var text = #"{"key":"\#(key)","conflict":{"about":[\#(about.map { "\"\($0)\"" }.joined(separator: ","))]"#
    if let base { text += #","base":\#(base)"# }
    return text + #","ours":\#(ours ?? "null"),"theirs":\#(theirs ?? "null")}}"#
  }
}

/// A label with former names.
func label(_ name: String, formerly: String...) -> Label {
  var label = Label(name: name)
  label.formerNames = formerly
  return label
}

/// An annotation with a label and a box, as JSON.
func box(_ label: String, _ x: Int = 0, _ more: String = "") -> String {
  #"{"label":"\#(label)","box_xywh":[\#(x),0,9,9]\#(more)}"#
}
