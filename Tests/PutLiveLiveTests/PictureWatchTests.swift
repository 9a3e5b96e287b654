import Testing

@testable import PutLiveLive

/// A picture that arrives and that nobody can be shown.
@Suite struct PictureWatchTests {
    /// A second of it: bytes of the picture, and frames of them.
    private func second(of id: String, in house: BridgeHouse, bytes: Int, frames: Int, lacks: Bool = false) async {
        house.peers.sessions.withLock { sessions in
            sessions[id]?.statistics.media.video.payloadBytes += bytes
            sessions[id]?.statistics.media.video.frames += frames
            sessions[id]?.statistics.media.video.lacksParameterSets = lacks
        }
        house.house.clock.advance(1000)
        await house.bridge.measure()
    }

    @Test(arguments: [
        (false, "no whole keyframe came"), (true, "keyframes came without SPS and PPS, in the stream as in the offer"),
    ])
    func aPictureThatCantBeShownIsTold(_ lacks: Bool, _ words: String) async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request())
        var hasNone: Bool { house.house.live.status(of: name("stream")).hasNoPicture }
        var told: [String] { house.house.log.lines.filter { $0.contains("no_picture") } }
        // Before it begins, and while it pauses, nothing is waited for.
        for _ in 0..<10 { await second(of: answer.id, in: house, bytes: 0, frames: 0) }
        for _ in 0..<4 { await second(of: answer.id, in: house, bytes: 1000, frames: 0, lacks: lacks) }
        for _ in 0..<10 { await second(of: answer.id, in: house, bytes: 0, frames: 0, lacks: lacks) }
        #expect(!hasNone && told.isEmpty)
        for _ in 0..<10 { await second(of: answer.id, in: house, bytes: 1000, frames: 0, lacks: lacks) }
        #expect(hasNone && told.count == 1 && told[0].hasPrefix("warning no_picture"))
        #expect(told[0].contains("reason=\(words)") && told[0].contains("stream=stream"))
        #expect(house.house.live.streams().streams.map(\.status.hasNoPicture) == [true])
        await second(of: answer.id, in: house, bytes: 1000, frames: 30)
        #expect(!hasNone)
        // Later on, too.
        for _ in 0..<5 { await second(of: answer.id, in: house, bytes: 1000, frames: 0, lacks: lacks) }
        #expect(hasNone && told.count == 2)
    }
}
