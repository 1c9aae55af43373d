// Makes benchmark data of any size: the same arguments give the same bytes on every machine.
//
//   generate coco IMAGES FILE         one COCO instances file, shaped like instances_train2017.json
//   generate modelarts LINES FILE     one ModelArts manifest of image classification
//   generate voc FILES FOLDER         FOLDER/Annotations/000001.xml ..., seven objects each
//
// Built by itself: swiftc -O Benchmarks/generate.swift

import Glibc

/// A SplitMix64 random number generator.
struct Random {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in 0..<bound.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number in 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

func stop(_ message: String) -> Never {
  let line = "generate: \(message)\n"
  _ = Glibc.write(2, line, line.utf8.count)
  exit(1)
}

/// A file being written through one large buffer.
final class Sink {
  private var descriptor: Int32
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity = 4 << 20
  private var count = 0

  init() {
    descriptor = -1
    buffer = .allocate(capacity: capacity)
  }

  deinit { buffer.deallocate() }

  func open(_ path: String) {
    descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { stop("cannot write \(path): \(String(cString: strerror(errno)))") }
  }

  func close() {
    flush()
    if Glibc.close(descriptor) != 0 { stop("close: \(String(cString: strerror(errno)))") }
  }

  private func flush() {
    var done = 0
    while done < count {
      let written = write(descriptor, buffer + done, count - done)
      if written <= 0 { stop("write: \(String(cString: strerror(errno)))") }
      done += written
    }
    count = 0
  }

  @inline(__always)
  private func room(_ needed: Int) { if count + needed > capacity { flush() } }

  @inline(__always)
  func text(_ string: StaticString) {
    let length = string.utf8CodeUnitCount
    room(length)
    (buffer + count).update(from: string.utf8Start, count: length)
    count += length
  }

  func text(_ string: String) {
    for byte in string.utf8 { self.byte(byte) }
  }

  @inline(__always)
  func byte(_ byte: UInt8) {
    room(1)
    buffer[count] = byte
    count += 1
  }

