import WaybillDatasetModel

/// The columns of a file, by their names.
struct CoNLLUColumns: Equatable, Sendable {
  /// The names in the order of the file.
  let names: [String]
  /// Where the columns stand that mean something to the reader; -1 for those that are not there.
  let id, form, upos, xpos, feats, head, deprel, deps, misc: Int
  /// The column whose cells are the tokens.
  let token: Int
  /// The columns behind the token, as cells of a row have them.
  let others: [Int]
  /// The names of the columns behind the token.
  let otherNames: [String]

  /// The ten columns of CoNLL-U.
  static let standard = CoNLLUColumns(["ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"])

  /// Columns of some names.
  init(_ names: [String]) {
    self.names = names
    func place(_ name: String) -> Int { names.firstIndex(of: name) ?? -1 }
    id = place("ID")
    form = place("FORM")
    upos = place("UPOS")
    xpos = place("XPOS")
    feats = place("FEATS")
    head = place("HEAD")
    deprel = place("DEPREL")
    deps = place("DEPS")
    misc = place("MISC")
    let words = form >= 0 ? form : names.indices.first { names[$0] != "ID" } ?? 0
    token = words
    others = names.indices.filter { $0 != words }
    otherNames = others.map { names[$0] }
  }

  /// The number of columns.
  var count: Int { names.count }

  /// Reads the names of `# global.columns = ..`; nil when a name stands twice, or there is none.
  init?(line: String) {
    let names = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    guard !names.isEmpty, names.count <= 1024, Set(names).count == names.count else { return nil }
    self.init(names)
  }
}
