import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// What one header line says.
struct NativeHeader {
  var place: SourceRange
  var name: String?
  var labels: [Label]?
  var labelsAreComplete = true
  var fields = Attributes()
  var preserved = Preserved()
}

/// Reads one header line.
struct NativeHeaderReader {
  private var scanner: JSONScanner
  private let place: SourceRange
  private let context: ReadContext
  private var member: JSONString?
  private let start: Int

  init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, file: FileID, context: ReadContext) {
    scanner = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    place = SourceRange(file: file, offset: line.lowerBound, length: line.count)
    start = line.lowerBound
    self.context = context
  }

  /// The header; nil when it cannot be read, which is reported.
  mutating func read() -> NativeHeader? {
    do throws(JSONFault) {
      let header = try members()
      try scanner.expectEnd()
      return header
    } catch {
      var again = scanner
      again.offset = start
      if case .expected(let what) = error.problem, (try? again.skipValue()) != nil, again.isAtEnd() {
        let name = member.map { "\"\(terminalSafe($0.makeString()))\" of the header" } ?? "the header"
        report("waybill.header.type", "The member \(name) is not as the schema says: expected \(what.rawValue)", at: error.offset)
      } else {
        context.diagnostics.report(error.diagnostic(in: place.file))
      }
      return nil
    }
  }

  private func report(_ rule: String, _ message: String, at offset: Int) {
    context.report(.error, rule, message, at: SourceRange(file: place.file, offset: offset, length: 1))
  }

  private mutating func unknown(_ key: JSONString, of what: String, at offset: Int) throws(JSONFault) {
    report("waybill.header.unknown-field", "The schema has no member \"\(terminalSafe(key.makeString()))\" of \(what)", at: offset)
    try scanner.skipValue()
  }

  private mutating func members() throws(JSONFault) -> NativeHeader {
    var header = NativeHeader(place: place)
    var own = PreservedMembers()
    var seen = Set<String>()
    var progress = try scanner.beginObject()
    while let key = try next(&progress, &seen) {
      let at = scanner.offset
      member = key
      switch key {
      case "waybill":
        let version = try scanner.integer()
        if version != NativeFormat.schemaVersion {
          report(
            "waybill.header.version",
            version > NativeFormat.schemaVersion
              ? "The header names schema version \(version); this program knows versions up to \(NativeFormat.schemaVersion)"
              : "The header names schema version \(version); versions count from 1", at: at)
        }
      case "name": header.name = try scanner.string().makeString()
      case "labels_complete": header.labelsAreComplete = try scanner.boolean()
      case "fields": header.fields = try scanner.attributes()
      case "preserved": header.preserved = try scanner.preserved()
      case "labels":
        var labels: [Label] = []
        var elements = try scanner.beginArray()
        while try scanner.nextElement(&elements) { labels.append(try label()) }
        header.labels = labels
      case "type", "sources", "shards", "conflict": try own.take(key, from: &scanner)
      default: try unknown(key, of: "a header", at: at)
      }
    }
    keep(own, in: &header.preserved, of: "a header")
    return header
  }

  /// Keeps members that tell of a label repository, in the drawer of this format.
  private func keep(_ own: borrowing PreservedMembers, in preserved: inout Preserved, of what: String) {
    guard !own.isEmpty else { return }
    if !preserved[NativeFormat.descriptor.id].isEmpty {
      report(
        "waybill.header.unknown-field", "What is preserved of \(what) for this format stands beside members of it that say the same",
        at: start)
      return
    }
    preserved[NativeFormat.descriptor.id] = own.preserved(NativeFormat.descriptor.id)[NativeFormat.descriptor.id]
  }

  /// The next key of an object, which must be new in it.
  private mutating func next(_ progress: inout JSONScanner.Progress, _ seen: inout Set<String>) throws(JSONFault) -> JSONString? {
    guard let key = try scanner.nextKey(&progress) else { return nil }
    let name = key.makeString()
    guard seen.insert(name).inserted else { throw JSONFault(.duplicateKey(name), at: scanner.offset) }
    return key
  }

  private mutating func strings() throws(JSONFault) -> [String] {
    var strings: [String] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) { strings.append(try scanner.string().makeString()) }
    return strings
  }

  private mutating func label() throws(JSONFault) -> Label {
    var label = Label(name: "")
    var own = PreservedMembers()
    var seen = Set<String>()
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while let key = try next(&progress, &seen) {
      let at = scanner.offset
      switch key {
      case "name": label.name = try scanner.string().makeString()
      case "id": label.id = try scanner.recordID()
      case "parent": label.parent = try scanner.string().makeString()
      case "color": label.style.color = try scanner.string().makeString()
      case "shortcut": label.style.shortcut = try scanner.string().makeString()
      case "shape": label.style.defaultShape = try scanner.string().makeString()
      case "relation": label.relation = try relation()
      case "keypoints": label.keypointNames = try strings()
      case "skeleton": label.skeleton = try skeleton()
      case "preserved": label.preserved = try scanner.preserved()
      case "attributes":
        var elements = try scanner.beginArray()
        while try scanner.nextElement(&elements) { label.attributes.append(try attribute()) }
      case "formerly":
        let names = scanner.offset
        _ = try strings()
        scanner.offset = names
        try own.take(key, from: &scanner)
      default: try unknown(key, of: "a label", at: at)
      }
    }
    keep(own, in: &label.preserved, of: "a label")
    if !seen.contains("name") { report("waybill.header.type", "A label of the header has no name", at: start) }
    return label
  }

  private mutating func relation() throws(JSONFault) -> Label.Relation {
    var relation = Label.Relation(source: "", target: "")
    var seen = Set<String>()
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while let key = try next(&progress, &seen) {
      switch key {
      case "from": relation.source = try scanner.string().makeString()
      case "to": relation.target = try scanner.string().makeString()
      default: try unknown(key, of: "a label's relation", at: scanner.offset)
      }
    }
    if !seen.isSuperset(of: ["from", "to"]) {
      report("waybill.header.type", "A label's relation names the labels it leads from and to", at: start)
    }
    return relation
  }

  private mutating func skeleton() throws(JSONFault) -> [[Int]] {
    var lines: [[Int]] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      var line: [Int] = []
      var numbers = try scanner.beginArray()
      while try scanner.nextElement(&numbers) { line.append(Int(try scanner.integer())) }
      lines.append(line)
    }
    return lines
  }

  private mutating func attribute() throws(JSONFault) -> AttributeDefinition {
    var attribute = AttributeDefinition(name: "", type: "")
    var seen = Set<String>()
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while let key = try next(&progress, &seen) {
      switch key {
      case "name": attribute.name = try scanner.string().makeString()
      case "type": attribute.type = try scanner.string().makeString()
      case "values": attribute.values = try strings()
      case "default": attribute.defaultValue = try scanner.string().makeString()
      default: try unknown(key, of: "a label's attribute", at: scanner.offset)
      }
    }
    if !seen.isSuperset(of: ["name", "type"]) {
      report("waybill.header.type", "An attribute of a label has a name and a type", at: start)
    }
    return attribute
  }
}

