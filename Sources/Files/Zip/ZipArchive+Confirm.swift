import CWaybillZip
import Glibc
import WaybillDiagnostics

extension ZipArchive {
  /// Asks a second reader, libzip, what it sees, after all headers were checked: the same entries with the same sizes and checksums, or the
  /// archive is refused.
  ///
  /// For archives of others: what two readers see differently is a way to smuggle something past one of them. About 5 microseconds an
  /// entry. A source that fetches is copied to a temporary file first.
  public func confirm() throws(DatasetError) {
    try checkHeaders()
    if let mapped = source.mapped {
      try withExtendedLifetime(source) { () throws(DatasetError) in try compare(with: mapped) }
    } else {
      let copy = try MappedFile(filling: source.size, memoryLimit: limits.memory, path: path) { (target) throws(DatasetError) in
        try source.read(at: 0, into: target)
      }
      try withExtendedLifetime(copy) { () throws(DatasetError) in try compare(with: copy.bytes) }
    }
  }

  private func compare(with bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    var failure = zip_error_t()
    zip_error_init(&failure)
    defer { zip_error_fini(&failure) }
    guard let buffer = zip_source_buffer_create(bytes.baseAddress, zip_uint64_t(bytes.count), 0, &failure) else {
      throw DatasetError(.io, "cannot be opened by libzip: \(text(&failure))", path: path)
    }
    guard let other = zip_open_from_source(buffer, ZIP_RDONLY | ZIP_CHECKCONS, &failure) else {
      zip_source_free(buffer)
      throw ZipRule.readersDiffer.error("is refused by libzip: \(text(&failure))", path: path)
    }
    defer { zip_discard(other) }
    let count = zip_get_num_entries(other, 0)
    guard count == zip_int64_t(table.records.count) else {
      throw ZipRule.readersDiffer.error("has \(table.records.count) entries, of which libzip sees \(count)", path: path)
    }
    // No name is there twice, so as many that are found are all of them, if none is found twice.
    var isSeen = [Bool](repeating: false, count: table.records.count)
    for index in 0..<zip_uint64_t(count) {
      if index & 0xFFF == 0xFFF { try InterruptFlag.check() }
      var status = zip_stat_t()
      guard zip_stat_index(other, index, 0, &status) == 0, let name = zip_get_name(other, index, zip_flags_t(ZIP_FL_ENC_RAW)) else {
        throw ZipRule.readersDiffer.error(
          "has an entry that libzip cannot name: \(String(cString: zip_strerror(other)))", path: path)
      }
      let raw = UnsafeRawBufferPointer(start: name, count: strlen(name))
      guard let position = position(ofRaw: raw), !isSeen[position] else {
        throw ZipRule.readersDiffer.error(entry: raw, "is seen by libzip only", path: path)
      }
      isSeen[position] = true
      let record = table.records[position]
      let isSame =
        status.size == zip_uint64_t(record.size) && status.comp_size == zip_uint64_t(record.storedSize)
        && status.crc == record.crc32
        && status.comp_method == (record.isDeflated ? 8 : 0) && status.encryption_method == 0
      guard isSame else {
        throw ZipRule.readersDiffer.error(entry: raw, "has another size, checksum or method as libzip sees it", path: path)
      }
    }
  }

  /// The position of an entry by its name as the archive has it.
  private func position(ofRaw raw: UnsafeRawBufferPointer) -> Int? {
    var name = raw
    if name.count >= 2, name[0] == 0x2E, name[1] == 0x2F { name = name.part(2, name.count - 2) }
    if name.last == 0x2F { name = name.part(0, name.count - 1) }
    guard let position = table.find(name), table.isRawName(raw, table.records[position]) else { return nil }
    return position
  }

  private func text(_ error: inout zip_error_t) -> String { String(cString: zip_error_strerror(&error)) }
}
