import Foundation
import TestSupport
import Testing
import WaybillFormatSupport

@testable import WaybillMediaFolder

/// What folders and files are taken for.
@Suite struct MediaFolderDetectionTests {
  static let folders: [([String], [String: String], Detection.Confidence?, FolderLayout?)] = [
    (["cat/1.png", "dog/1.png"], [:], .likely, .classFolders), (["1.png", "2.wav"], [:], .possible, .classFolders),
    (["cat/1.png"], ["README.md": "", "classes.txt": "cat"], .likely, .classFolders),
    (["cat/1.png"], ["cat/1.xml": "<annotation/>"], nil, .classFolders), (["cat/1.png"], ["all.json": "{}"], nil, .classFolders),
    ((0..<20).map { "c/\($0).png" }, ["odd.json": "{}"], .possible, .classFolders),
    (["a.png"], ["a.txt": "cat\n"], .likely, .textFiles), (["a.png"], ["a.txt": ""], .likely, .textFiles),
    (["a.png"], ["a.txt": "0 0.5 0.5 0.1 0.1\n"], nil, .textFiles), (["a.wav"], ["a.txt": "1.0\t2.0\tx\n"], nil, .textFiles),
    (["a.png"], ["a.txt": "7\n"], .likely, .textFiles), ([], ["train.txt": "a.jpg 1\n"], .likely, .list),
    ([], ["train.txt": "a 1\n"], nil, .list), ([], ["list.txt": "a.jpg\n"], nil, .list),
    ([], ["list.txt": "a.jpg\n", "classes.txt": "a\n"], .likely, .list),
    (["x/1.png"], ["x/pairs.txt": "1.png 4\n"], nil, .classFolders),
    ([], ["metadata.jsonl": "{\"file_name\":\"a\"}"], .certain, .metadata),
    ([], ["train/metadata.jsonl": "{\"x\":1,\"a_file_name\":\"a\"}"], .certain, .metadata),
    ([], ["metadata.csv": "label,file_name\n"], .certain, .metadata), ([], ["metadata.csv": "label,name\n"], nil, .metadata),
    ([], ["metadata.jsonl": ""], .possible, .metadata), ([], ["metadata.jsonl": "{\"name\":\"a\"}"], nil, .metadata),
    ([], [:], nil, nil),
  ]

  @Test(arguments: folders.indices) func foldersAreKnown(_ index: Int) throws {
    let (files, texts, confidence, layout) = Self.folders[index]
    let folder = try TemporaryFolder()
    let path = try folder.tree(files, texts)
    let detection = MediaFolderFormat.detect(try DetectionProbe(DatasetInput(path: path)))
    #expect(detection?.confidence == confidence, "\(files) \(texts)")
    #expect(detection?.reasons.isEmpty != true)
    guard let layout else { return }
    let tree = try folder.files(path)
    #expect(try FolderFiles(tree).layout { (name) in Array(texts[name]?.utf8 ?? "".utf8) } == layout, "\(files) \(texts)")
  }

  @Test func filesAreKnown() throws {
    let folder = try TemporaryFolder()
    for (name, text, confidence) in [
      ("metadata.jsonl", "{\"file_name\":\"a\"}\n", Detection.Confidence.certain),
      ("x.jsonl", "{\"file_name\":\"a\"}\n", .possible),
      ("metadata.csv", "file_name\na\n", .certain), ("x.csv", "file_name\na\n", nil), ("train.txt", "a.jpg 1\n", .likely),
      ("l.txt", "a.jpg 1\n", .possible),
      ("b.txt", "a.jpg\n", nil), ("y.jsonl", "{\"a\":1}\n", nil), ("z.json", "{\"file_name\":\"a\"}", nil),
      ("cut.jsonl", "{\"x\":\"\(String(repeating: "y", count: 5000))", nil),
    ] as [(String, String, Detection.Confidence?)] {
      let path = try folder.write(name, text)
      #expect(MediaFolderFormat.detect(try DetectionProbe(DatasetInput(path: path)))?.confidence == confidence, "\(name)")
    }
  }

  @Test func foldersOfSplitsHaveAMeaning() {
    #expect(MediaFolderFormat.hasFolder(named: "train") && !MediaFolderFormat.hasFolder(named: "cat"))
  }
}
