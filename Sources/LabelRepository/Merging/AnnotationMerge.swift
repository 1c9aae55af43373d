import WaybillComparison
import WaybillDatasetModel

/// Merges the changes two sides made to one annotation, answer by answer.
///
/// Box, shape and area are one answer: where the annotation is. So are its text range, its times, its keypoints, each flag and each attribute by
/// name. Who made the last change and when follow the changes: of two sides that both changed something the later one is named.
struct AnnotationMerge {
  let names: MergeNames
  /// Whether both sides gave an answer anew, and differently.
  private(set) var conflicts = MergeConflicts()

  init(names: MergeNames) { self.names = names }

  /// One result for each side; they are equal unless something is in conflict.
  typealias Sides = (ours: Annotation, theirs: Annotation)

  /// Merges; base is nil when both sides added the annotation.
  mutating func merge(_ base: Annotation?, _ ours: Annotation, _ theirs: Annotation, _ subject: String) -> Sides {
    var result: Sides = (ours, ours)
    let before = base ?? Annotation()
    func take<Value>(
      _ answer: String, _ read: (Annotation) -> Value, same: (Value, Value) -> Bool, _ show: (Value) -> String?,
      _ write: (inout Annotation, Value) -> Void
    ) {
      let (a, b, c) = (read(before), read(ours), read(theirs))
      if same(b, c) { return }
      // Of two that were added, the one that gives an answer gives it.
      let isOnlyTheirs = base == nil ? show(b) == nil : same(a, b)
      let isOnlyOurs = base == nil ? show(c) == nil : same(a, c)
      if isOnlyTheirs {
        write(&result.ours, c)
        write(&result.theirs, c)
      } else if !isOnlyOurs {
        conflicts.note(subject, answer, base: base == nil ? nil : show(a), ours: show(b), theirs: show(c))
        write(&result.theirs, c)
      }
    }
    take("label", { $0.label }, same: ==, { names.label($0) }) { $0.label = $1 }
    take("place", Where.init, same: ==, { $0.text }) { $1.write(to: &$0) }
    take("keypoints", { $0.keypoints }, same: ==, { $0.map { "\($0.points.count) points" } }) { $0.keypoints = $1 }
    take("span", { $0.span }, same: ==, { $0.map { "\($0.start)..\($0.end)" } }) { $0.span = $1 }
    take("time", { $0.time }, same: sameTime, { $0.map(MergeNames.text) }) { $0.time = $1 }
    take("track", { $0.track }, same: ExactComparison.same, { $0?.description }) { $0.track = $1 }
    take("relation", { $0.link }, same: ==, { $0.map { "\($0.source.description) to \($0.target.description)" } }) { $0.link = $1 }
    take("text", { $0.text }, same: ExactComparison.same, { $0.map { "\"\($0)\"" } }) { $0.text = $1 }
    take("confidence", { $0.confidence }, same: ==, { $0?.description }) { $0.confidence = $1 }
    take("hard", { $0.hard }, same: ==, MergeNames.text) { $0.hard = $1 }
    take("group", { $0.group }, same: ExactComparison.same, { $0?.description }) { $0.group = $1 }
    take("reference", { $0.reference }, same: ExactComparison.same, { $0 }) { $0.reference = $1 }
    take("order", { $0.ordinal }, same: ==, { $0?.description }) { $0.ordinal = $1 }
    take("id", { $0.id }, same: ExactComparison.same, { $0?.description }) { $0.id = $1 }
    let flags: [(String, WritableKeyPath<Flags, Bool?>)] = [
      ("difficult", \.difficult), ("truncated", \.truncated), ("occluded", \.occluded), ("crowd", \.crowd),
      ("unconfirmed", \.unconfirmed),
    ]
    for (name, path) in flags {
      take(name, { $0.flags[keyPath: path] }, same: ==, { $0?.description }) { $0.flags[keyPath: path] = $1 }
    }
    for name in MergeNames.attributes(before.attributes, ours.attributes, theirs.attributes) {
      take(
        "attribute \"\(name.text)\"", { $0.attributes[name.text] }, same: MergeNames.same, { $0.map(MergeNames.text) }
      ) { $0.attributes[name.text] = $1 }
    }
    take("preserved fields", { $0.preserved }, same: ==, { $0.isEmpty ? nil : "other" }) { $0.preserved = $1 }
    mergeProvenance(base, ours, theirs, &result)
    return result
  }

  private func sameTime(_ a: TimeExtent?, _ b: TimeExtent?) -> Bool {
    guard a == b else { return false }
    // Two times may be worth the same and look different.
    return a.map(MergeNames.text) == b.map(MergeNames.text)
  }

  /// Who and when are no matter to fight about: they follow the changes.
  private func mergeProvenance(_ base: Annotation?, _ ours: Annotation, _ theirs: Annotation, _ result: inout Sides) {
    let named: Annotation
    if let base, Provenance(ours) == Provenance(base) {
      named = theirs
    } else if let base, Provenance(theirs) == Provenance(base) {
      named = ours
    } else {
      named = Provenance(theirs).isLater(than: Provenance(ours)) ? theirs : ours
    }
    for path in [\Sides.ours, \Sides.theirs] {
      result[keyPath: path].author = named.author
      result[keyPath: path].createdAt = named.createdAt
    }
  }
}

/// Where an annotation is in its picture: these answers belong together.
private struct Where: Equatable {
  let box: Box?
  let shape: Shape?
  let area: Double?

  init(_ annotation: Annotation) { (box, shape, area) = (annotation.box, annotation.shape, annotation.area) }

  func write(to annotation: inout Annotation) {
    annotation.box = box
    annotation.shape = shape
    annotation.area = area
  }

  var text: String? {
    var parts: [String] = []
    if let box {
      let numbers = [box.first, box.second, box.third, box.fourth].map(MergeNames.text)
      parts.append("box \(numbers.joined(separator: ","))")
    }
    if let shape {
      switch shape {
      case .polygon(let polygon): parts.append("polygon of \(polygon.coordinates.count / 2) points")
      case .polyline(let line): parts.append("line of \(line.coordinates.count / 2) points")
      case .rotatedBox: parts.append("rotated box")
      case .circle: parts.append("circle")
      case .ellipse: parts.append("ellipse")
      case .point: parts.append("point")
      case .mask: parts.append("mask")
      }
    }
    if let area { parts.append("area \(MergeNames.text(area))") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// Who made an annotation and when.
private struct Provenance: Equatable {
  let author: String?
  let createdAt: Timestamp?

  init(_ annotation: Annotation) { (author, createdAt) = (annotation.author, annotation.createdAt) }

  /// Whether it was made later; without times, by the names, so that it does not matter whose branch is merged into whose.
  func isLater(than other: Provenance) -> Bool {
    let mine = createdAt.map { ($0.seconds, $0.nanoseconds) } ?? (.min, 0)
    let others = other.createdAt.map { ($0.seconds, $0.nanoseconds) } ?? (.min, 0)
    if mine != others { return mine > others }
    return Array((author ?? "").utf8).lexicographicallyPrecedes(Array((other.author ?? "").utf8)) == false && author != other.author
  }
}
