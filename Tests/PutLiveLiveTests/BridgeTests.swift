import PutLiveMedia
import Testing

@testable import PutLiveLive
@testable import PutLiveWebRTC

@Suite struct BridgeTests {
    private let anyone: Bridge.Owns = { _, _ in true }

    private func refusal(_ body: () async throws -> Void) async -> BridgeRefusal? {
        do {
            try await body()
            return nil
        } catch {
            return error as? BridgeRefusal
        }
    }

    @Test func aBrowserGoesOnAirAndOff() async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request())
        #expect(answer.sdp == "answer" && answer.entityTag == "tag1" && answer.id.count == 26)
        let broadcast = try #require(house.house.live.broadcasts()[name("stream")])
        #expect(broadcast.source == .webrtc && broadcast.publisher == .login(userID: "u1"))
        #expect(broadcast.clientID == answer.id && broadcast.address == "203.0.113.7")
        guard case .rtmp(let url)? = house.pipeline.settings.outputs.first else {
            Issue.record("no RTMP")
            return
        }
        #expect(url == "rtmp://127.0.0.1:1935/live/stream?secret=\(house.secret.text)")
        #expect(house.pipeline.settings.expectsVideo && house.pipeline.settings.expectsAudio)
        house.peers.tell(answer.id, .connected(address: "203.0.113.7", isTCP: false))
        house.peers.tell(answer.id, .firstMedia)
        house.peers.send(
            answer.id,
            ReceivedFrame(codec: .h264, presentationTime: 5, isKeyframe: true, followsLoss: false, data: [1]))
        #expect(house.pipeline.state.withLock { $0.frames }.map(\.codec) == [.h264])
        try await house.bridge.stop(id: answer.id, ifOwned: anyone)
        #expect(house.house.live.broadcasts().isEmpty && house.pipeline.isFinished)
        #expect(house.pipeline.state.withLock { $0.mayResume } == false)
        #expect(house.peers.isClosed(answer.id) == true)
        #expect(await refusal { try await house.bridge.stop(id: answer.id, ifOwned: anyone) } == .unknown)
        #expect(house.house.metrics["putlive_webrtc_connects_total{result=connected}"] == 1)
        #expect(house.house.metrics["putlive_webrtc_offers_total{protocol=offer,result=accepted}"] == 1)
    }

    @Test func aProbeLeadsToThePublicAddress() async throws {
        var settings = BridgeSettings(destination: .rtmp(host: "127.0.0.1", port: 1935), cores: 2)
        settings.publicAddress = "198.51.100.1"
        let house = BridgeHouse(settings)
        #expect(try await house.bridge.probe().candidates == ["1 1 udp 2130706431 198.51.100.1 8000 typ host"])
        house.peers.refusal.withLock { $0 = .noAddress }
        let words = "This host has no address to send to at the moment."
        #expect(await refusal { _ = try await house.bridge.probe() } == .full(words))
        #expect(house.house.live.broadcasts().isEmpty)
    }

    @Test func noLineTellsTheSecret() async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request())
        house.pipeline.onEvent(
            .outputLost(.rtmp, reason: MediaError(.connection, "can't connect"), willRetry: true))
        house.pipeline.onEvent(.outputConnected(.rtmp))
        house.pipeline.onEvent(.firstPacketWritten(.rtmp))
        house.pipeline.onEvent(.dropped(DroppedCount()))
        house.pipeline.onEvent(.trackFailed(.audio, MediaError(.codec, "no encoder")))
        house.peers.tell(answer.id, .ended(.consentLost))
        #expect(house.house.log.lines.count >= 6)
        #expect(!house.house.log.lines.contains { $0.contains(house.secret.text) })
        // Its whole name lets its bearer change the session.
        #expect(!house.house.log.lines.contains { $0.contains(answer.id) })
    }

    @Test func anOutputThatIsLostIsTold() async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request())
        func isLost() async -> Bool {
            await house.bridge.measure()
            return house.house.live.status(of: name("stream")).isOutputLost
        }
        house.peers.tell(answer.id, .connected(address: "203.0.113.7", isTCP: false))
        #expect(await isLost() == false)
        let reason = MediaError(.connection, "can't connect")
        // Who watches has nothing of a recording.
        house.pipeline.onEvent(.outputLost(.recording, reason: reason, willRetry: true))
        #expect(await isLost() == false)
        house.pipeline.onEvent(.outputLost(.rtmp, reason: reason, willRetry: true))
        #expect(await isLost())
        #expect(house.house.live.streams().streams.map(\.status.isOutputLost) == [true])
        house.pipeline.onEvent(.outputConnected(.recording))
        #expect(await isLost())
        house.pipeline.onEvent(.outputConnected(.rtmp))
        #expect(await isLost() == false)
        try await house.bridge.stop(id: answer.id, ifOwned: anyone)
        #expect(await isLost() == false)
    }

    @Test func anybodyElseFindsItBusy() async throws {
        let house = BridgeHouse()
        _ = try await house.bridge.offer(house.request())
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("stream", .login(userID: "u2"))) }
                == .publisher(.busy))
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("stream", .key("good"), by: .whip)) }
                == .publisher(.busy))
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("other", .key("bad"), by: .whip)) }
                == .publisher(.unknown))
        #expect(house.peers.sessions.withLock { $0.values.count { !$0.isClosed } } == 1)
        #expect(house.house.metrics["putlive_webrtc_offers_total{protocol=whip,result=rejected}"] == 2)
        for stream in ["two", "three"] {
            _ = try await house.bridge.offer(house.request(stream, .key("good"), by: .whip))
        }
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("four", .key("good"), by: .whip)) }
                == .publisher(.limit))
    }

    @Test(arguments: [
        (PeerEnd.closedByPeer, EndReason.stopped), (.consentLost, .vanished), (.neverConnected, .vanished),
        (.handshakeFailed(.fingerprint), .error), (.handshakeFailed(.timeout), .error),
        (.handshakeFailed(.profile), .error), (.handshakeFailed(.alert(42)), .error),
    ])
    func eachEndHasItsReason(_ end: PeerEnd, _ reason: EndReason) async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request())
        house.peers.tell(answer.id, .ended(end))
        house.peers.tell(answer.id, .ended(end))
        #expect(await house.eventually { house.house.live.broadcasts().isEmpty })
        #expect(
            house.house.metrics["putlive_streams_ended_total{reason=\(reason.rawValue),source=webrtc}"] == 1)
        #expect(house.pipeline.state.withLock { $0.finishes } == 1)
    }

    @Test func badOffersAreToldInWords() async throws {
        let house = BridgeHouse()
        let cases: [(PeerRefusal, BridgeRefusal)] = [
            (.offer(.unacceptable("no codec")), .unacceptable("no codec")),
            (.unknownSession, .unknown), (.failed("x"), .failed),
            (.full, .full("As many browsers as this host takes are here already.")),
            (
                .noPort(.init(address: "::1", port: 8000, isTCP: false, errno: 98)),
                .full(
                    "This host can't receive browsers' media at the moment: UDP port 8000 is taken by another program. "
                        + "It is tried again by itself; who runs the host can free the port.")
            ),
            (
                .offer(.malformed(line: 0, text: "", problem: "is empty")),
                .malformed("The session description is empty.")
            ),
        ]
        for (refused, told) in cases {
            house.peers.refusal.withLock { $0 = refused }
            #expect(await refusal { _ = try await house.bridge.offer(house.request()) } == told)
        }
        #expect(house.house.live.broadcasts().isEmpty)
    }

    @Test func onlyItsOwnerChangesASession() async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request("stream", .key("good"), by: .whip))
        let fragment = SDPFragment(ufrag: "abcd", password: "p", mids: [], candidates: [])
        let nobody: Bridge.Owns = { _, _ in false }
        #expect(await refusal { try await house.bridge.stop(id: answer.id, ifOwned: nobody) } == .foreign)
        #expect(
            await refusal { _ = try await house.bridge.restart(id: answer.id, offer: "o", ifOwned: nobody) } == .foreign
        )
        #expect(
            await refusal { _ = try await house.bridge.entityTag(of: "none", ifOwned: anyone) } == .unknown)
        #expect(try await house.bridge.entityTag(of: answer.id, ifOwned: anyone) == "tag1")
        #expect(try await house.bridge.restart(id: answer.id, offer: "o", ifOwned: anyone).entityTag == "tag2")
        #expect(
            try await house.bridge.restart(id: answer.id, fragment: fragment, ifOwned: anyone).entityTag == "tag3")
        #expect(await house.bridge.isKey("good", of: .key(id: "k1", userID: "u1"), name("stream")))
        #expect(await !house.bridge.isKey("other", of: .key(id: "k1", userID: "u1"), name("stream")))
        #expect(await !house.bridge.isKey("good", of: .login(userID: "u1"), name("stream")))
        // A show may outlast its key, but not the right to it.
        #expect(await house.bridge.isKey("late", of: .key(id: "k1", userID: "u1"), name("stream")))
        #expect(await !house.bridge.isKey("late", of: .key(id: "k2", userID: "u2"), name("stream")))
        for bad in ["revoked", "unknown", "down"] {
            #expect(await !house.bridge.isKey(bad, of: .key(id: "k1", userID: "u1"), name("stream")))
        }
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("stream", .key("late"), by: .whip)) }
                == .publisher(.expired))
    }

    @Test func aPictureIsEncodedOnlyWhereThereIsRoom() async throws {
        let house = BridgeHouse()
        house.peers.codec.withLock { $0 = .vp8 }
        house.load.withLock { $0 = 9 }
        guard case .full? = await refusal({ _ = try await house.bridge.offer(house.request()) }) else {
            Issue.record("taken")
            return
        }
        #expect(house.house.live.broadcasts().isEmpty && house.pipelines.withLock { $0.isEmpty })
        house.load.withLock { $0 = 0 }
        _ = try await house.bridge.offer(house.request())
        #expect(house.pipelines.withLock { $0.count } == 1)
    }

    /// Its session is over before it is stored, as when a slow take-over outlasts it.
    @Test func whatEndedMeanwhileIsNotBegun() async throws {
        let house = BridgeHouse()
        house.peers.endsAtOnce.withLock { $0 = true }
        #expect(await refusal { _ = try await house.bridge.offer(house.request()) } == .publisher(.busy))
        #expect(house.house.live.broadcasts().isEmpty && house.pipelines.withLock { $0.isEmpty })
    }

    @Test func whoMayNotAnyMoreIsEnded() async throws {
        let house = BridgeHouse()
        let one = try await house.bridge.offer(house.request("one", .key("good"), by: .whip))
        let two = try await house.bridge.offer(house.request("two", .login(userID: "u2")))
        let bridge = house.bridge
        let review = PublisherReview(
            live: house.house.live, logger: house.house.log.logger,
            refusal: { publisher, _ in publisher == .key(id: "k1", userID: "u1") ? .revoked : nil },
            end: { bridge.end($0, .stopped) })
        await review.run()
        #expect(house.peers.isClosed(one.id) == true && house.peers.isClosed(two.id) == false)
        #expect(await house.eventually { house.house.live.broadcasts().keys.map(\.text) == ["two"] })
        // Nobody is left waiting for it.
        #expect(house.pipelines.withLock { $0[0].state.withLock { $0.mayResume } } == false)
    }

    @Test func aBadKeyCostsNothing() async throws {
        let house = BridgeHouse()
        house.peers.refusal.withLock { $0 = .offer(.unacceptable("no codec")) }
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("stream", .key("bad"), by: .whip)) }
                == .publisher(.unknown))
        #expect(house.house.log.lines.contains { $0.hasPrefix("warning stream_key_rejected") })
        #expect(
            await refusal { _ = try await house.bridge.offer(house.request("stream", .key("down"), by: .whip)) }
                == .publisher(.unavailable))
        #expect(house.house.log.lines.count { $0.contains("stream_key_rejected") } == 1)
    }

    @Test func withoutAPipelineNothingIsOnAir() async throws {
        let house = BridgeHouse()
        house.pipelineFails.withLock { $0 = true }
        #expect(await refusal { _ = try await house.bridge.offer(house.request()) } == .failed)
        #expect(house.house.live.broadcasts().isEmpty)
        #expect(house.peers.sessions.withLock { $0.values.allSatisfy(\.isClosed) })
    }

    @Test func hlsAndRecordingWithTheEmbeddedEngine() async throws {
        let house = BridgeHouse(
            BridgeSettings(
                destination: .hls(folder: "/srv/hls"), segmentSeconds: 3, playlistWindowSeconds: 40,
                recordingFolder: "/srv/recordings", publicAddress: "198.51.100.1"))
        let answer = try await house.bridge.offer(house.request())
        #expect(house.peers.sessions.withLock { $0[answer.id]?.publicAddress } == "198.51.100.1")
        let outputs = house.pipeline.settings.outputs
        guard outputs.count == 2, case .hls(let hls) = outputs[0], case .recording(let path) = outputs[1] else {
            Issue.record("\(outputs)")
            return
        }
        #expect(hls.liveFolder == "/srv/hls/live" && hls.stream == "stream" && hls.segmentSeconds == 3)
        #expect(path == "/srv/recordings/stream-\(house.house.clock.now).mp4")
    }

    @Test func whatIsMeasuredIsShown() async throws {
        let house = BridgeHouse()
        let answer = try await house.bridge.offer(house.request())
        house.pipeline.onEvent(.format(width: 1280, height: 720, video: .h264, audio: .opus))
        house.pipeline.onEvent(.needsKeyframe)
        #expect(house.peers.sessions.withLock { $0[answer.id]?.keyframesAsked } == 1)
        for second in 0..<8 {
            house.peers.sessions.withLock { sessions in
                sessions[answer.id]?.statistics.isConnected = true
                sessions[answer.id]?.statistics.media.video.payloadBytes = second * 250_000
                sessions[answer.id]?.statistics.media.video.frames = second * 30
                sessions[answer.id]?.statistics.media.nacksSent = second
                sessions[answer.id]?.statistics.media.roundTripSeconds = 0.04
            }
            house.pipeline.state.withLock { state in
                var rtmp = RTMPStatistics()
                (rtmp.isConnected, rtmp.attempts, rtmp.connects, rtmp.sentBytes) = (true, 3, 1, second * 1000)
                state.statistics.rtmp = rtmp
            }
            await house.bridge.measure()
            house.house.clock.advance(1000)
        }
        let status = house.house.live.status(of: name("stream"))
        #expect(status.resolution == "1280x720" && status.fps == 30 && status.bitrateKbps == 2000)
        let metrics = house.house.metrics
        #expect(metrics["putlive_webrtc_sessions_active{state=connected}"] == 1)
        #expect(metrics["putlive_webrtc_nacks_sent_total"] == 7)
        #expect(metrics["putlive_webrtc_rtt_seconds{stream=stream}"] == 0.04)
        #expect(metrics["putlive_webrtc_received_bytes_total{media=video}"] == 1_750_000)
        #expect(metrics["putlive_rtmp_sent_bytes_total"] == 7000)
        #expect(metrics["putlive_rtmp_publish_retries_total"] == 2)
        #expect(metrics["putlive_rtmp_publishers_active"] == 1)
        try await house.bridge.stop(id: answer.id, ifOwned: anyone)
        await house.bridge.measure()
        #expect(metrics["putlive_webrtc_rtt_seconds{stream=stream}"] == nil)
        #expect(metrics["putlive_webrtc_sessions_active{state=connected}"] == 0)
    }
}
