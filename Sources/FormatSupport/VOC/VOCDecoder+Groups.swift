import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

extension VOCDecoder {
  /// Reads `source`: the database, and all else as it stands.
  mutating func readSource(_ element: Int) {
    var isPlain = false
    var child = tree.firstChild(element)
    var tokens: [VOCToken] = []
    while child >= 0 {
      if tree.isNamed(child, "database"), document.database == nil {
        let value = tree.value(child)
        document.database = String(decoding: value, as: UTF8.self)
        let isExact = value.count == tree.text(child).count
        isPlain = tree.next(child) < 0 && tokens.isEmpty && isExact && !tree.hasAttributes(child)
        if tree.firstChild(child) >= 0 { nested(child) }
        if !isPlain { tokens.append(self.element(child, text: isExact ? nil : tree.text(child))) }
      } else {
        isPlain = false
        tokens.append(tree.token(child))
      }
      child = tree.next(child)
    }
    if tree.hasStrayText(element) { stray(element) }
    if !isPlain { addMember("source", tokens: tokens) }
  }

  /// Reads `size`: zero means that nothing is known.
  mutating func readSize(_ element: Int) {
    var tokens: [VOCToken] = []
    var isPlain = true
    var position = -1
    var seen = 0
    var child = tree.firstChild(element)
    if child < 0 { isPlain = false }
    while child >= 0 {
      let which = tree.isNamed(child, "width") ? 0 : tree.isNamed(child, "height") ? 1 : tree.isNamed(child, "depth") ? 2 : 3
      if which == 3 {
        isPlain = false
        tokens.append(tree.token(child))
      } else {
        guard seen & 1 << which == 0 else {
          // It is left out with its error, and must not come back in what is written.
          duplicate(child, of: element)
          isPlain = false
          child = tree.next(child)
          continue
        }
        seen |= 1 << which
        if which < position || tree.hasAttributes(child) { isPlain = false }
        position = which
        let spelling = readPixels(child, which)
        if spelling != .canonical { isPlain = false }
        // What is no number is left out with its error, and must not come back in what is written.
        if spelling != .invalid { tokens.append(self.element(child, text: spelling == .canonical ? nil : tree.text(child))) }
      }
      child = tree.next(child)
    }
    if tree.hasStrayText(element) { stray(element) }
    if dialect.fillsFlags, seen & 4 == 0 { isPlain = false }
    if !isPlain { addMember("size", tokens: tokens) }
  }

  /// How a length is spelled: as it is written, in a way that must be kept, or not at all.
  private enum LengthSpelling { case canonical, own, invalid }

  private mutating func readPixels(_ element: Int, _ which: Int) -> LengthSpelling {
    let text = tree.trimmed(element)
    guard let value = VOCSpelled.pixels(text) else {
      report(
        .error, "voc.size.number", "The element \"\(shown(element))\" is a whole number of pixels, not \"\(shownText(element))\"",
        element)
      return .invalid
    }
    guard value > 0 else {
      report(
        .warning, "voc.size.zero", "The element \"\(shown(element))\" is 0, which says nothing about the image", element)
      return .own
    }
    switch which {
    case 0: document.width = value
    case 1: document.height = value
    default: document.depth = value
    }
    var scratch = ByteBuffer(capacity: 32)
    return VOCSpelled.isCanonical(tree.text(element), Double(value), &scratch) ? .canonical : .own
  }
}
