import Foundation
import Testing

@testable import WaybillSyntax

/// A VOC annotation as the tools write it, with one object.
let smallVOC = """
  <annotation>
  \t<folder>images</folder>
  \t<filename>a &amp; b.jpg</filename>
  \t<size>
  \t\t<width>500</width>
  \t\t<height>375</height>
  \t\t<depth>3</depth>
  \t</size>
  \t<object id="1">
  \t\t<name>ñandú</name>
  \t\t<bndbox>
  \t\t\t<xmin>8.5</xmin>
  \t\t</bndbox>
  \t</object>
  </annotation>
  """

extension XMLReader {
  func parse(_ text: String) throws(XMLFault) { try parse(Array(text.utf8)) }

  /// The fault a document meets, or nil.
  func fault(_ bytes: [UInt8]) -> XMLFault? {
    do throws(XMLFault) {
      try parse(bytes)
      return nil
    } catch {
      return error
    }
  }

  /// The tree in one line: `name[attr=value,...](text|child text|...)`.
  func outline(of element: Int = 0) -> String {
    var result = String(decoding: name(of: element), as: UTF8.self)
    let pairs = self[element].attributes.map { index in
      let pair = attribute(index)
      return "\(String(decoding: pair.name, as: UTF8.self))=\(String(decoding: pair.value, as: UTF8.self))"
    }
    if !pairs.isEmpty { result += "[" + pairs.joined(separator: ",") + "]" }
    result += "(" + String(decoding: text(of: element), as: UTF8.self)
    for child in children(of: element) { result += outline(of: child) + String(decoding: tail(of: child), as: UTF8.self) }
    return result + ")"
  }

  func xml(of element: Int = 0, layout: XMLLayout = .asRead) -> String {
    var output: [UInt8] = []
    appendXML(of: element, to: &output, layout: layout)
    return String(decoding: output, as: UTF8.self)
  }

  /// Checks what must hold of any tree: links, document order, ranges inside the arena, offsets at a `<`.
  func checkInvariants(source: [UInt8]? = nil) {
    var previous = -1
    for index in 0..<count {
      let element = self[index]
      #expect(element.offset > previous)
      previous = element.offset
      if let source {
        #expect(
          source[element.offset] == 0x3C
            && Array(name(of: index)) == Array(source[(element.offset + 1)...].prefix(element.name.count)))
      }
      #expect(element.line >= 1)
      #expect(index == 0 ? element.parent == XMLElement.none : (0..<index).contains(element.parent))
      #expect(index == 0 || Array(children(of: element.parent)).contains(index))
      for range in [element.name, element.text, element.tail] { #expect(range.upperBound <= tree.byteCount) }
      #expect(element.attributes.upperBound <= tree.attributeCount)
    }
  }
}

extension String {
  func encodedUTF16(bigEndian: Bool, mark: Bool = true) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(utf16)).flatMap { unit in
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
      return bigEndian ? [high, low] : [low, high]
    }
  }
}

/// The XML files of the collected real datasets, when they lie beside the package.
func corpusFiles(_ folders: [String]) -> [URL] {
  let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(
    path: "../../../../shared/corpus"
  ).standardized
  return folders.flatMap { folder -> [URL] in
    let walk = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
    return (walk?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "xml" }
  }
  .sorted { $0.path < $1.path }
}
