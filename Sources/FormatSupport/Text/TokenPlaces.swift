import WaybillBytes
import WaybillDatasetModel

/// The places of tokens as JSON, for files whose grammar has no room for them: `"unknown"`, or a list of ranges with their unit.
public enum TokenPlaces {
  /// The name of the line that holds them.
  public static let name = "waybill_places"

  /// Places as JSON.
  public static func json(_ placement: Tokens.Placement) -> AttributeValue {
    switch placement {
    case .unknown: return .string("unknown")
    case .joined: return .string("joined")
    case .extents(let extents, let unit):
      let list = extents.map { extent -> AttributeValue in
        extent == .unknown ? .null : .list([.integer(Int64(extent.start)), .integer(Int64(extent.end))])
      }
      let name =
        switch unit {
        case .scalars: "scalars"
        case .utf16: "utf16"
        case .utf8: "utf8"
        }
      var members = Attributes()
      members["unit"] = .string(name)
      members["places"] = .list(list)
      return .object(members)
    }
  }

  /// The places that JSON says, for so many tokens; nil when it says none.
  public static func placement(_ json: AttributeValue?, count: Int) -> Tokens.Placement? {
    switch json {
    case .string("unknown"): return .unknown
    case .string("joined"): return .joined
    case .object(let members):
      guard case .list(let list) = members["places"], list.count == count, case .string(let name) = members["unit"] else {
        return nil
      }
      let unit: TextSpan.Unit
      switch name {
      case "scalars": unit = .scalars
      case "utf16": unit = .utf16
      case "utf8": unit = .utf8
      default: return nil
      }
      var extents: [Tokens.Extent] = []
      for item in list {
        if item == .null {
          extents.append(.unknown)
          continue
        }
        guard case .list(let pair) = item, pair.count == 2, case .integer(let start) = pair[0], case .integer(let end) = pair[1],
          let from = UInt32(exactly: start), let to = UInt32(exactly: end), from <= to, to < .max
        else { return nil }
        extents.append(Tokens.Extent(start: from, end: to))
      }
      return .extents(extents, unit)
    default: return nil
    }
  }
}
