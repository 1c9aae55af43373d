import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How a TextGrid looks beside its values: a layout, and what a file has otherwise.
struct GridForm {
  /// The three layouts that Praat writes.
  enum Layout: String, CaseIterable {
    /// Each value with its name.
    case long
    /// A value a line.
    case short
    /// Tiers first, then all intervals and points by time.
    case chronological
  }

  /// The place of a value.
  enum Slot: Int, CaseIterable {
    case fileType, objectClass, xmin, xmax, tiers, size
    case firstTier, nextTier, name, tierXmin, tierXmax, intervals, points
    case firstInterval, nextInterval, end, text, firstPoint, nextPoint, mark
    case item, start, tail
  }

  /// What stands before a value: bytes, then maybe the number of the tier, interval or point or the tier's name, then bytes.
  struct Filler: Equatable {
    var prefix: [UInt8]
    var suffix: [UInt8] = []
    var hasMark = false

    /// What stands in place of the number.
    static let mark: UInt8 = 1

    /// From bytes with a mark in them, or none.
    init(_ bytes: [UInt8]) {
      prefix = bytes
      guard let at = bytes.firstIndex(of: Filler.mark) else { return }
      prefix = Array(bytes[..<at])
      suffix = Array(bytes[(at + 1)...])
      hasMark = true
    }

    /// From bytes that were found before a value, in which the last occurrence of the number or name is one.
    init(_ bytes: UnsafeRawBufferPointer, around value: UnsafeRawBufferPointer) {
      prefix = Array(bytes)
      guard !value.isEmpty, bytes.count >= value.count else { return }
      for at in stride(from: bytes.count - value.count, through: 0, by: -1)
      where bytes[at..<(at + value.count)].elementsEqual(value) {
        func isDigit(_ place: Int) -> Bool { place >= 0 && place < bytes.count && bytes[place] &- 48 <= 9 }
        if isDigit(at - 1) || isDigit(at + value.count) { continue }
        prefix = Array(bytes[..<at])
        suffix = Array(bytes[(at + value.count)...])
        hasMark = true
        return
      }
    }

    /// The bytes with the mark.
    var bytes: [UInt8] { hasMark ? prefix + [Filler.mark] + suffix : prefix }

    /// Whether bytes are these, with a value for the mark.
    func matches(_ bytes: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
      guard hasMark else { return bytes.count == prefix.count && bytes.elementsEqual(prefix) }
      let end = prefix.count + value.count
      return bytes.count == end + suffix.count && bytes[..<prefix.count].elementsEqual(prefix)
        && bytes[prefix.count..<end].elementsEqual(value) && bytes[end...].elementsEqual(suffix)
    }
  }

  var layout: Layout
  /// What ends a line.
  let lineEnd: String
  /// What stands before each value, by slot.
  private(set) var fillers: [Filler]
  /// The slots that differ from the layout.
  private(set) var changed: [Slot] = []
  /// What stands before single values, by their numbers from 0, where that differs from all others.
  var exceptions: [(number: Int, bytes: [UInt8])] = []
  /// How many values there are, when there are exceptions.
  var valueCount = 0
  /// The first text, where it is not the usual one.
  var fileType: [UInt8]?

  init(_ layout: Layout, lineEnd: String = "\n") {
    self.layout = layout
    self.lineEnd = lineEnd
    fillers = []
    for slot in Slot.allCases {
      var bytes: [UInt8] = []
      for byte in GridForm.usual(slot, layout).utf8 {
        if byte == 0x0A { bytes += Array(lineEnd.utf8) } else { bytes.append(byte) }
      }
      fillers.append(Filler(bytes))
    }
  }

  /// What stands before the values of a slot.
  subscript(slot: Slot) -> Filler { fillers[slot.rawValue] }

  /// Changes what stands before the values of a slot.
  mutating func change(_ slot: Slot, to filler: Filler) {
    fillers[slot.rawValue] = filler
    changed.append(slot)
  }

  /// The slots with a comment in the chronological layout.
  static let commented: [Slot] = [.size, .firstTier, .item]

  private static func usual(_ slot: Slot, _ layout: Layout) -> String {
    switch layout {
    case .long: long(slot)
    case .short:
      switch slot {
      case .fileType: "File type = "
      case .objectClass: "\nObject class = "
      case .xmin: "\n\n"
      default: "\n"
      }
    case .chronological:
      switch slot {
      case .fileType: ""
      case .size: "   ! Time domain.\n"
      case .firstTier: "   ! Number of tiers.\n"
      case .xmax, .name, .tierXmin, .tierXmax, .start, .end: " "
      case .item: "\n\n! \u{1}:\n"
      default: "\n"
      }
    }
  }

