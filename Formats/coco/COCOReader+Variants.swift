import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  /// Decodes the image of a sample, wherever it is said what it is; false for one with a fault, which is reported.
  mutating func take(_ offset: Int, _ file: COCOFile, into sample: inout Sample, _ context: ReadContext) -> Bool {
    var source = file
    do throws(JSONFault) {
      if let variant = file.variant, variant.impliesImages {
        try impliedImage(at: offset, file, into: &sample)
      } else if let imageFile = file.variant?.imageFile {
        source = imageFile
        let own = bytes
        bytes = imageFile.mapped.bytes
        defer { bytes = own }
        try image(at: offset, imageFile, into: &sample, context)
      } else {
        try image(at: offset, file, into: &sample, context)
      }
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
