/// Compares values of one kind with those of a filter.
enum OrderTest<Value: Comparable & Sendable>: Sendable {
  /// One value.
  case single(FilterOperator, Value)
  /// A list in order; true for values that are not in it when negated.
  case list([Value], isNegated: Bool)

  /// A test of the values of a comparison.
  init(_ comparison: FilterOperator, _ values: [Value]) {
    if !comparison.takesList, let value = values.first {
      self = .single(comparison, value)
    } else {
      self = .list(values.sorted(), isNegated: comparison.isNegated)
    }
  }

  /// Whether a value fits.
  @inline(__always) func fits(_ value: Value) -> Bool {
    switch self {
    case .single(let comparison, let own):
      switch comparison {
      case .equal: value == own
      case .notEqual: value != own
      case .less: value < own
      case .lessOrEqual: value <= own
      case .greater: value > own
      default: value >= own
      }
    case .list(let values, let isNegated): values.holds(value) != isNegated
    }
  }
}

extension Array where Element: Comparable {
  /// Whether a sorted array has an element.
  fileprivate func holds(_ value: Element) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value
  }
}
