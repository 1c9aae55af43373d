import Testing
import WaybillDatasetModel

@testable import WaybillSampleFilter

/// What filters fit, field by field.
@Suite struct FilterMatchTests {
  @Test(arguments: [
    ("label = car", "a f"), ("label == car", "a f"), ("label = \"traffic light\"", "b"), ("label = Straße", "d"),
    ("label = Car", ""),
    ("label != car", "a b d f"), ("not label = car", "b c d e"), ("label in (bus, \"traffic light\")", "a b f"),
    ("label not in (car, bus)", "b d"), ("label ~ ^tr", "b"), ("label ~ \"a\"", "a b d f"), ("label !~ a", "a f"),
    ("label like c*", "a f"), ("label like \"*light\"", "b"), ("label not like \"?a?\"", "a b d f"), ("has label", "a b d f"),
    ("label is missing", "c e"), ("label is not missing", "a b d f"), ("label < c", "a d f"), ("label >= car", "a b f"),
  ])
  func labels(_ text: String, _ keys: String) throws { #expect(try FilterFixture.keys(text) == keys) }

  @Test(arguments: [
    ("key = a", "a"), ("key in (a, b, z)", "a b"), ("key > c", "d e f"), ("path like street/*", "a b"),
    ("path like \"*.jpg\"", "a c f"),
    ("path ~ \"/\\d{4}\\.(jpg|png)$\"", "a b c"), ("path is missing", "d"), ("split = train", "a"), ("split = val", "b"),
    ("split = valid", "b"), ("split = validation", "b"), ("split != train", "b d"), ("not split = train", "b c d e f"),
    ("split is missing", "c e f"), ("has split", "a b d"), ("id = 7", "a b"), ("id = \"7\"", "b"), ("id != 7", ""),
    ("id > 6", "a b"),
    ("id ~ 7", "a b"), ("media = image", "a b c f"), ("media != image", "d e"), ("media in (text, audio)", "d e"),
    ("media like \"?????\"", "a b c e f"), ("has media", "a b c d e f"), ("media.width > 100", "a"), ("media.height = 100", "b"),
    ("has media.width", "a b"), ("state = unlabeled", "c"), ("state = labeled", "a b d e"), ("state != labeled", "c f"),
    ("state = unconfirmed", "f"), ("state in (unlabeled, unconfirmed)", "c f"), ("state like un*", "c f"),
    ("labels = 2", "a f"), ("labels = 0", "c e"), ("annotations = 3", "a"), ("annotations in (0, 1)", "b c d"),
    ("attr.weather = rain", "a"), ("attr.lux > 39.5", "a"), ("attr.night = false", "a"), ("attr.night != false", ""),
  ])
  func samples(_ text: String, _ keys: String) throws { #expect(try FilterFixture.keys(text) == keys) }

  @Test(arguments: [
    ("by = human/alice", "a"), ("by like \"human/*\"", "a b"), ("by !~ ^human/", "a"), ("confidence >= 0.9", "a"),
    ("confidence < 0.3", ""), ("confidence in (0.3, 1)", "a"), ("has confidence", "a"), ("hard", "b"), ("hard = true", "b"),
    ("hard = false", "d"), ("not hard", "a c d e f"), ("hard is missing", "a c e f"), ("hard != true", "d"), ("truncated", "a"),
    ("truncated = false", "a"), ("not truncated", "b c d e f"), ("crowd", "f"), ("difficult", ""), ("occluded = false", ""),
    ("unconfirmed", "f"), ("unconfirmed = false", "d"),
    ("any(unconfirmed and label = bus)", "f"),
    ("kind = box", "a f"), ("kind = polygon", "b"), ("kind = polygon-holes", "b"), ("kind = span", "d"),
    ("kind in (interval, instant)", "e"), ("kind != box", "b d e"), ("kind ~ ^in", "e"), ("has kind", "a b d e f"),
    ("area = 5000", "a"), ("area = 96", "b"), ("area < 100", "b"), ("area > 700", "a"), ("width = 10", "a b"), ("height > 49", "a"),
    ("aspect = 2", "a"), ("aspect = 1", "b"), ("aspect = 0.5", "a"), ("has area", "a b"), ("track = 12", "f"), ("track = t1", "f"),
    ("track like t*", "f"), ("frame = 17", "f"), ("text ~ ü", "d"), ("text = \"good morning\"", "e"), ("text like \"*K?ln\"", "d"),
    ("duration = 90.5", "e"), ("duration = 2.25", "e"), ("duration > 00:01:30", "e"), ("duration <= 2.24", ""),
    ("start = 0.10", "e"),
    ("end = 3", "e"), ("end in (2.35)", "e"), ("start >= 0.1", "e"),
  ])
  func annotations(_ text: String, _ keys: String) throws { #expect(try FilterFixture.keys(text) == keys) }

  @Test(arguments: [
    ("created = 2026", "a b"), ("created = 2026-01", "a"), ("created = 2026-02", "b"), ("created = 2026-01-31", "a"),
    ("created < 2026-01-31", "f"), ("created <= 2026-01-31", "a f"), ("created > 2026-01-31", "b"), ("created >= 2026-02-01", "b"),
    ("created != 2026-01-31", "b f"), ("created = 2026-01-31T08:00:00", "a"), ("created = \"2026-01-31T08:00:00Z\"", "a"),
    // With a zone, both are the same moment; without, a moment is what is written.
    ("created = \"2026-01-31T23:30:00Z\"", "b"), ("created = 2026-02-01T00:30:00+01:00", "b"),
    ("created = 2026-01-31T23:30:00", ""),
    ("created < 2026-01-01T00:00:00Z", ""), ("created < 2026-01-01T00:00:00", "f"), ("created in (2025-12, 2026-02)", "b f"),
    ("created not in (2025-12, 2026-02)", "a"), ("created <= 2024-02", ""), ("created > 2024-02-29", "a b f"),
    ("has created", "a b f"),
    ("created >= 9999", ""), ("created = \"2026-01-31 08:00:00\"", "a"), ("created < 2026-01-31T08:00:00.5", "a f"),
  ])
  func moments(_ text: String, _ keys: String) throws {
    #expect(try FilterFixture.keys(text) == keys)
  }

  @Test(arguments: [
    ("attr.colour = red", "a"), ("attr.colour != red", "a"), ("any(attr.colour != red)", "a"),
    ("attribute[\"colour\"] = blue", "a"),
    ("attr[colour] = green", ""), ("attr.doors = 4", "a"), ("attr.doors = 2", "a"), ("attr.doors = \"4\"", ""),
    ("attr.doors = \"2\"", "a"), ("attr.doors > 3", "a"), ("attr.doors < 2.5", "a"), ("attr.doors > 4", ""),
    ("attr.tags = old", "a"),
    ("attr.tags = 3", "a"), ("attr.tags ~ ^o", "a"), ("attr.tags like 3", "a"), ("attr.sold = null", "a"),
    ("attr.sold = \"null\"", ""),
    ("has attr.sold", "a"), ("attr.sold is missing", "b c d e f"), ("attr.colour in (red, 4)", "a"),
    ("attr.doors in (2.0, 9)", "a"), ("attr.doors in (\"4\")", ""),
    ("attr.doors in (\"2\")", "a"), ("attr.doors not in (2, 4.0)", ""), ("attr.doors not in (2, red)", "a"),
    ("attr.sold in (1, null)", "a"),
    ("attr.night in (false, x)", "a"), ("attr.tags in (2.5, 3)", "a"), ("attr.colour not in (red, blue)", ""),
    ("attr.lux in (40.0)", "a"), ("attr.colour > blue", "a"),
    ("attr.colour > 3", ""), ("attr.lux ~ ^4", "a"), ("attr.night ~ false", "a"), ("has attr.nothing", ""),
  ])
  func attributes(_ text: String, _ keys: String) throws { #expect(try FilterFixture.keys(text) == keys) }

  /// Alone, each comparison looks for an annotation of its own; inside `any` all are about one.
  @Test(arguments: [
    ("label = bus and confidence > 0.5", "a"), ("any(label = bus and confidence > 0.5)", ""),
    ("any(label = car and confidence > 0.5)", "a"), ("any(label = car and not confidence > 0.5)", "a f"),
    ("any(label = car and confidence is missing)", "f"), ("all(label = car)", "c"), ("all(has label)", "a b c d f"),
    ("all(label in (car, bus)) and has label", "a f"), ("not any(label = car)", "b c d e"), ("count() = 0", "c"),
    ("count() >= 3", "a"),
    ("count(label = car) = 2", "a"), ("count(label = car) != 2", "b c d e f"), ("count(label = car and confidence > 0.5) = 1", "a"),
    ("any(split = train and label = bus)", "a"), ("any(id = 2)", "a"), ("any(id = 7)", ""), ("id = 2", ""), ("any(hard)", ""),
    ("any(hard = false)", "d"), ("any(text ~ .)", "e"), ("any(not has label)", "e"),
    ("any(label is missing and kind = interval)", "e"),
    ("any(area > 400 or aspect < 0.6)", "a"), ("any(duration > 90)", ""), ("count(kind = box) > 1.5", "a f"),
  ])
  func quantifiers(_ text: String, _ keys: String) throws { #expect(try FilterFixture.keys(text) == keys) }

  @Test(arguments: [
    ("label = car and split = train", "a"), ("label = car or split = test", "a d f"), ("key = a or key = b and key = c", "a"),
    ("(key = a or key = b) and key = b", "b"), ("not key = a and not key = b", "c d e f"), ("not (key = a or key = b)", "c d e f"),
    ("not not key = a", "a"), ("  key=a  ", "a"), ("key\n=\n\ta", "a"), ("(((key = a)))", "a"), ("key = 'a'", "a"),
    ("key = \"\\u{61}\"", "a"), ("key=a or(key=b)", "a b"), ("text = \"\\\\\"", ""), ("label = any", ""), ("label = count", ""),
    ("label = \"and\"", ""), ("has text and not has label", "e"),
  ])
  func structure(_ text: String, _ keys: String) throws { #expect(try FilterFixture.keys(text) == keys) }
}
