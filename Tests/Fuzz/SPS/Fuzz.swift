import FuzzSupport
import PutLiveMedia

/// One input: any bytes at all, read as the parameter set of H.264 that a broadcaster's keyframe begins with. What must hold
/// for every one of them is checked here; what crashes, overflows or never ends, libFuzzer and the address sanitizer
/// find. `scripts/fuzz` runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSPS(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let unit = Array(UnsafeBufferPointer(start: data, count: size))
    guard let found = SequenceParameterSet(unit[...]) else { return 0 }
    // Beyond level 6.2 (ITU-T H.264, section A.3.1); a frame of two fields may be twice as high.
    require((1...16_880).contains(found.width) && (1...33_760).contains(found.height), "no picture: \(found)")
    require(unit.count > 4 && found.profile == unit[1], "a profile from nowhere: \(found)")
    // A slice has other indices than an array.
    let padded = [0, 0, 0] + unit + [0xFF]
    require(SequenceParameterSet(padded[3..<3 + unit.count]) == found, "read otherwise in a slice: \(found)")
    if let record = AVCConfiguration.record(sps: [unit[...]], pps: [[0x68, 0xCE, 0x3C, 0x80]]) {
        require(Array(record[8..<8 + unit.count]) == unit, "another set in the record")
    }
    return 0
}

/// The entry point.
@_cdecl("fuzz_sps_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzSPS($0, $1) }
}
