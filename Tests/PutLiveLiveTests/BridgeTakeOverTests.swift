import PutLiveMedia
import Testing

@testable import PutLiveLive
@testable import PutLiveWebRTC

/// Whoever comes again takes its stream over once its new connection stands, and not before.
@Suite struct BridgeTakeOverTests {
    private let anyone: Bridge.Owns = { _, _ in true }

    private func refusal(_ body: () async throws -> Void) async -> BridgeRefusal? {
        do {
            try await body()
            return nil
        } catch {
            return error as? BridgeRefusal
        }
    }

    @Test func theSameLoginTakesItsStreamOver() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        let old = house.pipeline
        let second = try await house.bridge.offer(house.request())
        #expect(house.isOnAir(by: first.id) && !old.isFinished && house.peers.isClosed(first.id) == false)
        #expect(house.pipelines.withLock { $0.count } == 1)
        house.connect(second.id)
        #expect(await house.isPublishing(second.id))
        #expect(old.isFinished && house.peers.isClosed(first.id) == true)
        #expect(old.state.withLock { $0.mayResume } == true)
        #expect(house.isOnAir(by: second.id))
        // What came before there was a pipeline is lost.
        #expect(
            await house.eventually { house.peers.sessions.withLock { $0[second.id]?.keyframesAsked } == 1 })
        // The first one's end, which comes later, ends nothing.
        house.peers.tell(first.id, .ended(.closedByPeer))
        #expect(await house.eventually { house.house.log.lines.contains { $0.contains("webrtc_ended") } })
        #expect(house.isOnAir(by: second.id))
    }

    @Test(arguments: [PeerEnd.neverConnected, .closedByPeer, .handshakeFailed(.timeout)])
    func whoNeverConnectsTakesNothingOver(_ end: PeerEnd) async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        house.connect(first.id)
        let second = try await house.bridge.offer(house.request())
        house.peers.tell(second.id, .ended(end))
        #expect(await house.eventually { house.bridge.find(second.id) == nil })
        #expect(house.isOnAir(by: first.id) && !house.pipeline.isFinished)
        #expect(house.peers.isClosed(first.id) == false)
        #expect(house.house.log.lines.count { $0.contains("stream_ended") } == 0)
    }

    @Test func whoWaitsMayBeStopped() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        let second = try await house.bridge.offer(house.request())
        try await house.bridge.stop(id: second.id, ifOwned: anyone)
        #expect(house.peers.isClosed(second.id) == true && house.isOnAir(by: first.id))
        #expect(await refusal { try await house.bridge.stop(id: second.id, ifOwned: anyone) } == .unknown)
    }

    @Test func whatItCameForMayBeOverWhenItConnects() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        let second = try await house.bridge.offer(house.request())
        try await house.bridge.stop(id: first.id, ifOwned: anyone)
        #expect(house.house.live.broadcasts().isEmpty)
        house.connect(second.id)
        #expect(await house.isPublishing(second.id))
        #expect(house.isOnAir(by: second.id))
    }

    @Test func whatItCameForMayBeAnotherPublishersWhenItConnects() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        let second = try await house.bridge.offer(house.request())
        try await house.bridge.stop(id: first.id, ifOwned: anyone)
        let other = try await house.bridge.offer(house.request("stream", .login(userID: "u2")))
        house.connect(second.id)
        #expect(await house.eventually { house.peers.isClosed(second.id) == true })
        #expect(house.isOnAir(by: other.id) && !house.pipeline.isFinished)
    }

    @Test func ofTwoThatWaitTheLastToConnectHasIt() async throws {
        let house = BridgeHouse()
        _ = try await house.bridge.offer(house.request())
        let second = try await house.bridge.offer(house.request())
        let third = try await house.bridge.offer(house.request())
        house.connect(third.id)
        #expect(await house.isPublishing(third.id))
        // The one that still waits isn't what was displaced.
        #expect(house.peers.isClosed(second.id) == false)
        house.connect(second.id)
        #expect(await house.isPublishing(second.id))
        #expect(house.isOnAir(by: second.id) && house.peers.isClosed(third.id) == true)
    }

    @Test func anEncoderIsDisplacedByABrowserAndTheOtherWay() async throws {
        let house = BridgeHouse()
        house.house.begin("stream", key: "k1", client: "c1")
        let answer = try await house.bridge.offer(house.request("stream", .key("good"), by: .whip))
        #expect(house.isOnAir(by: "c1") && house.displaced.withLock { $0.isEmpty })
        house.connect(answer.id)
        #expect(await house.isPublishing(answer.id))
        #expect(house.displaced.withLock { $0.map(\.clientID) } == ["c1"])
        let broadcast = try #require(house.house.live.broadcasts()[name("stream")])
        #expect(broadcast.source == .webrtc)
        house.bridge.end(broadcast, .replaced)
        #expect(house.peers.isClosed(answer.id) == true)
        #expect(await house.eventually { house.house.live.broadcasts().isEmpty && house.pipeline.isFinished })
    }

    @Test func whoIsOnAirStaysThereIfTheNextHasNoRoom() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        house.peers.codec.withLock { $0 = .vp8 }
        let second = try await house.bridge.offer(house.request())
        house.load.withLock { $0 = 9 }
        guard case .full? = await refusal({ _ = try await house.bridge.offer(house.request()) }) else {
            Issue.record("taken")
            return
        }
        // The machine has become busy between the offer and the connection.
        house.connect(second.id)
        #expect(await house.eventually { house.peers.isClosed(second.id) == true })
        #expect(house.isOnAir(by: first.id))
        #expect(house.peers.isClosed(first.id) == false && !house.pipeline.isFinished)
    }

    /// Its session is over before it is stored.
    @Test func whatEndedMeanwhileTakesNothingOver() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        house.peers.endsAtOnce.withLock { $0 = true }
        #expect(await refusal { _ = try await house.bridge.offer(house.request()) } == .publisher(.busy))
        #expect(house.isOnAir(by: first.id) && house.bridge.state.withLock { $0.streams.count } == 1)
    }

    /// It has lost its name already, so it would go on unseen.
    @Test func whoWasDisplacedEndsThoughTheNextNeverBegins() async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        let second = try await house.bridge.offer(house.request())
        house.pipelineFails.withLock { $0 = true }
        house.connect(second.id)
        #expect(await house.eventually { house.bridge.state.withLock { $0.streams.isEmpty } })
        #expect(house.peers.isClosed(first.id) == true && house.pipeline.isFinished)
        #expect(house.peers.isClosed(second.id) == true)
        #expect(house.house.live.broadcasts().isEmpty)
        #expect(await house.eventually { house.house.log.lines.count { $0.contains("webrtc_ended") } == 2 })
    }

    @Test(arguments: 0..<20)
    func ofManyTakeOversAtOnceOneIsLeft(_ round: Int) async throws {
        let house = BridgeHouse()
        let first = try await house.bridge.offer(house.request())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    guard let answer = try? await house.bridge.offer(house.request()) else { return }
                    house.connect(answer.id)
                }
            }
        }
        let isOneLeft = await house.eventually {
            let running = house.bridge.state.withLock { Array($0.streams.values) }
            return running.count == 1 && running[0].pipeline != nil && house.isOnAir(by: running[0].id)
        }
        #expect(isOneLeft)
        #expect(house.peers.isClosed(first.id) == true)
        #expect(house.pipelines.withLock { $0.count { !$0.isFinished } } == 1)
    }

    @Test func aBroadcasterMayTakeItsOwnEncoderOver() async throws {
        let house = BridgeHouse(BridgeSettings(destination: .hls(folder: "/srv/hls"), cores: 1))
        house.peers.codec.withLock { $0 = .vp8 }
        _ = try await house.bridge.offer(house.request())
        house.load.withLock { $0 = 0.5 }
        let second = try await house.bridge.offer(house.request())
        house.connect(second.id)
        #expect(await house.isPublishing(second.id))
        guard case .full? = await refusal({ _ = try await house.bridge.offer(house.request("other")) }) else {
            Issue.record("taken")
            return
        }
        #expect(house.house.live.broadcasts().keys.map(\.text) == ["stream"])
    }
}
