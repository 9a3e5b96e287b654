/// A precondition that says its words in an optimized build too.
public func require(_ isTrue: Bool, _ words: @autoclosure () -> String) {
    if !isTrue { fatalError(words()) }
}

/// One input: what it makes go wrong stops the program.
public typealias FuzzTest = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// Hands over to libFuzzer. SwiftPM names an executable's `main` after its module and links to that name, so libFuzzer's
/// own `main` stays unused: each target has one that calls this.
public func runFuzzer(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ test: FuzzTest
) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments, test)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>, _ test: FuzzTest
) -> CInt
