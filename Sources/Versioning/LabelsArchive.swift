import WaybillConversion
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles
import WaybillFormatSupport
import WaybillObjectStore

/// Writes the archive with the labels of a version: the native manifest, the media table and every format that was asked for.
final class LabelsArchive {
  static let headerName = "dataset.json"

  private let publication: Publication
  private let version: VersionName
  private let manifest: CanonicalManifest
  private let media: MediaTableBuilder?
  private let scratch: ScratchFolder
  /// The formats that were written, with their folders.
  private(set) var renderings: [VersionRecord.Rendering] = []

  init(
    publication: Publication, version: VersionName, manifest: CanonicalManifest, media: MediaTableBuilder?, scratch: ScratchFolder
  ) {
    self.publication = publication
    self.version = version
    self.manifest = manifest
    self.media = media
    self.scratch = scratch
  }

  /// A format as the record spells it: its name with its options in the order of their names.
  static func spelling(_ choice: FormatChoice) -> String {
    let options = choice.options.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value)" }
    return choice.format.descriptor.id.name + (options.isEmpty ? "" : ":" + options.joined(separator: ","))
  }

  /// Writes the archive and makes it an object; into the archive that holds the media already, where everything goes into one.
  func write(into whole: VersionArchive?) throws(DatasetError) -> VersionRecord.Object {
    let archive: VersionArchive
    if let whole {
      archive = whole
    } else {
      archive = try VersionArchive(publication.store, publication.layout, version, role: .labels)
    }
    do throws(DatasetError) {
      try fill(archive.zip)
      return try archive.commit()
    } catch {
      archive.abort()
      throw error
    }
  }

  private func fill(_ zip: ZipWriter) throws(DatasetError) {
    try zip.add(LabelsArchive.headerName, manifest.headerLine)
    try zip.beginEntry(CanonicalManifest.name, .stored(size: manifest.size, crc32: manifest.crc))
    try manifest.forEachPiece { piece throws(DatasetError) in
      try InterruptFlag.check()
      try zip.append(piece)
    }
    try zip.endEntry()
    if let media { try zip.add(MediaTable.name, media.mapped.bytes, crc32: media.crc) }
    for choice in publication.request.renderings { try render(choice, zip) }
  }

  /// Writes the labels in another format into a folder of the archive.
  private func render(_ choice: FormatChoice, _ zip: ZipWriter) throws(DatasetError) {
    let id = choice.format.descriptor.id.name
    // ModelArts has the manifest in a folder of the version's name, and the annotation files below it.
    let folder = id == "modelarts" ? version.text : id
    guard !renderings.contains(where: { $0.folder == folder }) else {
      throw DatasetError(.usage, "--as names the format \(id) twice")
    }
    var target = choice
    if id == "modelarts", !choice.options.contains(where: { $0.name == "name" }) { target.options.append(("name", version.text)) }
    var request = ConversionRequest(
      input: try manifest.sortedFile(), output: scratch.file("\(id).zip"), to: target,
      from: try publication.registry.parse("waybill"))
    request.jobs = publication.request.source.jobs
    request.allowLoss = publication.request.source.allowLoss
    request.approximations = publication.request.source.approximations
    // Sizes of pictures may have to be looked up, where the source has them.
    request.mediaRoot = publication.request.source.mediaRoot
    request.urlMap = publication.request.source.urlMap
    do throws(Conversion.Failure) {
      _ = try Conversion(request, registry: publication.registry).run()
    } catch {
      var failure = error.error
      failure.message = "--as \(LabelsArchive.spelling(choice)): \(failure.message)"
      throw failure
    }
    try append(scratch.file("\(id).zip"), below: folder, to: zip)
    renderings.append(VersionRecord.Rendering(format: LabelsArchive.spelling(choice), folder: folder))
  }

  /// Appends the files of an archive below a folder.
  private func append(_ path: String, below folder: String, to zip: ZipWriter) throws(DatasetError) {
    let archive = try ZipArchive(try MappedFile(path: path))
    for entry in archive where entry.kind == .file {
      let content = try entry.uncheckedContents()
      // The writer compares the checksum.
      try withExtendedLifetime(content) { () throws(DatasetError) in
        _ = try zip.add("\(folder)/\(entry.name)", content.bytes, crc32: entry.crc32)
      }
    }
  }
}
