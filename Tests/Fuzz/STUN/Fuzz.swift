import FuzzSupport
import PutLiveWebRTC

/// One input: any bytes at all, as a packet and as a stream of them. What must hold for every one of them is checked here;
/// what crashes, overflows or never ends, libFuzzer and the address sanitizer find. `scripts/fuzz` runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSTUN(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // A copy of its exact size, so that a byte read beyond it is noticed.
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    bytes.withUnsafeBytes { packet in
        checkAgent(packet)
        checkProbe(packet)
        checkRecords(packet)
        checkStream(packet)
    }
    checkAddress(bytes)
    return 0
}

private let local = ICECredentials(usernameFragment: "evtj", password: "VOkJxbRl1RmTxUk/WvJxBt")
private let remote = ICECredentials(usernameFragment: "h6vY", password: "a password of theirs, long")
private let begin = MonotonicTime(microseconds: 1_000_000)

private func checkAgent(_ packet: UnsafeRawBufferPointer) {
    let source = TransportAddress(ip: UnsafeRawBufferPointer(rebasing: packet.prefix(4)), port: 5000)
    var agent = ICELite(local: local, remote: remote, now: begin)
    let events = agent.receive(packet, from: source, at: begin)
    require(!events.isEmpty && events.count <= 3, "as many events as \(events.count)")
    if case .send(let answer, let destination) = events[0] {
        require(destination == source, "an answer to somebody else")
        require(PacketKind(packet) == .stun, "an answer to what is no STUN")
        answer.withUnsafeBytes { answer in
            guard let message = try? STUNMessage(answer) else { fatalError("an answer that can't be read") }
            require(message.messageClass == .success || message.messageClass == .failure, "an answer that asks")
        }
        // Strangers get nothing that is worth sending from a forged address.
        require(answer.count <= packet.count + 80, "an answer of \(answer.count) bytes to \(packet.count)")
    }
    require(events.contains(.authenticated) == (agent.lastConsent != nil), "consent without a check")
    require((agent.selected == nil) == (agent.lastConsent == nil), "a pair without a check")
    if agent.lastConsent != nil {
        require(ICELite.usernameFragment(of: packet) == local.usernameFragment, "a check in another's name")
    }
    require((try? STUNMessage(packet)) != nil || events == [.ignored(.malformed)], "taken, and not readable")
}

/// As seeds.py has it: whoever doesn't know its secret gets nothing.
private func checkProbe(_ packet: UnsafeRawBufferPointer) {
    let source = TransportAddress(ip: UnsafeRawBufferPointer(rebasing: packet.prefix(16)), port: 5000)
    let probe = ReachabilityProbe(secret: [UInt8](repeating: 7, count: 32))
    guard let fragment = ICELite.usernameFragment(of: packet) else { return }
    guard let answer = probe.answer(packet, named: fragment, from: source, at: begin) else { return }
    require(fragment == "probe0000001fabcdefgh", "an answer to a name that is made up: \(fragment)")
    require(answer.count < packet.count, "an answer of \(answer.count) bytes to \(packet.count)")
}

private func checkRecords(_ packet: UnsafeRawBufferPointer) {
    if PacketKind(packet) == .dtls { require((20...63).contains(packet[0]), "no DTLS (RFC 7983)") }
}

/// In pieces whose lengths the input tells; all at once must give the same.
private func checkStream(_ bytes: UnsafeRawBufferPointer) {
    var whole = TCPFraming()
    var expected: [[UInt8]] = []
    var isGood = whole.append(bytes)
    while let packet = whole.next() { expected.append(packet) }
    isGood = isGood && whole.isPlausible
    require(expected.allSatisfy { (1...TCPFraming.longestPacket).contains($0.count) }, "a packet out of bounds")

    var pieces = TCPFraming()
    var got: [[UInt8]] = []
    var offset = 0
    while offset < bytes.count {
        let end = min(bytes.count, offset + 1 + Int(bytes[offset]))
        if !pieces.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<end])) { break }
        while let packet = pieces.next() { got.append(packet) }
        if !pieces.isPlausible { break }
        offset = end
    }
    if bytes.count < 100_000 {
        require(got == expected, "\(got.count) packets in pieces, \(expected.count) at once")
        require(pieces.isPlausible == isGood, "an end in pieces alone, or at once alone")
    }
    let framed = expected.flatMap(TCPFraming.framed)
    var again = TCPFraming()
    var unframed: [[UInt8]] = []
    require(framed.withUnsafeBytes { again.append($0) } || framed.count > 100_000, "frames of ours are refused")
    while let packet = again.next() { unframed.append(packet) }
    require(unframed == expected || framed.count > 100_000, "frames of ours are read as others")
}

private func checkAddress(_ bytes: [UInt8]) {
    guard let address = TransportAddress(ip: String(decoding: bytes, as: UTF8.self), port: 1) else { return }
    require(TransportAddress(ip: address.ipText, port: 1) == address, "not itself: \(address)")
    let candidates = [
        ICECandidate.udp(address: address.ipText, port: 1, index: bytes.count),
        ICECandidate.passiveTCP(address: address.ipText, port: 1, index: bytes.count),
    ]
    require(candidates.allSatisfy { $0.contains(" \(address.ipText) 1 typ host") }, "\(candidates)")
}

/// The entry point.
@_cdecl("fuzz_stun_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzSTUN($0, $1) }
}
