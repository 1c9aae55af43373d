import WaybillDiagnostics

extension S3Client {
  /// Asks for the objects whose full keys begin with a prefix, page by page, until the last one or until the body has enough.
  ///
  /// - Parameters:
  ///   - after: The full key to begin behind.
  ///   - limit: Most objects of a page, up to 1,000.
  ///   - body: Takes the objects of a page and says whether it wants the next one; it is told when there is none.
  /// - Throws: An error of the code `io` when a page is none, or is the one before again.
  func pages(
    of prefix: String, after: String? = nil, limit: Int = 1000, what: String = "list the objects",
    _ body: (_ objects: [S3Listing.Object], _ isLast: Bool) throws(DatasetError) -> Bool
  ) throws(DatasetError) {
    var next = after.map(S3Listing.after) ?? []
    while true {
      var query = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", "\(max(1, min(1000, limit)))")]
      if !prefix.isEmpty { query.append(("prefix", prefix)) }
      let call = Call(method: "GET", query: query + next, what: what)
      let response = try perform(call)
      guard let page = S3Listing(response.body) else { throw unexpected(call, response) }
      guard try body(page.objects.filter { $0.key.utf8.starts(with: prefix.utf8) }, page.next == nil), let following = page.next
      else { return }
      // A server that does not go on would be asked for ever.
      guard following.map(\.value) != next.map(\.value) else { throw unexpected(call, response) }
      next = following
    }
  }
}
