import Glibc

// libFuzzer brings the main program along; these are the two functions it calls.

/// Finds the target before the first input; a wrong name ends the process.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>?, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> Int32 {
  _ = FuzzTarget.chosen
  return 0
}

/// Gives one input to the target; 0 is the only answer libFuzzer knows.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  FuzzTarget.chosen.run(UnsafeRawBufferPointer(start: count == 0 ? nil : bytes, count: count))
  return 0
}
