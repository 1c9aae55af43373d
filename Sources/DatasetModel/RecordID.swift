/// The id of a record as the file gives it: the kind is kept, so `"2299"` is not `2299`.
public enum RecordID: Hashable, Sendable, CustomStringConvertible {
  /// A number.
  case integer(Int64)
  /// A text.
  case string(String)

  /// The id for people.
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    }
  }
}

/// The id of an annotation, unique in the dataset or in its sample, as the format says.
public typealias AnnotationID = RecordID

/// The id of an object followed over frames.
public typealias TrackID = RecordID
