import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Manifests of Huawei ModelArts data management: one JSON object a line, boxes in Pascal VOC files beside it.
public enum ModelArtsFormat: Format {
  static let id: FormatID = "modelarts"

  /// What the format is and can do.
  public static let descriptor = FormatDescriptor(
    id: id, name: "ModelArts manifest",
    summary: "Manifests of Huawei ModelArts: one JSON object a line for pictures, texts, recordings, video frames and tables",
    fileExtensions: [".manifest"], reads: abilities.union([.samplePreserved, .preserved, .datasetPreserved]),
    writes: abilities.union([.samplePreserved, .preserved, .datasetPreserved]),
    sections: [id, VOCCodec.section],
    readOptions: [
      FormatOption(
        "offsets", "What the offsets of entities count: characters, or UTF-16 units", choices: ["scalars", "utf16"],
        defaultValue: "scalars"),
      FormatOption(
        "search", "Whether label files named by a URL are looked for below the manifest's folder", choices: ["yes", "no"],
        defaultValue: "yes"),
    ],
    writeOptions: [
      FormatOption(
        "profile", "Whose order of keys is followed; auto is that of the file the samples came from, else the service's",
        choices: ["auto", "service", "sdk"], defaultValue: "auto"),
      FormatOption("name", "Name of the version: the manifest of a folder is NAME.manifest", defaultValue: "V001"),
      FormatOption("source-prefix", "Put before relative places of media, such as s3://bucket/in/", defaultValue: ""),
      FormatOption(
        "type", "The type of labels with a place in the picture; auto keeps what was read",
        choices: ["auto", "object_detection", "image_segmentation"], defaultValue: "auto"),
      FormatOption(
        "coordinates", "Whether coordinates are rounded to whole pixels, as the service's kit demands",
        choices: ["exact", "integer"],
        defaultValue: "exact"),
      FormatOption(
        "flags", "Whether new objects get truncated, difficult and occluded as 0 when they are not given",
        choices: ["given", "all"],
        defaultValue: "given"),
      FormatOption(
        "offsets", "What the offsets of entities count; auto as in the file the samples came from, else characters",
        choices: ["auto", "scalars", "utf16"], defaultValue: "auto"),
    ],
    rules: rules,
    links: [
      "https://support.huaweicloud.com/intl/en-us/dataprepare-modelarts/dataprepare-modelarts-0015.html",
      "https://github.com/huaweicloud/modelarts-dataset-sdk",
    ])

  private static let abilities: FeatureSet = [
    .image, .textMedia, .audio, .video, .table, .file, .imageSize, .imageChannels, .videoFrame, .sampleID, .split, .hardExample,
    .classification,
    .label, .caption, .text, .box, .rotatedBox, .polygon, .polyline, .dashedLine, .circle, .point, .mask, .span, .interval, .link,
    .reference,
    .id, .author, .createdAt, .confidence, .hard, .difficult, .truncated, .occluded, .part, .attributes,
  ]

  /// A reader over a manifest, or over a folder that holds one.
  public static func makeReader(_ input: DatasetInput, _ options: FormatOptions) throws(DatasetError) -> any FormatReader {
    ModelArtsReader(input, options)
  }

  /// A writer.
  public static func makeWriter(_ options: FormatOptions) throws(DatasetError) -> any FormatWriter { ModelArtsWriter(options) }
}
