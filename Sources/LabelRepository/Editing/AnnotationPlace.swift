import WaybillBytes
import WaybillDatasetModel

/// What an annotation labels and where: annotations that are equal in this say the same of a sample, whoever made them.
struct AnnotationPlace: Hashable {
  private let label: LabelID?
  private let text: ExactText?
  private let box: Box?
  private let shape: Shape?
  private let span: TextSpan?
  private let time: TimeExtent?
  private let track: TrackID?
  private let link: Link?
  private let keypoints: Keypoints?
  private let reference: String?

  /// The label and the place of an annotation; its text as well where that must be the same.
  init(_ annotation: Annotation, withText: Bool = true) {
    (label, box, shape) = (annotation.label, annotation.box, annotation.shape)
    text = withText ? annotation.text.map(ExactText.init) : nil
    (span, time, track) = (annotation.span, annotation.time, annotation.track)
    (link, keypoints, reference) = (annotation.link, annotation.keypoints, annotation.reference)
  }
}
