import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// What the columns of a file are; one object, so that a sentence costs no copy of it.
final class CoNLLLayout: Equatable, Sendable {
  /// The number of columns.
  let width: Int
  /// The column of the token, counted from 0.
  let token: Int
  /// The columns of tags.
  let labels: [Int]
  /// All other columns.
  let others: [Int]
  /// The names of the other columns, as ``Tokens/columns`` has them.
  let names: [String]
  /// Whether every column of tags stands behind all others, so that it is known in wider rows too.
  let labelsAreLast: Bool

  private init(checked width: Int, _ token: Int, _ labels: [Int], _ others: [Int], _ names: [String]) {
    self.width = width
    self.token = token
    self.labels = labels
    self.others = others
    self.names = names
    let rest = max(token, others.last ?? token)
    labelsAreLast = labels.allSatisfy { $0 > rest }
  }

  /// A layout; nil when a column is outside of the rows or has two meanings.
  convenience init?(width: Int, token: Int, labels: [Int], names: [String]? = nil) {
    guard width > 0, width <= CoNLLLayout.widthLimit, token >= 0, token < width, !labels.contains(token) else { return nil }
    guard Set(labels).count == labels.count, labels.allSatisfy({ $0 >= 0 && $0 < width }) else { return nil }
    let others = (0..<width).filter { $0 != token && !labels.contains($0) }
    let names = names ?? CoNLLLayout.usualNames(others)
    guard names.count == others.count else { return nil }
    self.init(checked: width, token, labels, others, names)
  }

  /// A layout for columns of other formats: the token, the columns, then tags.
  convenience init(names: [String], labelCount: Int) {
    let width = names.count + 1 + labelCount
    self.init(checked: width, 0, Array((names.count + 1)..<width), Array(1..<(names.count + 1)), names)
  }

  /// Whether two layouts say the same.
  static func == (a: CoNLLLayout, b: CoNLLLayout) -> Bool {
    a === b || (a.width == b.width && a.token == b.token && a.labels == b.labels && a.names == b.names)
  }

  /// The names of columns that have none.
  private static func usualNames(_ columns: [Int]) -> [String] { columns.map { "column\($0 + 1)" } }

  /// Whether the columns are called by their numbers.
  var hasUsualNames: Bool { names == CoNLLLayout.usualNames(others) }

  /// Columns of one row that are within reason.
  static let widthLimit = 4096

  /// The column of tags in a row of a width.
  @inline(__always) func label(_ number: Int, inRowOf width: Int) -> Int {
    labelsAreLast ? width &- (self.width &- labels[number]) : labels[number]
  }

  /// The layout as JSON, with columns counted from 1.
  var json: AttributeValue {
    var members = Attributes()
    members["width"] = .integer(Int64(width))
    members["token"] = .integer(Int64(token + 1))
    members["labels"] = .list(labels.map { .integer(Int64($0 + 1)) })
    members["names"] = .list(names.map { .string($0) })
    return .object(members)
  }

  /// Reads a layout from JSON.
  convenience init?(json: AttributeValue) {
    guard case .object(let members) = json, case .integer(let width) = members["width"], case .integer(let token) = members["token"],
      case .list(let labels) = members["labels"], case .list(let names) = members["names"],
      width > 0, width <= CoNLLLayout.widthLimit, token > 0, token <= width
    else { return nil }
    var columns: [Int] = []
    for label in labels {
      guard case .integer(let column) = label, column > 0, column <= width else { return nil }
      columns.append(Int(column) - 1)
    }
    var texts: [String] = []
    for name in names {
      guard case .string(let text) = name else { return nil }
      texts.append(text)
    }
    self.init(width: Int(width), token: Int(token) - 1, labels: columns, names: texts)
  }
}
