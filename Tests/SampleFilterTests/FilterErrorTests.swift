import Testing
import WaybillDiagnostics

@testable import WaybillSampleFilter

/// What is said about filters that are wrong: the column, what is wrong, and what was expected.
@Suite struct FilterErrorTests {
  @Test(arguments: [
    ("", 1, "expected a condition, such as label = car, and the filter ends"),
    ("   ", 4, "expected a condition, such as label = car, and the filter ends"),
    ("label =", 8, "expected a value after =, such as car, and the filter ends"),
    ("label car", 7, "expected a comparison after label, such as label = car, not \"car\"; has label asks whether it is given"),
    ("label lik c*", 7, "expected a comparison after label, such as label = car, not \"lik\"; did you mean like?"),
    ("label", 6, "expected a comparison after label, such as label = car, and the filter ends; has label asks whether it is given"),
    ("splt = train", 1, "there is no field \"splt\"; did you mean split?"),
    ("lables = 1", 1, "there is no field \"lables\"; did you mean labels?"),
    ("attr = 1", 1, "there is no field \"attr\"; an attribute is attr.NAME or attribute[\"NAME\"]"),
    ("attr[] = 1", 6, "expected the name of an attribute, such as \"colour\", not \"]\""),
    ("attr[\"a\" = 1", 10, "expected ] after the name of the attribute, not \"=\""),
    ("key = a && key = b", 9, "expected and, or or the end, not \"&&\"; did you mean and?"),
    ("key = a || key = b", 9, "expected and, or or the end, not \"||\"; did you mean or?"),
    ("! hard", 1, "expected a condition, such as label = car, not \"!\"; did you mean not?"),
    ("key <> a", 5, "expected a comparison after key, such as key like \"street/*\", not \"<>\"; did you mean !=?"),
    ("key =~ a", 5, "expected a comparison after key, such as key like \"street/*\", not \"=~\"; did you mean ~?"),
    ("key = a AND hard", 9, "expected and, or or the end, not \"AND\"; did you mean and?"),
    (
      "label = red car", 13,
      "expected and, or or the end, not \"car\"; a value of several words stands in quotes, as in \"red car\""
    ),
    ("label = \"red\" car", 15, "expected and, or or the end, not \"car\""),
    ("label = and", 9, "expected a value after =, such as car, not \"and\"; as a value the word stands in quotes"),
    ("\"car\" = label", 1, "expected a condition, not \"car\"; a field stands before the value, such as label = \"car\""),
    ("(label = car", 13, "expected and, or or ), and the filter ends"),
    ("label = car)", 12, "expected and, or or the end, not \")\""),
    ("any label = car", 5, "expected ( after any, as in any(label = car), not \"label\""),
    ("count = 3", 7, "expected ( after count, as in count(label = car) > 1, not \"=\""),
    ("count(hard)", 12, "expected =, !=, <, <=, > or >= after count(...), and the filter ends"),
    ("count() ~ 3", 9, "expected =, !=, <, <=, > or >= after count(...), not \"~\""),
    ("count() > many", 11, "count() is a number, such as 3 or 0.5, not \"many\""),
    ("any(count() > 1)", 5, "count() cannot stand inside any(), all() or count(), which are about one annotation"),
    ("has", 4, "expected a field, such as label, and the filter ends"),
    ("has 'label'", 5, "expected a field, such as label, not \"label\""),
    ("label is gone", 10, "expected missing or not missing after is, not \"gone\""),
    ("label is not gone", 14, "expected missing after is, not \"gone\""),
    ("label not car", 11, "expected like or in after label not, not \"car\""),
    ("label in car", 10, "expected a list in parentheses after in, such as (car), not \"car\""),
    ("label in (car bus)", 15, "expected , or ) in the list, not \"bus\""),
    ("label in ()", 11, "expected a value after (, such as car, not \")\""),
    ("label in (car,)", 15, "expected a value after ,, such as car, not \")\""),
    ("label = 'car", 9, "the text in quotes does not end"),
    ("label = \"a\\q\"", 11, #"a backslash is followed by ", ', \, n, r, t or u{...} in a text; \\ stands for a backslash"#),
    ("label = \"\\u{110000}\"", 10, "\\u is followed by a character's number, such as \\u{e9}"),
    ("label = \"a\\", 11, #"a backslash is followed by ", ', \, n, r, t or u{...} in a text; \\ stands for a backslash"#),
    ("label = \u{1B}[31m =", 10, "expected and, or or the end, not \"[\""),
    (
      "\u{1B}x = 1", 1,
      "there is no field \"\\u{1b}x\"; the fields are key, path, id, split, state, media, media.width, media.height, labels, annotations, label, kind, by, created, confidence, hard, difficult, truncated, occluded, crowd, unconfirmed, area, width, height, aspect, text, duration, start, end, frame, track and attr.NAME"
    ),
  ])
  func syntax(_ text: String, _ column: Int, _ message: String) {
    #expect(FilterFixture.message(text) == "The filter is wrong at column \(column): \(message)")
  }

  @Test(arguments: [
    ("confidence > high", 14, "confidence is a number, such as 3 or 0.5, not \"high\""),
    ("confidence > 1e999", 14, "confidence is a number, such as 3 or 0.5, not \"1e999\""),
    ("area ~ 5", 6, "area is a number and fits no pattern; it is compared with =, !=, < or >"),
    ("duration > long", 12, "duration is a time in seconds, such as 2.5 or 00:01:30, not \"long\""),
    ("duration like 2*", 10, "duration is a time and fits no pattern; it is compared with =, !=, < or >"),
    ("created = 31.01.2026", 11, "created is a date or a moment, such as 2026-01-31 or 2026-01-31T12:00:00Z, not \"31.01.2026\""),
    ("created = 2026-02-30", 11, "created is a date or a moment, such as 2026-01-31 or 2026-01-31T12:00:00Z, not \"2026-02-30\""),
    ("hard = yes", 8, "hard is true or false, not \"yes\""),
    ("hard > true", 6, "hard is true or false; it is compared with = or !=, or stands alone"),
    ("kind = polygn", 8, "kind is never \"polygn\"; did you mean polygon?"),
    ("state = done", 9, "state is never \"done\"; it is one of unlabeled, unconfirmed, labeled"),
    ("state < labeled", 7, "state has no order; it is compared with =, !=, in, like or ~"),
    ("label ~ ", 9, "expected a pattern in quotes after ~, such as \"^street/\", and the filter ends"),
    ("key like (a|b)", 10, "expected a pattern in quotes after like, such as \"street/*\", not \"(\""),
  ])
  func values(_ text: String, _ column: Int, _ message: String) {
    #expect(FilterFixture.message(text) == "The filter is wrong at column \(column): \(message)")
  }

  @Test(arguments: [
    ("(a", 1, "the group is not closed by )"), ("a)", 2, "the ) closes no group"),
    ("[a", 1, #"the class is not closed by ]; \[ is a bracket"#),
    ("a[z-a]", 3, "the range ends before it begins"), ("[\\d-z]", 2, "a range goes from one character to another"),
    ("*a", 1, "there is nothing for * to repeat"), ("a|+", 3, "there is nothing for + to repeat"),
    ("a**", 3, "* follows another repetition; a group may be repeated, as in (a*)*"), ("^*", 2, "^ cannot be repeated"),
    ("a{2", 2, #"{ begins a repetition such as a{2,5}; \{ is a brace"#),
    ("a{,}", 2, #"{ begins a repetition such as a{2,5}; \{ is a brace"#),
    ("a{3,2}", 2, "the repetition goes from 3 down to 2"), ("a{1001}", 2, "a repetition goes up to 1000 times"),
    ("{2}", 1, #"{ begins a repetition such as a{2,5}, and there is nothing to repeat; \{ is a brace"#),
    ("a\\1", 2, "\\1 refers back to a group, which cannot be matched in linear time"),
    ("\\b", 1, "\\b means nothing here; \\d, \\w, \\s, \\n, \\r, \\t, \\xHH and \\uHHHH do"),
    ("\\x4", 1, "\\x is followed by 2 hexadecimal digits"), ("\\ud800", 1, "there is no character of this number"),
    ("a(?=b)", 2, "a group begins with ( or (?:; no other (? is known, but (?i) at the beginning of the pattern"),
    ("((a{500}){500})", 10, "the repetitions make the pattern too large; smaller numbers help"),
  ])
  func patterns(_ pattern: String, _ column: Int, _ message: String) {
    // The pattern begins behind `key ~ "`.
    #expect(FilterFixture.message("key ~ \"\(pattern)\"") == "The filter is wrong at column \(column + 7): \(message)")
  }

  /// What would overflow a stack or fill the memory is refused.
  @Test func hostileFiltersEnd() {
    func deep(_ open: String, _ close: String, _ count: Int) -> String {
      String(repeating: open, count: count) + "hard" + String(repeating: close, count: count)
    }
    #expect(FilterFixture.message(deep("(", ")", 64)) == "")
    #expect(FilterFixture.message(deep("(", ")", 65)) == "The filter is wrong at column 65: it is nested more than 64 deep")
    #expect(FilterFixture.message(deep("not ", "", 64)) == "")
    #expect(FilterFixture.message(deep("not ", "", 10_000)) == "The filter is wrong at column 257: it is nested more than 64 deep")
    let long = Array(repeating: "hard", count: 10_000).joined(separator: " or ")
    #expect(FilterFixture.message(long) == "The filter is wrong at column 1: it has 79996 bytes, and a filter has at most 65536")
    #expect(FilterFixture.message(Array(repeating: "hard", count: 8_000).joined(separator: " or ")) == "")
    let groups = String(repeating: "(", count: 65) + String(repeating: ")", count: 65)
    #expect(FilterFixture.message("key ~ \"\(groups)\"") == "The filter is wrong at column 72: groups are nested more than 64 deep")
    let wide = String(repeating: "a", count: 1025)
    #expect(FilterFixture.message("key ~ \(wide)").hasSuffix("the regular expression has 1025 characters, and may have 1024"))
    #expect(FilterFixture.message("key like \(wide)").hasSuffix("the pattern has 1025 characters, and may have 1024"))
    // Nothing repeated is nothing, however often.
    #expect(FilterFixture.message("key ~ \"(((){1000}){1000}){1000}\"") == "")
  }
}
