import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  /// Decodes the image of a sample, wherever it is said what it is; nil for one with a fault, which is reported.
  mutating func sample(at offset: Int, _ file: COCOFile, _ context: ReadContext) -> Sample? {
    var source = file
    do throws(JSONFault) {
      guard let variant = file.variant else { return try image(at: offset, file, context) }
      if variant.impliesImages { return try impliedImage(at: offset, file) }
      guard let imageFile = variant.imageFile else { return try image(at: offset, file, context) }
      source = imageFile
      let own = bytes
      bytes = imageFile.mapped.bytes
      defer { bytes = own }
      return try image(at: offset, imageFile, context)
    } catch {
      context.diagnostics.report(error.diagnostic(in: source.id))
      return nil
    }
  }

  /// The image that the record at an offset names, of which nothing else is known.
  private func impliedImage(at start: Int, _ file: COCOFile) throws(JSONFault) -> Sample {
    var scanner = JSONScanner(bytes, from: start)
    var sample = Sample(key: "", media: Media(.image))
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      if key == "image_id" { sample.id = try scanner.recordID() } else { try scanner.skipValueStructurally() }
    }
    sample.key = sample.id?.plainText ?? ""
    sample.source = file.range(start, scanner.offset)
    return sample
  }
}
