import Foundation
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// What a document says when decoded, and what was reported.
struct DecodedVOC {
  var document: VOCDocument?
  var diagnostics: DiagnosticList
  var labels: LabelCache

  var rules: [String] { diagnostics.items.map(\.rule) }
  var annotations: [Annotation] { document?.annotations ?? [] }
  func name(_ index: Int) -> String? { annotations[index].label.flatMap { labels.label($0)?.name } }
}

func decodeVOC(
  _ xml: String, dialect: VOCDialect = VOCDialect(allowsExtendedShapes: true), labels: LabelCache = LabelCache(LabelTable())
) throws -> DecodedVOC {
  try decodeVOC(Array(xml.utf8), dialect: dialect, labels: labels)
}

func decodeVOC(
  _ xml: [UInt8], dialect: VOCDialect = VOCDialect(allowsExtendedShapes: true), labels: LabelCache = LabelCache(LabelTable())
) throws -> DecodedVOC {
  let reader = XMLReader()
  try reader.parse(xml)
  var diagnostics = DiagnosticList()
  let document = VOCCodec.decode(reader, in: FileID(index: 0), labels: labels, dialect: dialect, diagnostics: &diagnostics)
  return DecodedVOC(document: document, diagnostics: diagnostics, labels: labels)
}

func encodeVOC(
  _ document: VOCDocument, labels: LabelCache, dialect: VOCDialect = VOCDialect(allowsExtendedShapes: true)
) -> (text: String, diagnostics: DiagnosticList) {
  var out = ByteBuffer()
  var diagnostics = DiagnosticList()
  VOCCodec.encode(document, labels: labels, dialect: dialect, into: &out, diagnostics: &diagnostics)
  return (out.string(), diagnostics)
}

/// A document in the shape in which two spellings of the same elements are equal: names, attributes and texts in order.
func infoset(_ xml: [UInt8]) throws -> [String] {
  let reader = XMLReader()
  try reader.parse(xml)
  var lines: [String] = []
  for index in 0..<reader.count {
    let element = reader[index]
    var depth = 0
    var parent = element.parent
    while parent >= 0 {
      depth += 1
      parent = reader[parent].parent
    }
    var line = String(repeating: " ", count: depth) + String(decoding: reader.name(of: index), as: UTF8.self)
    for attribute in element.attributes {
      let (name, value) = reader.attribute(attribute)
      line += " \(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))"
    }
    let text = String(decoding: reader.text(of: index), as: UTF8.self)
    lines.append(line + (element.firstChild >= 0 ? "" : ":" + text))
  }
  return lines
}

/// The folder of real files beside the package; nil where it is not there.
let corpus: String? = {
  var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
  for _ in 0..<8 {
    folder.deleteLastPathComponent()
    let candidate = folder.appendingPathComponent("shared/corpus").path
    if FileManager.default.fileExists(atPath: candidate) { return candidate }
  }
  return nil
}()

/// An object with a body, in a document of 100 by 50 pixels.
func document(_ objects: String...) -> String {
  "<annotation>\n\t<filename>a.jpg</filename>\n\t<size>\n\t\t<width>100</width>\n\t\t<height>50</height>\n\t\t<depth>3</depth>\n\t</size>\n"
    + objects.joined() + "</annotation>\n"
}

/// A minimal box.
let box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
