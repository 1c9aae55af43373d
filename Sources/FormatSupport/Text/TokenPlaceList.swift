/// Tokens with a place in a text, in memory that is filled again for each sentence.
struct TokenPlaceList: ~Copyable {
  /// A token with a place: its bytes in the text, and its row.
  struct Place {
    var start: Int
    var end: Int
    var row: Int
  }

  private(set) var start: UnsafeMutablePointer<Place>
  private var room = 64
  var count = 0

  init() { start = .allocate(capacity: room) }

  deinit { start.deallocate() }

  var isEmpty: Bool { count == 0 }
  /// The places; valid until the next change.
  var all: UnsafeBufferPointer<Place> { UnsafeBufferPointer(start: start, count: count) }
  var array: [Place] { Array(all) }

  mutating func removeAll() { count = 0 }

  /// Forgets all places and takes memory for so many.
  mutating func makeRoom(_ wanted: Int) {
    count = 0
    if wanted > room { grow(to: wanted) }
  }

  mutating func append(_ place: Place) {
    if count == room { grow(to: room * 2) }
    start[count] = place
    count += 1
  }

  @inline(never) private mutating func grow(to wanted: Int) {
    let wider = UnsafeMutablePointer<Place>.allocate(capacity: wanted)
    wider.update(from: start, count: count)
    start.deallocate()
    start = wider
    room = wanted
  }
}
