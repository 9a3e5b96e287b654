import FuzzSupport
import PutLiveConfig
import YAML

/// One input: any bytes at all, read as a config file. What must hold for every one of them is checked here; what
/// crashes, overflows or never ends, libFuzzer and the address sanitizer find. `scripts/fuzz` runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfig(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    checkTree(YAML.parse(bytes))
    // Without variables and files: an input is all that decides.
    let loaded = ConfigLoader(environment: .empty).load(bytes, file: "config.yaml", directory: "/etc/putlive")
    checkLoaded(loaded, of: bytes)
    return 0
}

private func checkTree(_ document: YAMLDocument) {
    require(document.root != nil || !document.problems.isEmpty, "no tree, and no reason")
    for problem in document.problems {
        let (start, end) = (problem.range.start, problem.range.end)
        require(start.line >= 1 && start.column >= 1, "a problem before the file: \(problem)")
        require((start.line, start.column) <= (end.line, end.column), "a problem that ends first: \(problem)")
        require(!problem.message.isEmpty && !problem.remedy.isEmpty, "a problem without words: \(problem)")
    }
}

private func checkLoaded(_ loaded: LoadedConfig, of bytes: [UInt8]) {
    require((loaded.config == nil) == (loaded.errorCount > 0), "an error is exactly what denies a config")
    // A line ends with LF or CR LF; nothing else that ends one gets past the reader.
    let lines = bytes.count { $0 == 0x0A } + 1
    for diagnostic in loaded.diagnostics {
        let (line, column) = (diagnostic.line, diagnostic.column)
        require((1...lines).contains(line) && column >= 1, "not a place of \(lines) lines: \(diagnostic)")
        require(diagnostic.width >= 1, "nothing to underline: \(diagnostic)")
        require(!diagnostic.message.isEmpty && !diagnostic.remedy.isEmpty, "no words: \(diagnostic)")
        require(diagnostic.text(colour: true).count > diagnostic.text().count, "no colours: \(diagnostic)")
    }
}

/// The entry point.
@_cdecl("fuzz_config_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzConfig($0, $1) }
}
