import WaybillConversion
import WaybillDiagnostics

/// Prints problems as `path:line:column: severity: message [rule]`, related places indented beneath.
struct DiagnosticText {
  /// The path shown for problems of the dataset as a whole.
  let path: String
  /// The files the problems are in.
  let sources: SourceMap

  /// Prints the problems of a list that weigh enough, in order, then how many more there are of each rule.
  func print(
    _ list: DiagnosticList, on channel: OutputChannel, atLeast severity: Diagnostic.Severity = .note
  ) {
    let items = list.items.filter { $0.severity >= severity }
    let places = SourcePlaces(items, sources)
    for item in items {
      let place = item.range.flatMap { places[$0]?.text } ?? terminalSafe(path)
      line(item.severity, place, "\(terminalSafe(item.message)) [\(terminalSafe(item.rule))]", "", channel)
      for related in item.related {
        line(.note, places[related.range]?.text ?? terminalSafe(path), terminalSafe(related.message), "  ", channel)
      }
    }
    for entry in list.counts where entry.severity >= severity {
      let listed = items.count { $0.rule == entry.rule && $0.severity == entry.severity }
      if entry.count > listed { channel.write("... and \(entry.count - listed) more of [\(terminalSafe(entry.rule))]\n") }
    }
  }

  private func line(
    _ severity: Diagnostic.Severity, _ place: String, _ message: String, _ indent: String, _ channel: OutputChannel
  ) {
    channel.write("\(indent)\(place): \(severity.color.paint(severity.word, on: channel)): \(message)\n")
  }
}

extension DiagnosticList {
  /// `2 errors, 1 warning`; notes are named only when there is one.
  var summary: String {
    let notes = count(of: .note)
    var parts = [counted(count(of: .error), "error"), counted(count(of: .warning), "warning")]
    if notes > 0 { parts.append(counted(notes, "note")) }
    return parts.joined(separator: ", ")
  }
}

/// A number with its noun: `1 sample`, `2 samples`.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// The same with commas between thousands: `1,234 samples`.
func groupedCount(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }
