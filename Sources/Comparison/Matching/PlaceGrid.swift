/// Places in cells of their own size, so that those that overlap a place are found without looking at all.
struct PlaceGrid {
  private struct Cell: Hashable {
    var level: Int32
    var column: Int64
    var row: Int64
  }

  /// Places by the cells they cover, at most two by two as a cell is as large as the place; in each from left to right.
  private var cells: [Cell: [Int]] = [:]
  /// The middles of the places from left to right, doubled.
  private var middles: [Double] = []
  /// Sizes that occur, as powers of two, in order.
  private var levels: [Int] = []
  /// Levels a place may differ from another one and still overlap it.
  private let reach: Int
  /// The query that saw a place last.
  private var seen: [Int]
  private var query = 0

  /// Coordinates beyond this lie in no cell; such places are found when they are equal.
  private static let farthest = 1e12

  /// Puts places into cells; of those that overlap less than a part, some are not found.
  init(_ places: [MatchPlace], least: Double) {
    // A place that covers only a part of another one has at least that part of its length: each level is a factor of two.
    var reach = 0
    var part = 1.0
    while part > least {
      part /= 2
      reach += 1
    }
    self.reach = reach
    seen = Array(repeating: 0, count: places.count)
    var found: Set<Int> = []
    for (index, place) in places.enumerated() {
      guard let stretch = PlaceGrid.stretch(of: place), let level = PlaceGrid.level(of: stretch) else { continue }
      found.insert(level)
      PlaceGrid.forEachCell(stretch, level) { cells[$0, default: []].append(index) }
    }
    levels = found.sorted()
    middles = places.map { place in PlaceGrid.stretch(of: place).map(PlaceGrid.middle) ?? 0 }
    for (cell, members) in cells where members.count > 1 {
      cells[cell] = members.sorted { (middles[$0], $0) < (middles[$1], $1) }
    }
  }

  private static func middle(of stretch: MatchPlace.Extent) -> Double { stretch.x0 + stretch.x1 }

  /// Places that may overlap one, those of its own size first, and no more than some number: of a crowded cell those in the middle of
  /// which it lies.
  mutating func candidates(of place: MatchPlace, limit: Int) -> [Int] {
    guard let stretch = PlaceGrid.stretch(of: place), let own = PlaceGrid.level(of: stretch) else { return [] }
    query += 1
    var result: [Int] = []
    let near = levels.filter { abs($0 - own) <= reach }.sorted { (abs($0 - own), $0) < (abs($1 - own), $1) }
    for level in near {
      PlaceGrid.forEachCell(stretch, level) { cell in
        guard result.count < limit, let members = cells[cell] else { return }
        for index in members[window(in: members, around: PlaceGrid.middle(of: stretch), limit - result.count)]
        where seen[index] != query {
          seen[index] = query
          result.append(index)
          if result.count == limit { return }
        }
      }
    }
    return result
  }

  /// The members of a cell that lie nearest to a place in their order, no more than some number.
  private func window(in members: [Int], around middle: Double, _ count: Int) -> Range<Int> {
    if members.count <= count { return 0..<members.count }
    var low = 0
    var high = members.count
    while low < high {
      let at = (low + high) / 2
      if middles[members[at]] < middle { low = at + 1 } else { high = at }
    }
    let start = min(max(0, low - count / 2), members.count - count)
    return start..<(start + count)
  }

  /// What of a place the grid goes by.
  private static func stretch(of place: MatchPlace) -> MatchPlace.Extent? { place.space ?? place.span ?? place.time }

  /// The power of two that is as large as a stretch; nil for those too far away.
  private static func level(of stretch: MatchPlace.Extent) -> Int? {
    // One by one: what is not a number is less than nothing.
    guard stretch.x0.magnitude < PlaceGrid.farthest, stretch.x1.magnitude < PlaceGrid.farthest,
      stretch.y0.magnitude < PlaceGrid.farthest, stretch.y1.magnitude < PlaceGrid.farthest
    else { return nil }
    let side = max(stretch.x1 - stretch.x0, stretch.y1 - stretch.y0)
    guard side >= 0 else { return nil }
    // Hundredths of a second and of a pixel are the smallest cells worth having.
    return max(-7, side > 0 ? Int(side.exponent) + 1 : -7)
  }

  private static func forEachCell(_ stretch: MatchPlace.Extent, _ level: Int, _ body: (Cell) -> Void) {
    let side = level >= 0 ? Double(1 << level) : 1 / Double(1 << -level)
    let columns =
      Int64(
        (stretch.x0 / side).rounded(.down))...max(
        Int64((stretch.x0 / side).rounded(.down)), Int64((stretch.x1 / side).rounded(.down)))
    let first = Int64((stretch.y0 / side).rounded(.down))
    for row in first...max(first, Int64((stretch.y1 / side).rounded(.down))) {
      for column in columns { body(Cell(level: Int32(level), column: column, row: row)) }
    }
  }
}
