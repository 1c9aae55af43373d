import WaybillFormatSupport

extension TextGridFormat {
  /// What can be wrong with a file.
  static let rules: [FormatRule] = [
    FormatRule(
      "textgrid.header", .error, "A file begins with `ooTextFile` and `TextGrid`, or with Praat's mark of a chronological one."),
    FormatRule(
      "textgrid.syntax", .error, "Numbers, texts in quotes and flags stand in the order of a TextGrid, and texts are closed."),
    FormatRule("textgrid.span", .error, "The time domain, and that of a tier, ends after it begins."),
    FormatRule("textgrid.count", .error, "Numbers of tiers, intervals and points are whole numbers."),
    FormatRule("textgrid.tier.class", .error, "A tier is an `IntervalTier` or a `TextTier`."),
    FormatRule("textgrid.tier.number", .error, "An item of a chronological file names a tier that is there."),
    FormatRule("textgrid.tier.order", .warning, "The items of a tier are one after the other; others are kept as they are."),
    FormatRule("textgrid.tier.outside", .warning, "The items of a tier are within its time domain; others are kept as they are."),
    FormatRule("textgrid.interval.order", .error, "An interval ends after it begins."),
    FormatRule("textgrid.time.number", .error, "A time is a decimal number."),
    FormatRule("textgrid.time.digits", .warning, "A time has at most 18 digits; others are read as the nearest such time."),
    FormatRule("textgrid.trailing", .warning, "A file ends after its tiers; what stands there is kept and means nothing."),
    FormatRule("textgrid.write.time", .error, "An annotation is an interval or an instant."),
    FormatRule(
      "textgrid.write.comments", .warning,
      "Comments, and other bytes before single values, are written again while the values are as many."),
    FormatRule("textgrid.write.interval", .error, "An interval ends after it begins."),
  ]
}
