// The floor under a conversion: what only touching every byte costs on this machine, at this moment.
//
//   floor read PATH                 looks at each byte of a file (mapped) or of all files in a folder (read one by one)
//   floor write PATH LIST           writes the files that a list names, each with its size, below a new folder, or the one file PATH
//
// LIST has a line for each folder, `/name`, then a line for each of its files, `bytes name`; a line with bytes alone is PATH itself.
//
// Built by itself: swiftc -O Benchmarks/floor.swift

import Glibc

func stop(_ message: String) -> Never {
  let line = "floor: \(message): \(String(cString: strerror(errno)))\n"
  _ = Glibc.write(2, line, line.utf8.count)
  exit(1)
}

struct Count {
  var newlines = 0
  var quotes = 0

  // Eight bytes at a time; a byte that is equal leaves just its top bit.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let (low, newline, quote): (UInt64, UInt64, UInt64) = (
      0x7F7F_7F7F_7F7F_7F7F, 0x0A0A_0A0A_0A0A_0A0A, 0x2222_2222_2222_2222
    )
    var (lines, marks) = (0, 0)
    let whole = bytes.count & ~7
    var position = 0
    while position < whole {
      let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      let (first, second) = (word ^ newline, word ^ quote)
      lines &+= (~(((first & low) &+ low) | first | low)).nonzeroBitCount
      marks &+= (~(((second & low) &+ low) | second | low)).nonzeroBitCount
      position &+= 8
    }
    for byte in bytes[whole...] {
      lines &+= byte == 0x0A ? 1 : 0
      marks &+= byte == 0x22 ? 1 : 0
    }
    newlines &+= lines
    quotes &+= marks
  }
}

func readMapped(_ path: String, into count: inout Count) {
  let descriptor = open(path, O_RDONLY)
  var status = stat()
  guard descriptor >= 0, fstat(descriptor, &status) == 0 else { stop(path) }
  let size = Int(status.st_size)
  if size > 0 {
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else { stop(path) }
    madvise(start, size, MADV_SEQUENTIAL)
    count.add(UnsafeRawBufferPointer(start: start, count: size))
    munmap(start, size)
  }
  close(descriptor)
}

func readFolder(_ path: String, _ scratch: UnsafeMutableRawBufferPointer, into count: inout Count) {
  guard let folder = opendir(path) else { stop(path) }
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name == "." || name == ".." { continue }
    if entry.pointee.d_type == UInt8(DT_DIR) {
      readFolder(path + "/" + name, scratch, into: &count)
      continue
    }
    let descriptor = openat(dirfd(folder), name, O_RDONLY)
    if descriptor < 0 { stop(path + "/" + name) }
    while true {
      let got = read(descriptor, scratch.baseAddress, scratch.count)
      if got < 0 { stop(path + "/" + name) }
      if got < scratch.count {
        count.add(UnsafeRawBufferPointer(rebasing: scratch[..<got]))
        break
      }
      count.add(UnsafeRawBufferPointer(scratch))
    }
    close(descriptor)
  }
  closedir(folder)
}

/// Writes one file below a folder that is open.
func writeFile(_ name: UnsafePointer<CChar>, _ bytes: Int, in folder: Int32, _ scratch: UnsafeMutableRawBufferPointer) {
  let descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL, 0o644)
  if descriptor < 0 { stop(String(cString: name)) }
  var rest = bytes
  while rest > 0 {
    let written = write(descriptor, scratch.baseAddress, min(rest, scratch.count))
    if written <= 0 { stop(String(cString: name)) }
    rest -= written
  }
  close(descriptor)
}

/// Writes what the list says; folders come before what is in them.
func writeFiles(_ path: String, list: String, _ scratch: UnsafeMutableRawBufferPointer) {
  guard let lines = fopen(list, "r") else { stop(list) }
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  var (root, folder): (Int32, Int32) = (-1, -1)
  while case let length = getline(&line, &capacity, lines), length > 0, let line {
    if line[length - 1] == 0x0A { line[length - 1] = 0 }
    if line[0] == 0x2F {
      if root < 0 {
        mkdir(path, 0o755)
        root = open(path, O_RDONLY | O_DIRECTORY)
      }
      if folder >= 0 { close(folder) }
      if line[1] != 0 { mkdirat(root, line + 1, 0o755) }
      folder = line[1] == 0 ? dup(root) : openat(root, line + 1, O_RDONLY | O_DIRECTORY)
      if folder < 0 { stop(path) }
      continue
    }
    var end: UnsafeMutablePointer<CChar>?
    let bytes = strtol(line, &end, 10)
    if let end, end[0] == 0x20 {
      writeFile(end + 1, bytes, in: folder, scratch)
    } else {
      writeFile(path, bytes, in: AT_FDCWD, scratch)
    }
  }
  fclose(lines)
}

let arguments = CommandLine.arguments
let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
scratch.initializeMemory(as: UInt8.self, repeating: 0x78)

if arguments.count == 3, arguments[1] == "read" {
  var count = Count()
  var status = stat()
  guard stat(arguments[2], &status) == 0 else { stop(arguments[2]) }
  if status.st_mode & S_IFMT == S_IFDIR {
    readFolder(arguments[2], scratch, into: &count)
  } else {
    readMapped(arguments[2], into: &count)
  }
  print(count.newlines, count.quotes)
} else if arguments.count == 4, arguments[1] == "write" {
  writeFiles(arguments[2], list: arguments[3], scratch)
} else {
  stop("usage: floor read PATH | floor write PATH LIST")
}
