import WaybillDatasetModel

/// A filter made ready for samples.
indirect enum FilterCondition: Sendable {
  /// Holds when all hold.
  case and([FilterCondition])
  /// Holds when one holds.
  case or([FilterCondition])
  /// Holds when it does not.
  case not(FilterCondition)
  /// A field has a value that fits.
  case field(FieldTest)
  /// There is an annotation for which it holds.
  case any(FilterCondition)
  /// It holds for every annotation.
  case all(FilterCondition)
  /// So many annotations are there for which it holds.
  case count(FilterCondition?, OrderTest<Double>)
}

/// What a value of a field is tested for.
final class FieldTest: Sendable {
  /// The test of a value.
  enum Test: Sendable {
    case text(TextTest)
    case number(OrderTest<Double>)
    case time(OrderTest<MediaTime>)
    case moment(MomentTest)
    /// Whether yes fits, and no.
    case boolean(yes: Bool, no: Bool)
    /// Kinds of places or of media that fit.
    case features(FeatureSet)
    /// States that fit.
    case states([LabelingState])
    case value(ValueTest)
    /// Any value will do.
    case given
  }

  /// The field.
  let field: FilterField
  /// Where its values are found.
  let level: FilterField.Level
  /// The test.
  let test: Test
  /// For a test of label names: its number among these.
  let labelTest: Int

  /// A test of a field.
  init(_ field: FilterField, _ test: Test, labelTest: Int = -1) {
    self.field = field
    level = field.level
    self.test = test
    self.labelTest = labelTest
  }

  /// Whether yes or no fits.
  func fits(_ flag: Bool?) -> Bool {
    guard let flag else { return false }
    if case .boolean(let yes, let no) = test { return flag ? yes : no }
    return isGiven
  }

  /// Whether a number fits.
  func fits(_ number: Double?) -> Bool {
    guard let number else { return false }
    if case .number(let test) = test { return test.fits(number) }
    return isGiven
  }

  /// Whether a length of time or a moment of a recording fits.
  func fits(_ time: MediaTime?) -> Bool {
    guard let time else { return false }
    if case .time(let test) = test { return test.fits(time) }
    return isGiven
  }

  /// Whether a moment of the calendar fits.
  func fits(_ moment: Timestamp?) -> Bool {
    guard let moment else { return false }
    if case .moment(let test) = test { return test.fits(moment) }
    return isGiven
  }

  /// Whether a text fits.
  func fits(_ text: String?, _ matchers: PatternMatchers) -> Bool {
    guard let text else { return false }
    if case .text(let test) = test { return test.fits(text, matchers) }
    return isGiven
  }

  /// Whether an id fits.
  func fits(_ id: RecordID?, _ matchers: PatternMatchers) -> Bool {
    guard let id else { return false }
    if case .value(let test) = test { return test.fits(id, matchers) }
    return isGiven
  }

  /// Whether the value of an attribute fits.
  func fits(_ value: AttributeValue?, _ matchers: PatternMatchers) -> Bool {
    guard let value else { return false }
    if case .value(let test) = test { return test.fits(value, matchers) }
    return isGiven
  }

  /// Whether one of some features fits.
  func fits(_ features: FeatureSet) -> Bool {
    if case .features(let own) = test { return !features.intersection(own).isEmpty }
    return isGiven && !features.isEmpty
  }

  /// Whether any value will do.
  var isGiven: Bool {
    if case .given = test { return true }
    return false
  }
}
