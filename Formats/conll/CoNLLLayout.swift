import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// What the columns of a file are.
struct CoNLLLayout: Equatable, Sendable {
  /// The number of columns.
  var width: Int
  /// The column of the token, counted from 0.
  var token: Int
  /// The columns of tags.
  var labels: [Int]
  /// All other columns.
  var others: [Int]
  /// The names of the other columns, as ``Tokens/columns`` has them.
  var names: [String]
  /// Whether every column of tags stands behind all others, so that it is known in wider rows too.
  var labelsAreLast: Bool

  /// A layout; nil when a column is outside of the rows or has two meanings.
  init?(width: Int, token: Int, labels: [Int], names: [String]? = nil) {
    guard width > 0, width <= CoNLLLayout.widthLimit, token >= 0, token < width, !labels.contains(token) else { return nil }
    guard Set(labels).count == labels.count, labels.allSatisfy({ $0 >= 0 && $0 < width }) else { return nil }
    self.width = width
    self.token = token
    self.labels = labels
    others = (0..<width).filter { $0 != token && !labels.contains($0) }
    self.names = names ?? others.map { "column\($0 + 1)" }
    guard self.names.count == others.count else { return nil }
    let rest = others.last ?? token
    labelsAreLast = labels.allSatisfy { $0 > max(token, rest) }
  }

  /// A layout for columns of other formats: the token, the columns, then tags.
  init(names: [String], labelCount: Int) {
    width = names.count + 1 + labelCount
    token = 0
    labels = Array((names.count + 1)..<width)
    others = Array(1..<(names.count + 1))
    self.names = names
    labelsAreLast = true
  }

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
  init?(json: AttributeValue) {
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
