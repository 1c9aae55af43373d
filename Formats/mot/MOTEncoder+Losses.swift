import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// What rows cannot say: those of a place in the world have no class, and one file of rows has nothing beside it.
extension MOTEncoder {
  func account(for sample: Sample, _ context: EncodeContext) {
    let at = settings.sequence(ofFolder: FileName.folder(of: sample.key), split: sample.split)
    let layout = at.map { settings.sequences[$0] }
    let classes = settings.numbers[at ?? settings.sequences.count]
    accountSample(sample, layout, context)
    for annotation in sample.annotations { account(annotation, layout, classes, context) }
  }

  /// Notes what one file of rows does not hold of a sample.
  func accountSample(_ sample: Sample, _ layout: MOTSequenceLayout?, _ context: EncodeContext) {
    guard isFile else { return }
    let beside = layout.flatMap { $0.isBeside ? $0 : nil }
    // A picture is there by its rows, or by a seqinfo.ini that stays where it was.
    if sample.annotations.isEmpty, beside?.length.map({ (sample.media.frame?.number ?? .max) <= $0 }) != true {
      context.losses.append(EncodingLoss(.image, isApproximated: false))
    }
    let isSized = beside.map { ($0.width, $0.height) == (sample.media.width, sample.media.height) } ?? false
    if sample.media.width != nil, !isSized { context.losses.append(EncodingLoss(.imageSize, isApproximated: false)) }
    if sample.split != nil { context.losses.append(EncodingLoss(.split, isApproximated: false)) }
  }

  /// Notes what a row does not hold of an annotation.
  func account(_ annotation: Annotation, _ layout: MOTSequenceLayout?, _ classes: [Int], _ context: EncodeContext) {
    let style = layout?.style ?? MOTStyle()
    guard isFile || style.tail == .world else { return }
    let number = annotation.label.flatMap { Int($0.index) < classes.count ? classes[Int($0.index)] : nil } ?? -1
    if number >= 0 {
      let name = annotation.label.flatMap { context.labels.label($0)?.name }
      let isTold = style.tail == .classes && (!isFile || name == MOTClasses.name(number))
      // The number a file had comes back, and the list beside the file still names it.
      let isKept = style.tail == .classes && layout?.isBeside == true && name == layout?.name(ofClass: number)
      if !isTold && !isKept { context.losses.append(EncodingLoss(.label, isApproximated: false)) }
    }
    guard isFile else { return }
    switch annotation.track {
    case nil: break
    case .integer(let id)? where MOTRow.holds(track: id): break
    default: context.losses.append(EncodingLoss(.track, isApproximated: true))
    }
    guard annotation.hasRareAnswers, !annotation.attributes.isEmpty else { return }
    if !MOTColumns(annotation, style, label: number).others.isEmpty {
      context.losses.append(EncodingLoss(.attributes, isApproximated: false))
    }
  }
}
