import FuzzSupport
import PutLiveWebRTC

/// One input: any bytes at all, read as an offer and as a fragment of one. What must hold for every one of them is
/// checked here; what crashes, overflows or never ends, libFuzzer and the address sanitizer find. `scripts/fuzz` runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSDP(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
    let session = checkOffer(text)
    checkFragment(text, of: session)
    return 0
}

private let parameters = AnswerParameters(
    sessionID: 1, ufrag: "ours", password: "a-password-of-ours-1234", fingerprint: "AA:BB",
    candidates: ["1 1 udp 2130706431 192.0.2.1 8443 typ host"], maxVideoKilobits: 2500, startVideoKilobits: 2000)

private func checkOffer(_ text: String) -> NegotiatedSession? {
    let offer: SessionDescription
    let session: NegotiatedSession
    do throws(SDPError) {
        offer = try SessionDescription(parsing: text)
        require(!isSmall(text) || parsed(offer.text) == offer, "not read as it was written: \(offer.text)")
        session = try OfferAnswer.answer(to: text, parameters)
    } catch {
        check(error, of: text)
        return nil
    }
    checkAnswer(session, to: offer)
    do throws(SDPError) {
        _ = try OfferAnswer.restart(session, with: text, parameters)
        fatalError("a restart with the same credentials")
    } catch {
        check(error, of: text)
    }
    return session
}

private func checkAnswer(_ session: NegotiatedSession, to offer: SessionDescription) {
    guard let answer = parsed(session.answer) else { fatalError("no SDP: \(session.answer)") }
    require(answer.media.count == offer.media.count, "not a section for each of the offer")
    for (one, other) in zip(answer.media, offer.media) {
        require(one.media == other.media && one.mid == other.mid, "a section in another's place")
        require(Set(one.formats).isSubset(of: other.formats), "a format that wasn't offered")
    }
    let accepted = answer.media.filter { $0.port != 0 }
    require(accepted.count == session.tracks.count && (1...2).contains(accepted.count), "not as many as tracks")
    require(Set(session.tracks.map(\.kind)).count == session.tracks.count, "two tracks of a kind")
    require(session.refusals.count == answer.media.count - accepted.count, "a refusal without its reason")
    let types = session.tracks.flatMap { track in
        require(!track.payloads.isEmpty, "a track of no payload type")
        return track.payloads.flatMap { [$0.payloadType] + ($0.rtxPayloadType.map { [$0] } ?? []) }
    }
    require(types.allSatisfy { $0 < 64 || (96...127).contains($0) }, "types like those of RTCP: \(types)")
    require(!session.remoteFingerprints.isEmpty, "no fingerprint to check")
    let ends = answer.media.count { $0.attributes.contains(SDPAttribute("end-of-candidates")) }
    require(ends == 1, "one section carries the transport, not \(ends)")
}

private func checkFragment(_ text: String, of session: NegotiatedSession?) {
    do throws(SDPError) {
        let fragment = try SDPFragment(parsing: text)
        let again = try? SDPFragment(parsing: fragment.text)
        require(!isSmall(text) || again == fragment, "not read as it was written: \(fragment.text)")
        guard let session else { return }
        let restarted = try OfferAnswer.restart(session, with: fragment, parameters)
        checkAnswerIsNew(restarted.session, after: session)
    } catch {
        check(error, of: text)
    }
}

private func checkAnswerIsNew(_ session: NegotiatedSession, after earlier: NegotiatedSession) {
    require(parsed(session.answer)?.media.count == parsed(earlier.answer)?.media.count, "other sections")
    require(session.remoteUfrag != earlier.remoteUfrag, "the same credentials")
}

/// Written again, with CR at each line's end, it isn't longer than what is read at all.
private func isSmall(_ text: String) -> Bool {
    text.utf8.count <= 32_768 && text.utf8.count { $0 == 0x0A } < 1900
}

private func parsed(_ text: String) -> SessionDescription? { try? SessionDescription(parsing: text) }

private func check(_ error: SDPError, of text: String) {
    require(!error.description.isEmpty && error.description.utf8.count < 16_384, "not words to be shown")
    guard case .malformed(let line, _, _) = error else { return }
    require((0...text.utf8.count { $0 == 0x0A } + 1).contains(line), "not a line of it: \(error)")
}

/// The entry point.
@_cdecl("fuzz_sdp_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    runFuzzer(count, arguments) { fuzzSDP($0, $1) }
}
