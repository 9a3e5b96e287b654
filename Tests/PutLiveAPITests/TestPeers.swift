import PutLiveLive
import PutLiveMedia
import PutLiveWebRTC
import Synchronization

/// Answers offers, and no browser ever comes.
final class TestPeers: PeerServing {
    private struct Session {
        var negotiated: NegotiatedSession
        var handlers: PeerHandlers
        var tag: Int
    }

    private let sessions = Mutex<[String: Session]>([:])
    /// Of probes.
    let refusal = Mutex<PeerRefusal?>(nil)

    var count: Int { sessions.withLock { $0.count } }

    private static func parameters(_ tag: Int) -> AnswerParameters {
        AnswerParameters(
            sessionID: 1, ufrag: "ours\(tag)", password: "a-password-of-ours-1234\(tag)", fingerprint: "AA:BB",
            candidates: [], maxVideoKilobits: 2500)
    }

    func accept(id: String, offer: String, publicAddress: String?, handlers: PeerHandlers) async throws -> PeerAnswer {
        do throws(SDPError) {
            let negotiated = try OfferAnswer.answer(to: offer, Self.parameters(1))
            sessions.withLock { $0[id] = Session(negotiated: negotiated, handlers: handlers, tag: 1) }
            return PeerAnswer(sdp: negotiated.answer, entityTag: "ours1", tracks: negotiated.tracks)
        } catch {
            throw PeerRefusal.offer(error)
        }
    }

    func restart(id: String, offer: String, publicAddress: String?) async throws -> PeerAnswer {
        guard let old = sessions.withLock({ $0[id] }) else { throw PeerRefusal.unknownSession }
        do throws(SDPError) {
            let negotiated = try OfferAnswer.restart(old.negotiated, with: offer, Self.parameters(old.tag + 1))
            return PeerAnswer(sdp: negotiated.answer, entityTag: "ours2", tracks: negotiated.tracks)
        } catch {
            throw PeerRefusal.offer(error)
        }
    }

    func restart(
        id: String, fragment: SDPFragment, publicAddress: String?
    ) async throws -> (fragment: SDPFragment, entityTag: String) {
        guard let old = sessions.withLock({ $0[id] }) else { throw PeerRefusal.unknownSession }
        do throws(SDPError) {
            let next = try OfferAnswer.restart(old.negotiated, with: fragment, Self.parameters(old.tag + 1))
            sessions.withLock { sessions in
                sessions[id]?.negotiated = next.session
                sessions[id]?.tag += 1
            }
            return (next.fragment, "ours\(old.tag + 1)")
        } catch {
            throw PeerRefusal.offer(error)
        }
    }

    func probe(publicAddress: String?) async throws -> PeerProbe {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        return PeerProbe(
            credentials: ICECredentials(usernameFragment: "probe", password: "a-password-of-the-probe"),
            candidates: ["1 1 udp 2130706431 \(publicAddress ?? "192.0.2.1") 8000 typ host"], udpPort: 8000)
    }

    func entityTag(of id: String) async throws -> String? { sessions.withLock { $0[id].map { "ours\($0.tag)" } } }

    func close(id: String) {
        sessions.withLock { $0.removeValue(forKey: id) }?.handlers.event(.ended(.closed))
    }

    func requestKeyframe(id: String) {}
    func statistics() async throws -> [String: PeerStatistics] { [:] }
}

/// Takes nothing anywhere.
struct NoPipeline: MediaTaking {
    func send(_ frame: MediaFrame) {}
    func finish(mayResume: Bool) async {}
    var statistics: PipelineStatistics { PipelineStatistics() }
}

/// An offer of pictures alone, with credentials of its own.
func offer(_ ufrag: String = "them", codec: String = "H264") -> String {
    """
    v=0
    o=- 1 2 IN IP4 127.0.0.1
    s=-
    t=0 0
    a=group:BUNDLE 0
    m=video 9 UDP/TLS/RTP/SAVPF 102
    c=IN IP4 0.0.0.0
    a=ice-ufrag:\(ufrag)
    a=ice-pwd:a-password-of-theirs-\(ufrag)
    a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))
    a=setup:actpass
    a=mid:0
    a=sendonly
    a=rtcp-mux
    a=rtpmap:102 \(codec)/90000
    a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f

    """
}
