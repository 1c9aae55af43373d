import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Augmented manifests of Amazon SageMaker Ground Truth: one JSON object a line, labels beside their metadata.
public enum GroundTruthFormat: Format {
  static let id: FormatID = "groundtruth"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id, name: "SageMaker Ground Truth manifest",
    summary: "Augmented manifests of Amazon SageMaker Ground Truth: classes, boxes, masks, entities and frames of videos",
    fileExtensions: [".manifest", ".jsonl", ".json"], reads: abilities, writes: abilities,
    readOptions: [
      FormatOption("attribute", "The one label attribute that is read; all others are kept as they are", defaultValue: "")
    ],
    writeOptions: [
      FormatOption("attribute", "The name of the label attribute, where the samples do not bring one", defaultValue: ""),
      FormatOption("name", "The manifest of a folder is NAME.manifest", defaultValue: "output"),
    ],
    rules: rules,
    links: [
      "https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html",
      "https://docs.aws.amazon.com/sagemaker/latest/dg/sms-input-data-input-manifest.html",
    ])

  private static let abilities: FeatureSet = [
    .image, .textMedia, .video, .imageSize, .imageChannels, .frameNumber, .sampleID, .sampleAttributes, .samplePreserved,
    .classification, .label, .box, .polygon, .polyline, .point, .mask, .span, .track, .reference, .author, .createdAt, .confidence,
    .attributes, .preserved, .labelID, .datasetPreserved,
  ]

  /// A reader over a manifest, over a folder that holds one, or over a file of frames.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    GroundTruthReader(input, options)
  }

  /// A writer.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter {
    try GroundTruthWriter(options)
  }
}
