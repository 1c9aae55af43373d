import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillMediaProbe

/// Chooses the labeled pictures that stand for a dataset: those whose keys have the smallest hashes.
///
/// Pictures that were found, and are small enough to be carried along, go before those of which only a frame can be shown.
struct ExampleCandidates {
  /// Bytes of one picture, and of all together.
  private static let pictureLimit = 1 << 20
  private static let totalLimit = 4 << 20

  let limit: Int
  private var candidates: [(hash: UInt64, position: Int)] = []

  init(limit: Int) { self.limit = limit }

  /// Offers pictures.
  mutating func add(_ more: [(hash: UInt64, position: Int)]) {
    guard limit > 0 else { return }
    candidates += more
    guard candidates.count > limit * 40 else { return }
    cut()
  }

  private mutating func cut() {
    candidates.sort { ($0.hash, $0.position) < ($1.hash, $1.position) }
    if candidates.count > limit * 4 { candidates.removeLast(candidates.count - limit * 4) }
  }

  /// The pictures, in the order of the dataset.
  mutating func examples(of dataset: Dataset, _ media: MediaResolver) throws(DatasetError) -> [PictureExample] {
    cut()
    var chosen: [(position: Int, example: PictureExample)] = []
    var frames: [(position: Int, example: PictureExample)] = []
    var total = 0
    for candidate in candidates where chosen.count < limit {
      guard let sample = try dataset.sample(at: candidate.position, dataset.makeContext()) else { continue }
      let path = sample.media.location.flatMap { media.path(of: $0) }
      var header: ImageHeader?
      if let path, case .success(let found) = media.files.imageHeader(of: path) { header = found }
      guard let width = sample.media.width ?? header?.width, let height = sample.media.height ?? header?.height, width > 0,
        height > 0
      else { continue }
      var example = PictureExample(sample: sample, width: width, height: height)
      if let path, let header, let kind = PictureExample.Kind(rawValue: header.format.rawValue),
        let file = try? media.files.map(path),
        file.bytes.count <= min(ExampleCandidates.pictureLimit, ExampleCandidates.totalLimit - total)
      {
        example.picture = (kind, withExtendedLifetime(file) { Array(file.bytes) })
        total += file.bytes.count
        chosen.append((candidate.position, example))
      } else {
        frames.append((candidate.position, example))
      }
    }
    chosen += frames.prefix(max(0, limit - chosen.count))
    return chosen.sorted { $0.position < $1.position }.map { $0.example }
  }
}