extension JSONScanner {
  /// Reads the object of preserved sections: for each format an object whose members are kept byte by byte, white space apart.
  mutating func preserved() throws(JSONFault) -> Preserved {
    var sections: [Preserved.Section] = []
    var seen = SeenTexts()
    var progress = try beginObject()
    while let key = try nextKey(&progress) {
      let name = key.makeString()
      guard seen.insert(name) else { throw JSONFault(.duplicateKey(name), at: offset) }
      sections.append(.init(format: FormatID(name), members: try preservedMembers()))
    }
    return Preserved(sections: sections)
  }

  private mutating func preservedMembers() throws(JSONFault) -> [UInt8] {
    skipWhitespace()
    let start = offset
    var keys: [JSONString] = []
    var seen: Set<ExactText> = []
    var progress = try beginObject()
    while let key = try nextKey(&progress) {
      // Few members are compared with each other; many are put into a set.
      let isNew: Bool
      if keys.count < 16, !key.hasEscape {
        isNew = !keys.contains { $0.raw.elementsEqual(key.raw) }
      } else {
        if seen.isEmpty { for known in keys { seen.insert(ExactText(known.makeString())) } }
        isNew = seen.insert(ExactText(key.makeString())).inserted
      }
      guard isNew else { throw JSONFault(.duplicateKey(key.makeString()), at: offset) }
      if seen.isEmpty { keys.append(key) }
      try skipValue()
    }
    let inside = bytes(from: start + 1, to: offset - 1)
    guard inside.contains(where: { $0 <= 0x20 }) else { return Array(inside) }
    var compact = ByteBuffer(capacity: inside.count)
    compact.appendCompacted(json: inside)
    return compact.array()
  }
}
