import WaybillBytes
import WaybillDigests
import WaybillSyntax

extension VersionRecord {
  /// The bytes of `version.json`, one member a line, and the digest in them: that of the bytes without the line of the digest.
  public func encoded() -> (bytes: [UInt8], digest: SHA256Digest) {
    var text = ByteBuffer(capacity: 4096)
    text.append("{\n\"waybill_version\":")
    text.append(decimal: Self.schemaVersion)
    text.member("dataset", dataset.text)
    text.member("version", version.text)
    text.member("created", created.text())
    if let publisher { text.member("by", publisher) }
    if let message { text.member("message", message) }
    if let commit { text.member("commit", commit) }
    text.member("tool", tool)
    if let parent {
      text.name("parent")
      text.append("{\"version\":")
      text.appendJSON(parent.version.text)
      text.inline("sha256", parent.digest.hex)
      text.append("}")
    }
    text.member("content", content.hex)
    appendStatistics(to: &text)
    if let changes {
      text.name("changes")
      text.append("{\"added\":")
      text.append(decimal: changes.added)
      text.inline("changed", changes.changed)
      text.inline("removed", changes.removed)
      text.inline("unchanged", changes.unchanged)
      text.append("}")
    }
    if let splitting { append(splitting, to: &text) }
    if dropsHardMarks {
      text.name("hard_marks")
      text.append("\"dropped\"")
    }
    text.name("media")
    text.append("{\"mode\":")
    text.appendJSON(media.mode.rawValue)
    text.inline("files", media.files)
    text.inline("bytes", media.bytes)
    text.inline("missing", media.missing)
    text.append("}")
    appendObjects(to: &text)
    var whole = ByteBuffer(capacity: text.count + 128)
    text.append("}\n")
    let digest = SHA256Digest(of: text.bytes)
    whole.append(UnsafeRawBufferPointer(rebasing: text.bytes.dropLast(2)))
    whole.member("sha256", digest.hex)
    whole.append("}\n")
    return (whole.array(), digest)
  }

  private func append(_ splitting: Splitting, to text: inout ByteBuffer) {
    text.name("splitting")
    text.append("{\"seed\":")
    text.append(decimal: splitting.seed)
    if let ratio = splitting.trainRatio {
      text.append(",\"train_ratio\":")
      text.append(ratio)
    }
    if splitting.isStratified { text.append(",\"stratified\":true") }
    if splitting.dropsExisting { text.append(",\"earlier_splits\":\"dropped\"") }
    text.append("}")
  }

  private func appendStatistics(to text: inout ByteBuffer) {
    text.name("statistics")
    text.append("{\"samples\":")
    text.append(decimal: statistics.samples)
    text.inline("labeled", statistics.labeled)
    text.inline("annotations", statistics.annotations)
    text.inline("unsplit", statistics.unsplit)
    text.append(",\"labels\":[")
    for (index, label) in statistics.labels.enumerated() {
      text.append(index == 0 ? "{\"name\":" : ",{\"name\":")
      text.appendJSON(label.name)
      text.inline("annotations", label.annotations)
      text.inline("samples", label.samples)
      text.append("}")
    }
    text.append("],\"splits\":[")
    for (index, split) in statistics.splits.enumerated() {
      text.append(index == 0 ? "{\"name\":" : ",{\"name\":")
      text.appendJSON(split.name)
      text.inline("samples", split.samples)
      text.inline("annotations", split.annotations)
      text.append("}")
    }
    text.append("],\"media\":[")
    for (index, kind) in statistics.media.enumerated() {
      text.append(index == 0 ? "{\"kind\":" : ",{\"kind\":")
      text.appendJSON(kind.kind)
      text.inline("samples", kind.samples)
      text.append("}")
    }
    text.append("]}")
  }

  private func appendObjects(to text: inout ByteBuffer) {
    text.name("formats")
    text.append("[")
    for (index, rendering) in renderings.enumerated() {
      text.append(index == 0 ? "{\"format\":" : ",{\"format\":")
      text.appendJSON(rendering.format)
      text.inline("folder", rendering.folder)
      text.append("}")
    }
    text.append("]")
    text.name("objects")
    text.append("[")
    for (index, object) in objects.enumerated() {
      text.append(index == 0 ? "\n{\"key\":" : ",\n{\"key\":")
      text.appendJSON(object.key)
      text.inline("role", object.role.rawValue)
      text.inline("size", object.size)
      text.inline("sha256", object.digest.hex)
      if let files = object.files { text.inline("files", files) }
      text.append("}")
    }
    text.append("]")
  }
}

extension ByteBuffer {
  /// Begins a member of the outer object, on a line of its own.
  mutating func name(_ name: StaticString) {
    append(",\n\"")
    append(name)
    append("\":")
  }

  mutating func member(_ name: StaticString, _ value: String) {
    self.name(name)
    appendJSON(value)
  }

  /// A further member of an inner object.
  mutating func inline(_ name: StaticString, _ value: Int) {
    append(",\"")
    append(name)
    append("\":")
    append(decimal: value)
  }

  mutating func inline(_ name: StaticString, _ value: String) {
    append(",\"")
    append(name)
    append("\":")
    appendJSON(value)
  }
}
