import WaybillBytes

extension YAMLReader {
  /// `[a, b]` or `{a: b}`, over several lines if need be.
  mutating func flow() throws(YAMLFault) -> YAMLNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw YAMLFault(.tooDeep, at: at) }
    let start = at
    let isMapping = byte() == UInt8(ascii: "{")
    let close = isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]")
    at += 1
    var items: [YAMLNode] = []
    var members: [YAMLNode.Member] = []
    var keys: Set<ExactText> = []
    while true {
      try skipFlowSpace(start)
      if byte() == close { break }
      let place = at
      let item = try flowValue(start)
      try skipFlowSpace(start)
      if isMapping {
        guard case .scalar(let key, _) = item.content else { throw YAMLFault(.unsupported("A key that is no text is"), at: place) }
        guard keys.insert(ExactText(key)).inserted else { throw YAMLFault(.duplicateKey(key), at: place) }
        var value = YAMLNode(.scalar("", isPlain: true), at: at..<at)
        if byte() == UInt8(ascii: ":") {
          at += 1
          try skipFlowSpace(start)
          if byte() != UInt8(ascii: ","), byte() != close { value = try flowValue(start) }
        }
        members.append(.init(key: key, keyRange: item.range, value: value))
        try skipFlowSpace(start)
      } else {
        if byte() == UInt8(ascii: ":") { throw YAMLFault(.unsupported("A pair inside a list is"), at: at) }
        items.append(item)
      }
      if byte() == UInt8(ascii: ",") {
        at += 1
      } else if byte() != close {
        throw YAMLFault(.expected("a comma or a closing bracket"), at: at)
      }
    }
    at += 1
    return YAMLNode(isMapping ? .mapping(members) : .sequence(items), at: start..<at)
  }

  private mutating func flowValue(_ opening: Int) throws(YAMLFault) -> YAMLNode {
    let start = at
    switch byte() {
    case UInt8(ascii: "["), UInt8(ascii: "{"): return try flow()
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let text = try quoted()
      return YAMLNode(.scalar(text, isPlain: false), at: start..<at)
    case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): throw YAMLFault(.expected("a value"), at: at)
    default: break
    }
    try refuseMarks()
    var end = at
    while at < bytes.count {
      let value = byte()
      if value == 0x0A || value == 0x0D || [0x2C, 0x5B, 0x5D, 0x7B, 0x7D].contains(value) { break }
      if value == UInt8(ascii: ":"), isBreak(1) || [0x2C, 0x5B, 0x5D, 0x7B, 0x7D].contains(byte(1)) { break }
      if value == UInt8(ascii: "#"), at > start, isBreak(-1) { break }
      at += 1
      if value != 0x20 && value != 0x09 { end = at }
    }
    guard end > start else { throw YAMLFault(isAtEnd ? .unclosed : .expected("a value"), at: isAtEnd ? opening : at) }
    return YAMLNode(.scalar(String(decoding: bytes[start..<end], as: UTF8.self), isPlain: true), at: start..<end)
  }

  /// Passes white space, line ends and comments inside brackets.
  private mutating func skipFlowSpace(_ opening: Int) throws(YAMLFault) {
    while at < bytes.count {
      if isBreak(0) {
        at += 1
      } else if byte() == UInt8(ascii: "#"), isBreak(-1) {
        skipLine()
      } else {
        return
      }
    }
    throw YAMLFault(.unclosed, at: opening)
  }
}
