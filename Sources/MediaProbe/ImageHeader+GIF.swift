// GIF: the GIF89a specification, section 18 (logical screen descriptor).
extension ImageHeader {
  /// Reads a GIF's logical screen, the canvas all its frames are drawn on.
  init(gif file: inout HeaderBytes) throws(ProbeStop) {
    let width = try file.number(at: 6, size: 2, .little)
    let height = try file.number(at: 8, size: 2, .little)
    try self.init(stated: .gif, width: width, height: height, channels: 1)
  }
}
