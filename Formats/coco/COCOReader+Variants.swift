import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  /// Decodes the image of a sample, wherever it is said what it is; false for one with a fault, which is reported.
  @inline(__always)
  mutating func take(_ offset: Int, _ file: COCOFile, into sample: inout Sample, _ context: ReadContext) -> Bool {
    do throws(JSONFault) {
      if let variant = file.variant {
        if let source = variant.imageFile { return joinedImage(at: offset, source, into: &sample, context) }
        if variant.impliesImages {
          try impliedImage(at: offset, file, into: &sample)
          return true
        }
      }
      try image(at: offset, file, into: &sample, context)
      return true
    } catch {
      context.diagnostics.report(error.diagnostic(in: file.id))
      return false
    }
  }

  /// The image at an offset of another file than the one whose annotations are decoded.
  private mutating func joinedImage(
    at offset: Int, _ source: COCOFile, into sample: inout Sample, _ context: ReadContext
  ) -> Bool {
    let own = bytes
    bytes = source.mapped.bytes
    defer { bytes = own }
    do throws(JSONFault) {
      try image(at: offset, source, into: &sample, context)
      return true
    } catch {
      context.diagnostics.report(error.diagnostic(in: source.id))
      return false
    }
  }

  /// The image that the record at an offset names, of which nothing else is known.
  private func impliedImage(at start: Int, _ file: COCOFile, into sample: inout Sample) throws(JSONFault) {
    var scanner = JSONScanner(bytes, from: start)
    sample.media.kind = .image
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      if key == "image_id" { sample.id = try scanner.recordID() } else { try scanner.skipValueStructurally() }
    }
    sample.key = sample.id?.plainText ?? ""
    sample.source = file.range(start, scanner.offset)
  }
}
