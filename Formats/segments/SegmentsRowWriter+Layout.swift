import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Which columns a row has, and how its cells come about.
struct SegmentsLayout {
  /// The fixed columns that are not empty, and the attributes.
  var bits: UInt64 = 0
  var names: [SegmentsColumn] = []
  var columns: [SegmentsColumn] = []
  /// What is not among the columns that are always there.
  var addedBits: UInt64 = 0
  var addedNames: [SegmentsColumn] = []
  /// The names of the annotation's attributes; each stays at its place in all rows of the layout.
  ///
  /// Nil where this does not tell the layout: where attributes of the media have columns, or one of the annotation may have a fixed one.
  var attributeNames: [ExactText]?
  /// What is done for each cell, or for several side by side.
  var steps: [Step] = []
  /// The columns about the media that the steps take to be filled.
  var mediaBits: UInt64 = 0

  /// A cell, or several side by side.
  struct Step {
    enum Kind: UInt8 {
      /// Cells about the media; the last of them is at ``Step/last``.
      case media
      case label, confidence, track, start, end
      /// The four numbers of a box.
      case box
      /// The attribute at ``Step/item``.
      case attribute
      /// A cell that holds nothing.
      case empty
      /// Any other cell.
      case other
    }

    var kind: Kind
    /// The first column and the last, as positions among the layout's columns.
    var first: Int
    var last: Int
    /// Position among the annotation's attributes.
    var item = 0
  }
}

extension SegmentsRowWriter {
  /// Which columns the row has, those that are always there and those it needs, and how its cells come about.
  func findLayout(_ annotation: UnsafePointer<Annotation>?, _ attributes: Attributes, _ sample: Sample) {
    var bits = mediaBits
    if let annotation { bits |= SegmentsRowWriter.bits(annotation, sample) }
    let hasSameNames = mediaNames.isEmpty && hasSameNames(attributes)
    if hasSameNames, bits == layout.bits, mediaBits == layout.mediaBits { return }
    if !isLaidOut(attributes, bits) {
      layOut(attributes, bits)
    } else if layout.attributeNames != nil, !hasSameNames {
      // Names that are the same but for their spelling do not tell where an attribute stands.
      layout.attributeNames = nil
    } else if mediaBits == layout.mediaBits {
      return
    }
    findSteps()
  }

  /// Whether an annotation has the attributes of the layout, in their order; false may also mean that this cannot be said.
  @inline(__always) private func hasSameNames(_ attributes: Attributes) -> Bool {
    guard let count = layout.attributeNames?.count, attributes.items.count == count else { return false }
    for at in 0..<count where ExactText(attributes.items[at].name) != layout.attributeNames?[at] { return false }
    return true
  }

  /// Whether the layout of the row before is that of this one too, as it nearly always is.
  private func isLaidOut(_ attributes: Attributes, _ bits: UInt64) -> Bool {
    var bits = bits
    var count = mediaNames.count
    for item in attributes.items {
      if let field = SegmentsRowWriter.field(item) {
        bits |= field.bit
      } else {
        guard count < layout.names.count, case .attribute(let name) = layout.names[count], name == item.name else { return false }
        count += 1
      }
    }
    guard bits == layout.bits, count == layout.names.count else { return false }
    return mediaNames.isEmpty || layout.names.starts(with: mediaNames)
  }

  private func layOut(_ attributes: Attributes, _ bits: UInt64) {
    var bits = bits
    var names = mediaNames
    for item in attributes.items {
      if let field = SegmentsRowWriter.field(item) { bits |= field.bit } else { names.append(.attribute(item.name)) }
    }
    layoutNumber += 1
    layout = SegmentsLayout(bits: bits, names: names, columns: base, addedBits: bits & ~baseBits)
    for field in SegmentsField.allCases where layout.addedBits & field.bit != 0 { layout.columns.append(.field(field)) }
    layout.addedNames = names.filter { !baseNames.contains($0) }
    layout.columns += layout.addedNames
    let isOfFields = attributes.items.contains { [SegmentsField.speaker.name, SegmentsField.channel.name].contains($0.name) }
    if mediaNames.isEmpty, !isOfFields { layout.attributeNames = attributes.items.map { ExactText($0.name) } }
  }

