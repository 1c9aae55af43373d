/// The names of splits as people and folders spell them.
public enum SplitName {
  /// The model's name of a split: `val` and `valid` are `validation`; every other name is itself.
  public static func canonical(_ name: String) -> String {
    switch name {
    case "val", "valid": "validation"
    default: name
    }
  }
}
