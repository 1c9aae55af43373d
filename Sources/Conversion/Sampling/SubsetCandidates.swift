/// The samples a subset is chosen from: sixteen bytes each, and four for each of their labels where labels keep their shares.
struct SubsetCandidates {
  /// A sample that may be chosen.
  struct Candidate: Comparable {
    var hash: UInt64
    var position: UInt32
    /// How many different labels it has; then its group.
    var labels: UInt32 = 0

    /// Orders by hash, and by position where samples share a key.
    static func < (a: Candidate, b: Candidate) -> Bool { (a.hash, a.position) < (b.hash, b.position) }
  }

  private let subset: Subset
  private var candidates: [Candidate] = []
  private var labels: [UInt32] = []
  /// How many samples were offered.
  private(set) var count = 0

  init(_ subset: Subset) { self.subset = subset }

  /// Adds the samples of a later part of the dataset, with the labels of all of them one after the other.
  mutating func add(_ more: [Candidate], labels moreLabels: [UInt32]) {
    count += more.count
    candidates += more
    labels += moreLabels
    // Of a mere count only the smallest hashes so far can be chosen.
    guard !subset.isStratified, case .count(let wanted) = subset.size, candidates.count > max(4096, 2 * min(wanted, 1 << 40)) else {
      return
    }
    candidates.sort()
    candidates.removeLast(candidates.count - wanted)
  }

  /// The positions that are in.
  mutating func choose() -> [Int] {
    let wanted: Int
    switch subset.size {
    case .count(let number): wanted = min(number, count)
    case .share(let share): wanted = min(count, max(0, Int((Double(count) * share).rounded())))
    }
    guard subset.isStratified else {
      candidates.sort()
      return candidates.prefix(wanted).map { Int($0.position) }
    }
    let sizes = group()
    var quotas = SubsetCandidates.quotas(of: sizes, total: wanted)
    candidates.sort()
    return candidates.compactMap { candidate in
      guard quotas[Int(candidate.labels)] > 0 else { return nil }
      quotas[Int(candidate.labels)] -= 1
      return Int(candidate.position)
    }
  }

  /// Puts each sample into its group, 0 for unlabeled ones and else its rarest label's position and one; returns the groups' sizes.
  private mutating func group() -> [Int] {
    var samplesOfLabel = [Int](repeating: 0, count: Int(labels.max() ?? 0) + 1)
    for label in labels { samplesOfLabel[Int(label)] += 1 }
    var sizes = [Int](repeating: 0, count: samplesOfLabel.count + 1)
    var at = 0
    for index in candidates.indices {
      let own = labels[at..<at + Int(candidates[index].labels)]
      at += own.count
      let rarest = own.min { (samplesOfLabel[Int($0)], $0) < (samplesOfLabel[Int($1)], $1) }
      let group = rarest.map { $0 + 1 } ?? 0
      candidates[index].labels = group
      sizes[Int(group)] += 1
    }
    labels = []
    return sizes
  }

  /// Parts of a total in proportion to the groups' sizes, rounded by largest remainders; the earlier group where remainders are equal.
  static func quotas(of sizes: [Int], total: Int) -> [Int] {
    let all = sizes.reduce(0, +)
    guard all > 0 else { return sizes }
    var quotas: [Int] = []
    var remainders: [(remainder: UInt64, group: Int)] = []
    for (group, size) in sizes.enumerated() {
      let product = UInt64(clamping: size).multipliedFullWidth(by: UInt64(clamping: total))
      let (quotient, remainder) = UInt64(all).dividingFullWidth(product)
      quotas.append(Int(clamping: quotient))
      remainders.append((remainder, group))
    }
    remainders.sort { ($1.remainder, $0.group) < ($0.remainder, $1.group) }
    for entry in remainders.prefix(max(0, total - quotas.reduce(0, +))) { quotas[entry.group] += 1 }
    return quotas
  }
}
