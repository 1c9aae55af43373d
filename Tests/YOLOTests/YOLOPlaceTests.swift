import TestSupport
import Testing

@testable import WaybillYOLO

/// Names of images, their lines and their label files.
@Suite struct YOLOPlaceTests {
  static let labels: [(String, String)] = [
    ("images/a.jpg", "labels/a.txt"), ("images/train/a.jpg", "labels/train/a.txt"), ("train/images/a.jpg", "train/labels/a.txt"),
    ("images/images/a.jpg", "images/labels/a.txt"), ("a/images/b/images/c.d.png", "a/images/b/labels/c.d.txt"), ("a.jpg", "a.txt"),
    ("myimages/a.jpg", "myimages/a.txt"), ("images/a", "labels/a.txt"), ("images.v1/a.jpg", "images.v1/a.txt"),
    ("x/images", "x/images.txt"),
    ("images/x/images.jpg", "labels/x/images.txt"), ("obj_train_data/a.png", "obj_train_data/a.txt"),
  ]

  @Test(arguments: labels) func labelFilesAreFoundAsUltralyticsFindsThem(_ image: String, _ label: String) {
    #expect(YOLOPlaces.label(of: image) == label)
  }

  /// Every key comes back from its line, in both layouts.
  @Test(arguments: [
    "a.jpg", "d/a.jpg", "images/a.jpg", "images/images/a.jpg", "train/images/a.jpg", "a/images/b/images/c.jpg", "s3://b/a.jpg",
    "s3://b/images/a.jpg", "/abs/a.jpg", "/abs/images/a.jpg", "./a.jpg", "a//b.jpg", "obj_train_data/a.jpg",
    "data/obj_x_data/a.jpg",
    "data/a.jpg", "x y.jpg", "é.jpg", "no-ending", "obj_data/a.jpg", "http://h/a.jpg?x=1", "labels/a.jpg", "images",
  ]) func keysComeBackFromTheirLines(_ key: String) {
    for isDarknet in [false, true] {
      let line = YOLOPlaces.line(for: key, isDarknet: isDarknet, split: "train")
      #expect(YOLOPlaces.key(of: line) == key, "\(line)")
      if isDarknet { #expect(YOLOPlaces.key(of: "data/" + line) == key, "\(line)") }
    }
  }

  @Test(arguments: [
    ("labels/a.txt", "images/a"), ("train/labels/a.b.txt", "train/images/a.b"), ("a.txt", "a"),
    ("Annotations/x/1.txt", "images/x/1"),
  ]) func labelFilesNameTheirImages(_ label: String, _ image: String) {
    #expect(YOLOPlaces.image(of: label) == image)
  }

  static let splits: [(String?, String?, String?)] = [
    (nil, "unsplit", "unsplit"), ("train", "train", "train"), ("validation", "val", "valid"), ("val", "val", "valid"),
    ("valid", "val", "valid"), ("test", "test", "test"), ("inference", "inference", "inference"), ("", nil, nil), ("a b", nil, nil),
    ("../x", nil, nil), ("unsplit", nil, nil), ("names", nil, nil), ("nc", nil, nil), ("é", nil, nil), ("a/b", nil, nil),
    ("a.b", nil, nil),
  ]

  @Test(arguments: splits) func splitsAreNamesOfLists(_ split: String?, _ list: String?, _ darknet: String?) {
    #expect(YOLOSplit.fileName(split, isDarknet: false) == list)
    #expect(YOLOSplit.fileName(split, isDarknet: true) == darknet)
  }
}
