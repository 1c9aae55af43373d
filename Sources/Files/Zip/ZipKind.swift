/// What an entry is by its attributes, where the system that made it says so (4.4.15).
enum ZipKind {
  case file, folder, link, special

  /// The kind of an entry whose name ends in a slash, or does not; nil where name and attributes disagree.
  init?(host: UInt8, attributes: UInt32, hasSlash: Bool) {
    let mode = attributes >> 16 & 0xF000
    // A link is refused whoever claims to have made it.
    if mode == 0xA000 {
      self = .link
      return
    }
    let isUnix = host == ZipFormat.hostUnix || host == ZipFormat.hostDarwin
    switch isUnix ? mode : 0 {
    case 0:
      let isDOSFolder = attributes & 0x10 != 0
      if isDOSFolder && !hasSlash { return nil }
      self = hasSlash ? .folder : .file
    case 0x8000:
      if hasSlash { return nil }
      self = .file
    case 0x4000:
      if !hasSlash { return nil }
      self = .folder
    default: self = .special
    }
  }
}