  private static func long(_ slot: Slot) -> String {
    switch slot {
    case .fileType: "File type = "
    case .objectClass: "\nObject class = "
    case .xmin: "\n\nxmin = "
    case .xmax: " \nxmax = "
    case .tiers: " \ntiers? "
    case .size: " \nsize = "
    case .firstTier: " \nitem []: \n    item [\u{1}]:\n        class = "
    case .nextTier: " \n    item [\u{1}]:\n        class = "
    case .name: " \n        name = "
    case .tierXmin: " \n        xmin = "
    case .tierXmax: " \n        xmax = "
    case .intervals: " \n        intervals: size = "
    case .points: " \n        points: size = "
    case .firstInterval, .nextInterval: " \n        intervals [\u{1}]:\n            xmin = "
    case .end: " \n            xmax = "
    case .text: " \n            text = "
    case .firstPoint, .nextPoint: " \n        points [\u{1}]:\n            number = "
    case .mark: " \n            mark = "
    case .item, .start: " \n"
    case .tail: " \n"
    }
  }
}

extension GridForm {
  /// Appends what is kept of a form, as members of a JSON object.
  func append(to out: inout PreservedMembersText) {
    if layout != .long { out.add("layout") { $0.appendJSON(layout.rawValue) } }
    if lineEnd != "\n" { out.add("lineEnd") { $0.appendJSON(lineEnd) } }
    if let fileType { out.add("fileType") { $0.appendJSON(String(decoding: fileType, as: UTF8.self)) } }
    if !changed.isEmpty {
      out.add("before") { json in
        for (number, slot) in changed.enumerated() {
          json.append(number == 0 ? "{" : ",")
          json.appendJSON("\(slot)")
          json.append(UInt8(ascii: ":"))
          json.appendJSON(String(decoding: self[slot].bytes, as: UTF8.self))
        }
        json.append("}")
      }
    }
    guard !exceptions.isEmpty else { return }
    out.add("values") { $0.append(decimal: valueCount) }
    out.add("exceptions") { json in
      for (number, exception) in exceptions.enumerated() {
        json.append(number == 0 ? "[[" : ",[")
        json.append(decimal: exception.number)
        json.append(UInt8(ascii: ","))
        json.appendJSON(String(decoding: exception.bytes, as: UTF8.self))
        json.append("]")
      }
      json.append("]")
    }
  }

  /// Takes a member that ``append(to:)`` wrote into account; the layout and the line end have been read before.
  mutating func read(_ key: String, _ json: UnsafeRawBufferPointer) {
    var scanner = JSONScanner(json)
    switch key {
    case "fileType": fileType = (try? scanner.string()).map { Array($0.makeString().utf8) }
    case "values": valueCount = (try? scanner.integer()).flatMap(Int.init(exactly:)) ?? 0
    case "before":
      guard var members = try? scanner.beginObject() else { return }
      while let name = try? scanner.nextKey(&members) {
        guard let slot = Slot.allCases.first(where: { "\($0)" == name.makeString() }), let text = try? scanner.string() else {
          return
        }
        change(slot, to: Filler(Array(text.makeString().utf8)))
      }
    case "exceptions":
      guard var items = try? scanner.beginArray() else { return }
      while (try? scanner.nextElement(&items)) == true {
        guard var pair = try? scanner.beginArray(), (try? scanner.nextElement(&pair)) == true, let number = try? scanner.integer(),
          (try? scanner.nextElement(&pair)) == true, let text = try? scanner.string(), (try? scanner.nextElement(&pair)) == false
        else { return }
        exceptions.append((Int(truncatingIfNeeded: number), Array(text.makeString().utf8)))
      }
    default: break
    }
  }
}

/// Collects members of a JSON object.
struct PreservedMembersText: ~Copyable {
  private var json = ByteBuffer(capacity: 128)

  mutating func add(_ key: StaticString, _ value: (inout ByteBuffer) -> Void) {
    json.append(json.isEmpty ? "\"" : ",\"")
    json.append(key)
    json.append("\":")
    value(&json)
  }

  /// What was collected, for this format.
  var preserved: Preserved { json.isEmpty ? Preserved() : Preserved(TextGridFormat.id, members: json.array()) }
}
