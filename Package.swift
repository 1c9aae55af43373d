// swift-tools-version: 6.1
import PackageDescription

/// The formats, by folder under `Formats/`.
///
/// Adding one is adding a line here and a line in `AllFormats.swift`.
let formats: [(folder: String, module: String)] = [
  ("audacity", "WaybillAudacity"),
  ("coco", "WaybillCOCO"),
  ("conll", "WaybillCoNLL"),
  ("conllu", "WaybillCoNLLU"),
  ("groundtruth", "WaybillGroundTruth"),
  ("jsonl-text", "WaybillJSONLText"),
  ("media-folder", "WaybillMediaFolder"),
  ("modelarts", "WaybillModelArts"),
  ("mot", "WaybillMOT"),
  ("pascal-voc", "WaybillPascalVOC"),
  ("rttm", "WaybillRTTM"),
  ("segments", "WaybillSegments"),
  ("srt", "WaybillSRT"),
  ("text-classification", "WaybillTextClassification"),
  ("textgrid", "WaybillTextGrid"),
  ("waybill", "WaybillNative"),
  ("webvtt", "WaybillWebVTT"),
  ("yolo", "WaybillYOLO"),
]

/// What every format may use.
///
/// Formats never import one another.
let formatRooms: [Target.Dependency] = [
  "WaybillBytes", "WaybillDiagnostics", "WaybillSyntax", "WaybillFiles", "WaybillPNG", "WaybillDatasetModel",
  "WaybillFormatSupport",
]