  /// What is done for each column of the layout.
  private func findSteps() {
    layout.mediaBits = mediaBits
    layout.steps.removeAll(keepingCapacity: true)
    hasRuns = false
    var at = 0
    while at < layout.columns.count {
      let step = step(at)
      layout.steps.append(step)
      at = step.last + 1
    }
  }

  /// What is done for the column at a position, and maybe for those behind it.
  private func step(_ at: Int) -> SegmentsLayout.Step {
    var step = SegmentsLayout.Step(kind: .other, first: at, last: at)
    switch layout.columns[at] {
    case .field(let field):
      if mediaBits & field.bit != 0 {
        step.kind = .media
        while step.last + 1 < layout.columns.count, case .field(let next) = layout.columns[step.last + 1], mediaBits & next.bit != 0
        {
          step.last += 1
        }
      } else if layout.bits & field.bit == 0 {
        step.kind = .empty
      } else if field == .label {
        step.kind = .label
      } else if !dialect.quotesAll {
        setKind(field, &step)
      }
    case .attribute(let name):
      guard let names = layout.attributeNames else { break }
      let item = names.firstIndex(of: ExactText(name))
      step.kind = item == nil ? .empty : .attribute
      step.item = item ?? 0
    case .mediaAttribute: break
    }
    return step
  }

  /// The columns of boxes, by their form.
  private static let boxes: [[SegmentsField]] = [
    [.x, .y, .width, .height], [.cx, .cy, .width, .height], [.xmin, .ymin, .xmax, .ymax],
  ]

  /// What is done for a fixed column whose cell needs no quotes.
  private func setKind(_ field: SegmentsField, _ step: inout SegmentsLayout.Step) {
    switch field {
    case .confidence: step.kind = .confidence
    case .track: step.kind = .track
    case .start: step.kind = .start
    case .end: step.kind = .end
    case .x, .cx, .xmin:
      let cells = layout.columns[step.first...].prefix(4)
      guard SegmentsRowWriter.boxes.contains(where: { box in cells.elementsEqual(box.map(SegmentsColumn.field)) }) else { break }
      step.kind = .box
      step.last = step.first + 3
    default: break
    }
  }

  /// The column of an attribute with a column of its own, which holds texts only.
  static func field(_ item: Attributes.Attribute) -> SegmentsField? {
    guard case .string(let text) = item.value, !text.isEmpty else { return nil }
    return item.name == "speaker" ? .speaker : item.name == "channel" ? .channel : nil
  }

  static func bits(_ annotation: UnsafePointer<Annotation>, _ sample: Sample) -> UInt64 {
    var bits: UInt64 = 0
    func add(_ field: SegmentsField, _ isGiven: Bool = true) { if isGiven { bits |= field.bit } }
    add(.label, annotation.pointee.label != nil)
    add(.confidence, annotation.pointee.confidence != nil)
    add(.id, annotation.pointee.id != nil)
    if let box = annotation.pointee.box {
      switch box.form {
      case .extent: bits |= SegmentsField.x.bit | SegmentsField.y.bit | SegmentsField.width.bit | SegmentsField.height.bit
      case .centered: bits |= SegmentsField.cx.bit | SegmentsField.cy.bit | SegmentsField.width.bit | SegmentsField.height.bit
      case .corners: bits |= SegmentsField.xmin.bit | SegmentsField.ymin.bit | SegmentsField.xmax.bit | SegmentsField.ymax.bit
      }
      add(.unit, box.unit == .unit)
    }
    if !annotation.pointee.flags.isEmpty {
      add(.difficult, annotation.pointee.flags.difficult != nil)
      add(.truncated, annotation.pointee.flags.truncated != nil)
      add(.occluded, annotation.pointee.flags.occluded != nil)
      add(.crowd, annotation.pointee.flags.crowd != nil)
    }
    guard annotation.pointee.hasRareAnswers else { return bits }
    add(.text, annotation.pointee.text.map { !$0.isEmpty } ?? false)
    add(.track, annotation.pointee.track != nil)
    add(.author, annotation.pointee.author.map { !$0.isEmpty } ?? false)
    add(.created, annotation.pointee.createdAt != nil)
    switch annotation.pointee.time {
    case .frame: add(.frame, sample.media.kind != .image)
    case .instant: add(.start)
    case .interval:
      add(.start)
      add(.end)
    case nil: break
    }
    return bits
  }
}