  /// The number in decimal, with zeros before it up to `width` digits.
  @inline(__always)
  func integer(_ value: Int, width: Int = 1) {
    room(20)
    var digits = 1
    var limit = 10
    while value >= limit || digits < width {
      digits += 1
      limit *= 10
    }
    var rest = value
    var position = count + digits
    count = position
    for _ in 0..<digits {
      position -= 1
      buffer[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// Hundredths as Python prints them: 12.34, 12.3, 12.0.
  @inline(__always)
  func hundredths(_ value: Int) {
    integer(value / 100)
    byte(0x2E)
    let part = value % 100
    integer(part / 10)
    if part % 10 != 0 { integer(part % 10) }
  }

  func hexadecimal(_ value: UInt64) {
    room(16)
    for shift in stride(from: 60, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: (value >> UInt64(shift)) & 15)
      buffer[count] = digit < 10 ? 0x30 + digit : 0x57 + digit
      count += 1
    }
  }

  /// `2013-11-14 17:02:52`.
  func time(_ random: inout Random, year: Int) {
    integer(year)
    byte(0x2D)
    integer(1 + random.below(12), width: 2)
    byte(0x2D)
    integer(1 + random.below(28), width: 2)
    byte(0x20)
    integer(random.below(24), width: 2)
    byte(0x3A)
    integer(random.below(60), width: 2)
    byte(0x3A)
    integer(random.below(60), width: 2)
  }
}

// MARK: - COCO

/// Each position in 0..<count once, in a scattered order: the file is not sorted by id.
struct Scatter {
  let count: Int

  // A prime above every count used here, so multiplying by it permutes the positions.
  @inline(__always)
  func callAsFunction(_ position: Int) -> Int { (position &* 1_000_000_007 &+ 12_345) % count }
}

/// The 80 categories of COCO 2017, with the gaps in their ids.
let cocoCategories: [(parent: String, first: Int, names: [String])] = [
  ("person", 1, ["person"]),
  ("vehicle", 2, ["bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"]),
  ("outdoor", 10, ["traffic light", "fire hydrant", "", "stop sign", "parking meter", "bench"]),
  ("animal", 16, ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"]),
  ("accessory", 27, ["backpack", "umbrella", "", "", "handbag", "tie", "suitcase"]),
  (
    "sports", 34,
    [
      "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
      "tennis racket",
    ]
  ),
  ("kitchen", 44, ["bottle", "", "wine glass", "cup", "fork", "knife", "spoon", "bowl"]),
  (
    "food", 52, ["banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake"]
  ),
  ("furniture", 62, ["chair", "couch", "potted plant", "bed", "", "dining table", "", "", "toilet"]),
  ("electronic", 72, ["tv", "laptop", "mouse", "remote", "keyboard", "cell phone"]),
  ("appliance", 78, ["microwave", "oven", "toaster", "sink", "refrigerator"]),
  ("indoor", 84, ["book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"]),
]

struct COCOFile {
  let images: Int
  let sink: Sink
  var random = Random(2017)
  let categoryIDs: [Int]
  let sine: [Double]

  init(images: Int, sink: Sink) {
    self.images = images
    self.sink = sink
    categoryIDs = cocoCategories.flatMap { group in
      group.names.indices.filter { !group.names[$0].isEmpty }.map { group.first + $0 }
    }
    sine = (0..<1280).map { sin(Double($0) * .pi / 512) }
  }

  // Id and size of an image are computed from its position, so that annotations need no table.
  func imageID(_ position: Int) -> Int {
    var random = Random(UInt64(position))
    return 9 + Scatter(count: images)(position) * 4 + random.below(4)
  }

  func imageSize(_ position: Int) -> (width: Int, height: Int) {
    var random = Random(UInt64(position) | 1 << 40)
    switch random.below(10) {
    case 0...2: return (640, 480)
    case 3...5: return (640, 427)
    case 6: return (480, 640)
    case 7: return (427, 640)
    case 8: return (500, 375)
    default: return (640, 333 + random.below(140))
    }
  }

  mutating func write() {
    sink.text(#"{"info": {"description": "Generated like COCO 2017","url": "http://cocodataset.org","version": "1.0","#)
    sink.text(#""year": 2017,"contributor": "Waybill","date_created": "2017/09/01"},"licenses": ["#)
    for license in 1...8 {
      if license > 1 { sink.text(",") }
      sink.text(#"{"url": "http://creativecommons.org/licenses/by/2.0/","id": "#)
      sink.integer(license)
      sink.text(#","name": "Attribution License"}"#)
    }
    sink.text(#"],"images": ["#)
    for position in 0..<images {
      if position > 0 { sink.text(",") }
      image(position)
    }
    sink.text(#"],"annotations": ["#)
    let annotations = images * 860 / 118
    for number in 0..<annotations {
      if number > 0 { sink.text(",") }
      annotation(id: 31 + Scatter(count: annotations)(number) * 2 + random.below(2))
    }
    sink.text(#"],"categories": ["#)
    categories()
    sink.text("]}")
  }

  private mutating func image(_ position: Int) {
    let id = imageID(position)
    let size = imageSize(position)
    sink.text(#"{"license": "#)
    sink.integer(1 + random.below(8))
    sink.text(#","file_name": ""#)
    sink.integer(id, width: 12)
    sink.text(#".jpg","coco_url": "http://images.cocodataset.org/train2017/"#)
    sink.integer(id, width: 12)
    sink.text(#".jpg","height": "#)
    sink.integer(size.height)
    sink.text(#","width": "#)
    sink.integer(size.width)
    sink.text(#","date_captured": ""#)
    sink.time(&random, year: 2013)
    sink.text(#"","flickr_url": "http://farm"#)
    sink.integer(1 + random.below(9))
    sink.text(".staticflickr.com/")
    sink.integer(1000 + random.below(9000))
    sink.text("/")
    sink.integer(1_000_000_000 + random.below(9_000_000_000))
    sink.text("_")
    sink.integer(1_000_000_000 + random.below(9_000_000_000))
    sink.text(#"_z.jpg","id": "#)
    sink.integer(id)
    sink.text("}")
  }

  private mutating func annotation(id: Int) {
    let position = random.below(images)
    let size = imageSize(position)
    if random.below(100) == 0 { return crowd(position, size) }

    // Sides in hundredths of a pixel. Most objects are small, few are large.
    let (width, height) = (size.width * 100, size.height * 100)
    let skew = random.unit()
    let radius = Double(min(width, height)) * (0.01 + 0.4 * skew * skew * skew)
    let draw = random.below(100)
    let parts = draw < 88 ? 1 : draw < 97 ? 2 : 3
    var (left, top, right, bottom) = (width, height, 0, 0)
    var area = 0.0

    sink.text(#"{"segmentation": [["#)
    let (centreX, centreY) = (random.below(width), random.below(height))
    for part in 0..<parts {
      if part > 0 { sink.text("],[") }
      let spread = random.unit()
      let points = 4 + Int(51 * spread * spread)
      let turn = random.below(1024)
      let reach = radius / Double(part + 1)
      var (firstX, firstY, lastX, lastY) = (0.0, 0.0, 0.0, 0.0)
      for point in 0..<points {
        let angle = (turn + point * 1024 / points) & 1023
        let distance = reach * (0.6 + 0.4 * random.unit())
        let x = min(max(centreX + Int(distance * sine[angle + 256]), 0), width)
        let y = min(max(centreY + Int(distance * sine[angle]), 0), height)
        if point > 0 { sink.text(",") }
        sink.hundredths(x)
        sink.text(",")
        sink.hundredths(y)
        (left, right) = (min(left, x), max(right, x))
        (top, bottom) = (min(top, y), max(bottom, y))
        let (px, py) = (Double(x) / 100, Double(y) / 100)
        if point == 0 { (firstX, firstY) = (px, py) } else { area += lastX * py - px * lastY }
        (lastX, lastY) = (px, py)
      }
      area += lastX * firstY - firstX * lastY
    }
    sink.text(#"]],"area": "#)
    sink.text(abs(area / 2).description)
    sink.text(#","iscrowd": 0,"image_id": "#)
    sink.integer(imageID(position))
    sink.text(#","bbox": ["#)
    sink.hundredths(left)
    sink.text(",")
    sink.hundredths(top)
    sink.text(",")
    sink.hundredths(right - left)
    sink.text(",")
    sink.hundredths(bottom - top)
    sink.text(#"],"category_id": "#)
    // Persons are about a third of all objects, as in COCO.
    sink.integer(random.below(3) == 0 ? 1 : categoryIDs[random.below(categoryIDs.count)])
    sink.text(#","id": "#)
    sink.integer(id)
    sink.text("}")
  }

  /// A crowd: run lengths down the columns of the image, one run of object in each column.
  private mutating func crowd(_ position: Int, _ size: (width: Int, height: Int)) {
    let columns = 20 + random.below(size.width / 2)
    let x = random.below(size.width - columns)
    let y = 4 + random.below(size.height / 2)
    let tall = 10 + random.below(size.height / 3)
    var written = x * size.height + y
    var area = 0
    sink.text(#"{"segmentation": {"counts": ["#)
    sink.integer(written)
    for column in 0..<columns {
      let run = tall - random.below(5)
      area += run
      written += run
      sink.text(",")
      sink.integer(run)
      let next = column + 1 < columns ? (x + column + 1) * size.height + y : size.width * size.height
      sink.text(",")
      sink.integer(next - written)
      written = next
    }
    let image = imageID(position)
    sink.text(#"],"size": ["#)
    sink.integer(size.height)
    sink.text(",")
    sink.integer(size.width)
    sink.text(#"]},"area": "#)
    sink.integer(area)
    sink.text(#","iscrowd": 1,"image_id": "#)
    sink.integer(image)
    sink.text(#","bbox": ["#)
    sink.integer(x)
    sink.text(",")
    sink.integer(y)
    sink.text(",")
    sink.integer(columns)
    sink.text(",")
    sink.integer(tall)
    sink.text(#"],"category_id": 1,"id": "#)
    crowds += 1
    sink.integer(900_100_000_000 + crowds)
    sink.text("}")
  }

  private var crowds = 0

  private func categories() {
    var first = true
    for group in cocoCategories {
      for (offset, name) in group.names.enumerated() where !name.isEmpty {
        if !first { sink.text(",") }
        first = false
        sink.text(#"{"supercategory": "\#(group.parent)","id": \#(group.first + offset),"name": "\#(name)"}"#)
      }
    }
  }
}

// MARK: - ModelArts

let animals: [StaticString] = ["fox", "wolf", "red deer", "wild boar", "mammal", "bird of prey", "hedgehog", "badger"]
let colours: [StaticString] = ["#3399ff", "#2acf59", "#cc3333", "#f2a900", "#8844cc", "#00a3a3", "#775544", "#999999"]

/// Lines as the service wrote them in 2019: `annotation, usage, source, id`; one or two labels each.
func writeModelArts(lines: Int, to sink: Sink) {
  var random = Random(2019)
  for line in 0..<lines {
    let first = random.below(animals.count)
    sink.text(#"{"annotation":["#)
    for label in 0..<(random.below(100) < 70 ? 2 : 1) {
      if label > 0 { sink.text(",") }
      let animal = (first + label * (1 + random.below(animals.count - 1))) % animals.count
      sink.text(#"{"name":""#)
      sink.text(animals[animal])
      sink.text(#"","property":{"@modelarts:color":""#)
      sink.text(colours[animal])
      sink.text(#""},"type":"modelarts/image_classification","creation-time":""#)
      sink.time(&random, year: 2019)
      if random.below(10) == 0 {
        sink.text(#"","hard":"true"#)
      }
      if label == 1 && random.below(3) == 0 {
        sink.text(#"","annotated-by":"modelarts/active-learning","confidence":0."#)
        sink.integer(1 + random.below(98), width: 2)
        sink.integer(1 + random.below(9))
        sink.text("}")
      } else {
        sink.text(#"","annotated-by":"human"}"#)
      }
    }
    sink.text(#"],"usage":""#)
    sink.text(random.below(5) == 0 ? "eval" : "train")
    sink.text(#"","source":"s3://demo-bucket/datasets/animals/in/"#)
    sink.integer(first, width: 2)
    sink.text("/")
    sink.integer(line + 1, width: 8)
    sink.text(#".jpg","id":""#)
    sink.hexadecimal(random.next())
    sink.hexadecimal(random.next())
    sink.text("\"}\n")
  }
}

// MARK: - Pascal VOC

let vocNames: [StaticString] = ["person", "car", "bus", "bicycle", "dog", "chair", "bottle", "pottedplant"]

func writeVOC(number: Int, _ random: inout Random, to sink: Sink) {
  let (width, height) = random.below(2) == 0 ? (500, 375) : (375, 500)
  sink.text("<annotation>\n\t<folder>VOC2012</folder>\n\t<filename>")
  sink.integer(number, width: 6)
  sink.text(".jpg</filename>\n\t<source>\n\t\t<database>Generated</database>\n\t\t")
  sink.text("<annotation>PASCAL VOC2012</annotation>\n\t\t<image>flickr</image>\n\t</source>\n\t<size>\n\t\t<width>")
  sink.integer(width)
  sink.text("</width>\n\t\t<height>")
  sink.integer(height)
  sink.text("</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>0</segmented>\n")
  for _ in 0..<7 {
    let left = 1 + random.below(width - 20)
    let top = 1 + random.below(height - 20)
    sink.text("\t<object>\n\t\t<name>")
    sink.text(vocNames[random.below(vocNames.count)])
    sink.text("</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>")
    sink.integer(random.below(2))
    sink.text("</truncated>\n\t\t<difficult>")
    sink.integer(random.below(10) == 0 ? 1 : 0)
    sink.text("</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>")
    sink.integer(left)
    sink.text("</xmin>\n\t\t\t<ymin>")
    sink.integer(top)
    sink.text("</ymin>\n\t\t\t<xmax>")
    sink.integer(left + 2 + random.below(width - left - 1))
    sink.text("</xmax>\n\t\t\t<ymax>")
    sink.integer(top + 2 + random.below(height - top - 1))
    sink.text("</ymax>\n\t\t</bndbox>\n\t</object>\n")
  }
  sink.text("</annotation>\n")
}

// MARK: - The command

let arguments = CommandLine.arguments
guard arguments.count == 4, let amount = Int(arguments[2]), amount > 0, amount < 100_000_000 else {
  stop("usage: generate coco IMAGES FILE | modelarts LINES FILE | voc FILES FOLDER")
}
let target = arguments[3]
let sink = Sink()
switch arguments[1] {
case "coco":
  sink.open(target)
  var file = COCOFile(images: amount, sink: sink)
  file.write()
  sink.close()
case "modelarts":
  sink.open(target)
  writeModelArts(lines: amount, to: sink)
  sink.close()
case "voc":
  mkdir(target, 0o755)
  mkdir(target + "/Annotations", 0o755)
  var random = Random(2012)
  for number in 1...amount {
    let digits = String(number)
    sink.open(target + "/Annotations/" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits + ".xml")
    writeVOC(number: number, &random, to: sink)
    sink.close()
  }
default:
  stop("no such kind of data: \(arguments[1])")
}