let package = Package(
  name: "Waybill",
  products: [
    .library(name: "Waybill", targets: ["Waybill"]),
    .executable(name: "waybill", targets: ["WaybillTool"]),
  ],
  targets: [
    // C ring: each is imported by exactly one target.
    .systemLibrary(name: "CWaybillXML2", path: "Sources/CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CWaybillMachine", path: "Sources/CMachine"),
    .systemLibrary(name: "CWaybillLibPNG", path: "Sources/CLibPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CWaybillCrypto", path: "Sources/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CWaybillDeflate", path: "Sources/CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CWaybillZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CWaybillZip", path: "Sources/CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    // Loads the library when it is needed, so only its headers take part in the build.
    .target(name: "CWaybillCurl", path: "Sources/CCurl"),
    .target(name: "CWaybillPNG", dependencies: ["CWaybillLibPNG"], path: "Sources/CPNG"),

    // Base and foundation.
    .target(name: "WaybillBytes", dependencies: ["CWaybillMachine"], path: "Sources/Bytes"),
    .target(name: "WaybillLocks", path: "Sources/Locks"),
    .target(name: "WaybillDiagnostics", dependencies: ["WaybillLocks"], path: "Sources/Diagnostics"),
    .target(
      name: "WaybillSyntax", dependencies: ["WaybillBytes", "WaybillDiagnostics", "CWaybillXML2"], path: "Sources/Syntax"),
    .target(
      name: "WaybillFiles",
      dependencies: ["WaybillBytes", "WaybillDiagnostics", "WaybillLocks", "CWaybillDeflate", "CWaybillZip", "CWaybillZlib"],
      path: "Sources/Files"),
    .target(name: "WaybillDigests", dependencies: ["CWaybillCrypto"], path: "Sources/Digests"),
    .target(name: "WaybillPNG", dependencies: ["CWaybillPNG"], path: "Sources/PNG"),

    // Model and support.
    .target(
      name: "WaybillDatasetModel", dependencies: ["WaybillBytes", "WaybillDiagnostics", "WaybillLocks"],
      path: "Sources/DatasetModel"),
    .target(
      name: "WaybillObjectStore", dependencies: ["WaybillDiagnostics", "WaybillFiles", "WaybillLocks"],
      path: "Sources/ObjectStore"),
    .target(name: "WaybillMediaProbe", dependencies: ["WaybillBytes"], path: "Sources/MediaProbe"),
    .target(
      name: "WaybillDiskStore", dependencies: ["WaybillObjectStore", "WaybillDiagnostics", "WaybillFiles", "WaybillLocks"],
      path: "Sources/DiskStore"),
    .target(
      name: "WaybillS3Store",
      dependencies: [
        "WaybillObjectStore", "WaybillBytes", "WaybillDiagnostics", "WaybillDigests", "WaybillFiles", "WaybillLocks",
        "WaybillSyntax", "CWaybillCurl",
      ],
      path: "Sources/S3Store"),
    .target(
      name: "WaybillAllStores",
      dependencies: ["WaybillObjectStore", "WaybillDiagnostics", "WaybillDiskStore", "WaybillS3Store"],
      path: "Sources/AllStores"),
    .target(
      name: "WaybillFormatSupport",
      dependencies: [
        "WaybillBytes", "WaybillDiagnostics", "WaybillSyntax", "WaybillFiles", "WaybillPNG", "WaybillDatasetModel",
        "WaybillMediaProbe",
      ],
      path: "Sources/FormatSupport"),
  ]
    // One module per format.
    + formats.map { format in
      .target(
        name: format.module, dependencies: formatRooms, path: "Formats/\(format.folder)", exclude: ["README.md"])
    }
    + [
      // The whole program.
      .target(
        name: "WaybillAllFormats",
        dependencies: ["WaybillFormatSupport"] + formats.map { .byName(name: $0.module) },
        path: "Sources/AllFormats"),
      .target(
        name: "WaybillSampleFilter",
        dependencies: ["WaybillBytes", "WaybillDiagnostics", "WaybillDatasetModel", "WaybillFormatSupport"],
        path: "Sources/SampleFilter"),
      .target(
        name: "WaybillConversion", dependencies: formatRooms + ["WaybillMediaProbe", "WaybillLocks", "WaybillSampleFilter"],
        path: "Sources/Conversion"),
      .target(
        name: "WaybillComparison", dependencies: formatRooms + ["WaybillConversion", "WaybillSampleFilter"],
        path: "Sources/Comparison"),
      .target(
        name: "WaybillVersioning",
        dependencies: formatRooms + [
          "WaybillConversion", "WaybillComparison", "WaybillObjectStore", "WaybillDigests", "WaybillLocks",
        ],
        path: "Sources/Versioning"),
      .target(
        name: "WaybillLabelRepository",
        dependencies: formatRooms + [
          "WaybillNative", "WaybillConversion", "WaybillComparison", "WaybillLocks", "WaybillSampleFilter",
        ],
        path: "Sources/LabelRepository"),
      .target(
        name: "Waybill",
        dependencies: [
          "WaybillBytes", "WaybillDiagnostics", "WaybillDatasetModel", "WaybillFormatSupport", "WaybillAllFormats",
          "WaybillConversion", "WaybillComparison", "WaybillSampleFilter", "WaybillVersioning", "WaybillObjectStore",
          "WaybillAllStores", "WaybillLabelRepository",
        ],
        path: "Sources/Waybill"),
      .target(
        name: "WaybillCommands",
        dependencies: formatRooms + [
          "WaybillConversion", "WaybillComparison", "WaybillAllFormats", "WaybillVersioning", "WaybillObjectStore",
          "WaybillAllStores", "WaybillS3Store", "WaybillDigests", "WaybillSampleFilter", "WaybillLabelRepository", "WaybillNative",
        ],
        path: "Sources/WaybillCommands"),
      .executableTarget(name: "WaybillTool", dependencies: ["WaybillCommands"], path: "Sources/WaybillTool"),

      // Tests: one target mirrors each room, one asks the same of every format.
      .target(name: "TestSupport", dependencies: ["WaybillDatasetModel"], path: "Tests/TestSupport"),
      .testTarget(name: "BytesTests", dependencies: ["WaybillBytes", "TestSupport"]),
      .testTarget(name: "LocksTests", dependencies: ["WaybillLocks"]),
      .testTarget(name: "DiagnosticsTests", dependencies: ["WaybillDiagnostics", "WaybillLocks", "TestSupport"]),
      .testTarget(name: "SyntaxTests", dependencies: ["WaybillSyntax", "WaybillBytes", "TestSupport"]),
      .testTarget(
        name: "LabelRepositoryTests",
        dependencies: formatRooms + [
          "WaybillLabelRepository", "WaybillNative", "WaybillConversion", "WaybillSampleFilter", "WaybillAllFormats",
          "WaybillLocks",
          "TestSupport",
        ]),
      .testTarget(
        name: "VersioningTests",
        dependencies: formatRooms + [
          "WaybillVersioning", "WaybillConversion", "WaybillObjectStore", "WaybillDiskStore", "WaybillDigests", "WaybillAllFormats",
          "WaybillLocks", "TestSupport", "StoreTestSupport",
        ]),
      .testTarget(name: "DigestsTests", dependencies: ["WaybillDigests"]),
      .testTarget(name: "FilesTests", dependencies: ["WaybillFiles", "WaybillLocks", "TestSupport"]),
      .testTarget(name: "PNGTests", dependencies: ["WaybillPNG", "TestSupport"]),
      .testTarget(name: "MediaProbeTests", dependencies: ["WaybillMediaProbe", "TestSupport"]),
      .testTarget(
        name: "DatasetModelTests",
        dependencies: ["WaybillDatasetModel", "WaybillDiagnostics", "WaybillBytes", "WaybillLocks", "TestSupport"]),
      .target(
        name: "StoreTestSupport",
        dependencies: [
          "WaybillObjectStore", "WaybillDiagnostics", "WaybillDigests", "WaybillFiles", "WaybillLocks", "TestSupport",
        ],
        path: "Tests/StoreTestSupport"),
      .testTarget(
        name: "ObjectStoreTests",
        dependencies: [
          "WaybillObjectStore", "WaybillDiagnostics", "WaybillFiles", "WaybillLocks", "StoreTestSupport", "TestSupport",
        ]),
      .executableTarget(
        name: "StoreRaceTool", dependencies: ["WaybillDiskStore", "WaybillAllStores", "WaybillObjectStore", "WaybillDiagnostics"],
        path: "Tests/DiskStoreTests/StoreRaceTool"),
      .testTarget(
        name: "DiskStoreTests",
        dependencies: [
          "WaybillDiskStore", "WaybillAllStores", "WaybillObjectStore", "WaybillDiagnostics", "WaybillFiles", "WaybillLocks",
          "StoreTestSupport",
          "StoreRaceTool", "TestSupport",
        ],
        path: "Tests/DiskStoreTests", exclude: ["StoreRaceTool"]),
      .testTarget(
        name: "S3StoreTests",
        dependencies: [
          "WaybillS3Store", "WaybillAllStores", "WaybillObjectStore", "WaybillDiagnostics", "WaybillDigests", "WaybillFiles",
          "WaybillLocks", "WaybillVersioning", "WaybillConversion", "WaybillAllFormats", "WaybillFormatSupport",
          "WaybillDatasetModel", "StoreTestSupport", "TestSupport",
        ]),
      .testTarget(name: "FormatSupportTests", dependencies: formatRooms + ["TestSupport"]),
      .testTarget(
        name: "SampleFilterTests",
        dependencies: formatRooms + ["WaybillSampleFilter", "WaybillConversion", "TestSupport"]),
      .testTarget(name: "ConversionTests", dependencies: formatRooms + ["WaybillConversion", "WaybillLocks", "TestSupport"]),
      .testTarget(
        name: "ComparisonTests",
        dependencies: formatRooms + ["WaybillComparison", "WaybillConversion", "WaybillNative", "WaybillCOCO", "TestSupport"]),
      .target(name: "TinyFormat", dependencies: formatRooms, path: "Tests/CommandTests/TinyFormat"),
      .executableTarget(
        name: "TinyTool", dependencies: ["WaybillCommands", "TinyFormat", "WaybillFormatSupport"],
        path: "Tests/CommandTests/TinyTool"),
      .testTarget(
        name: "CommandTests",
        dependencies: formatRooms + [
          "WaybillCommands", "WaybillComparison", "WaybillConversion", "WaybillSampleFilter", "WaybillTool", "TinyFormat",
          "TinyTool", "TestSupport",
        ],
        path: "Tests/CommandTests", exclude: ["TinyFormat", "TinyTool"]),
      .target(
        name: "AbuseChecks", dependencies: formatRooms + ["WaybillAllFormats", "WaybillCommands", "WaybillConversion"],
        path: "Tests/AbuseTests/AbuseChecks"),
      .executableTarget(
        name: "AbuseTool", dependencies: ["AbuseChecks", "WaybillAllFormats", "TestSupport"], path: "Tests/AbuseTests/AbuseTool"),
      .testTarget(
        name: "AbuseTests",
        dependencies: formatRooms + [
          "WaybillAllFormats", "WaybillCommands", "WaybillVersioning", "WaybillObjectStore", "WaybillDiskStore", "WaybillTool",
          "AbuseTool", "TestSupport",
        ],
        path: "Tests/AbuseTests", exclude: ["AbuseChecks", "AbuseTool", "Faults"]),
      .testTarget(name: "FormatSuiteTests", dependencies: ["Waybill", "WaybillTool", "TestSupport"]),
    ]
    + formats.map { format in
      .testTarget(
        name: "\(format.module.dropFirst("Waybill".count))Tests",
        dependencies: formatRooms + [.byName(name: format.module), "WaybillConversion", "TestSupport"])
    },
  swiftLanguageModes: [.v6]
)

// Only `Scripts/fuzz` sets this: the fuzz targets are a library, because libFuzzer brings the main program along.
if Context.environment["WAYBILL_FUZZ"] != nil {
  package.products.append(.library(name: "WaybillFuzz", type: .static, targets: ["WaybillFuzz"]))
  package.targets.append(
    .target(
      name: "WaybillFuzz", dependencies: formatRooms + ["AbuseChecks", "WaybillAllFormats", "WaybillSampleFilter"],
      path: "Tests/Fuzz"))
}

// `WAYBILL_TESTS="FilesTests SyntaxTests"` leaves out all other test targets: a quick turn while one room is worked on.
if let chosen = Context.environment["WAYBILL_TESTS"]?.split(separator: " ").map(String.init) {
  package.targets.removeAll { $0.type == .test && !chosen.contains($0.name) }
}
