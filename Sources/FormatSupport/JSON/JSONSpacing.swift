import WaybillBytes

/// The white space between the tokens of a line of JSON, where it follows a rule.
public enum JSONSpacing: String, Sendable, CaseIterable {
  /// None at all.
  case none
  /// A space behind each colon and each comma, as Python writes it.
  case spaced
  /// A space behind each colon.
  case colons
  /// A space behind each comma.
  case commas

  /// Appends compact JSON with the white space.
  public func append(compact json: UnsafeRawBufferPointer, to out: inout ByteBuffer) {
    guard self != .none else { return out.append(json) }
    let afterColon = self != .commas
    let afterComma = self != .colons
    var start = 0
    var at = 0
    var isText = false
    while at < json.count {
      let byte = json[at]
      if isText {
        if byte == UInt8(ascii: "\\") { at += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if (byte == UInt8(ascii: ":") && afterColon) || (byte == UInt8(ascii: ",") && afterComma) {
        out.append(UnsafeRawBufferPointer(rebasing: json[start...at]))
        out.append(UInt8(ascii: " "))
        start = at + 1
      }
      at += 1
    }
    if start < json.count { out.append(UnsafeRawBufferPointer(rebasing: json[start...])) }
  }

  /// The rule the first colon and the first comma of a line follow.
  public init(observing line: UnsafeRawBufferPointer) {
    var colon: Bool?
    var comma: Bool?
    var isText = false
    var at = 0
    while at + 1 < line.count, colon == nil || comma == nil {
      let byte = line[at]
      if isText {
        if byte == UInt8(ascii: "\\") { at += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if byte == UInt8(ascii: ":"), colon == nil {
        colon = line[at + 1] == 0x20
      } else if byte == UInt8(ascii: ","), comma == nil {
        comma = line[at + 1] == 0x20
      }
      at += 1
    }
    switch (colon ?? false, comma ?? colon ?? false) {
    case (true, true): self = .spaced
    case (true, false): self = .colons
    case (false, true): self = .commas
    case (false, false): self = .none
    }
  }
}
