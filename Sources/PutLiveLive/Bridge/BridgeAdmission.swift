import PutLiveMedia
import PutLiveStore
import PutLiveWebRTC

/// Giving a browser its name, its room and its pipeline.
extension Bridge {
    /// Who publishes, and whose place it takes.
    func admit(
        _ request: OfferRequest, id: String, isConnected: Bool
    ) async throws(BridgeRefusal) -> (publisher: Publisher, old: Broadcast?) {
        let decision: PublishDecision
        switch request.right {
        case .key(let key):
            decision = await gate.admit(
                request.stream, token: PublishToken(key: key), by: request.method, address: request.address,
                clientID: id, requestID: request.requestID, isConnected: isConnected)
        case .login(let userID):
            decision = gate.admit(
                request.stream, userID: userID, by: request.method, address: request.address, clientID: id,
                requestID: request.requestID, isConnected: isConnected)
        }
        switch decision {
        case .begin(let publisher): return (publisher, nil)
        case .takeOver(let old, let publisher): return (publisher, old)
        case .refuse(let refusal): throw .publisher(refusal)
        // Nobody else has this session's id.
        case .attach: throw .publisher(.busy)
        }
    }

    /// Before the new one writes where the old one wrote, the old one is done: what it displaced, and what was displaced
    /// by those that came between and never began. Whoever has the name now is left alone, and so are those that wait.
    private func endDisplaced(_ old: Broadcast?, of name: StreamName) async {
        if let old, old.clientID.flatMap(find) == nil { displace(old) }
        let all = state.withLock { $0.streams.values.filter { $0.stream == name && $0.waiting == nil } }
        let current = live.broadcasts()[name]?.clientID
        for stream in all where stream.id != current { await end(stream, .replaced).value }
    }

    /// A picture is encoded anew only where there is room. What the stream replaces has no claim any more, though its
    /// load is still felt.
    func checkRoom(_ name: StreamName, id: String, needsEncoder: Bool) throws(BridgeRefusal) {
        guard needsEncoder else { return }
        let encoding = state.withLock { $0.streams.values.filter { $0.needsEncoder && $0.id != id } }
        let others = encoding.count { $0.stream != name }
        let felt = load() - Double(encoding.count - others) * EncoderAdmission.cost
        let admission = EncoderAdmission(cores: settings.cores, load: max(0, felt), running: others)
        if let words = admission.refusal { throw .full(words) }
    }

    private func isOnAir(_ stream: BridgedStream) -> Bool {
        live.broadcasts()[stream.stream]?.clientID == stream.id
    }

    /// From here on its end and its displacement find it; false if it has ended before that, or must.
    private func keep(_ stream: BridgedStream) async -> Bool {
        let isStopping = state.withLock { state in
            state.streams[stream.id] = stream
            return state.isStopping
        }
        let isThere = await ((try? peers.entityTag(of: stream.id)) ?? nil) != nil
        return isThere && !isStopping
    }

    func begin(_ stream: BridgedStream, inPlaceOf old: Broadcast?) async throws(BridgeRefusal) {
        do throws(BridgeRefusal) {
            guard await keep(stream), isOnAir(stream) else { throw .publisher(.busy) }
            // Others may have come since it was checked first.
            try checkRoom(stream.stream, id: stream.id, needsEncoder: stream.needsEncoder)
            await endDisplaced(old, of: stream.stream)
            guard isOnAir(stream) else { throw .publisher(.busy) }
            try join(stream)
        } catch {
            // The end of one that has its answer is told; of an offer that is refused there is none to tell.
            if stream.isConnected { await end(stream, .error).value } else { await finish(stream, .error) }
            // Its name was taken from it: it must not go on unseen.
            await endDisplaced(old, of: stream.stream)
            throw error
        }
    }

    /// Its place is another's until it has connected: it may never do.
    func wait(_ stream: BridgedStream) async throws(BridgeRefusal) {
        guard await keep(stream) else {
            await finish(stream, .error)
            throw .publisher(.busy)
        }
    }

    /// It has connected: it takes the place it came for, if that is still its to take.
    func takeOver(_ stream: BridgedStream, _ request: OfferRequest) async {
        do throws(BridgeRefusal) {
            // Before the name is taken from whoever has it.
            try checkRoom(stream.stream, id: stream.id, needsEncoder: stream.needsEncoder)
            let (_, old) = try await admit(request, id: stream.id, isConnected: true)
            stream.waitsNoMore()
            try await begin(stream, inPlaceOf: old)
            // What came before there was a pipeline is lost.
            peers.requestKeyframe(id: stream.id)
        } catch {
            logger.notice("webrtc_takeover_refused", metadata: about(stream, ["reason": "\(error)"]))
            await end(stream, .error).value
        }
    }

    /// Gives it its pipeline.
    private func join(_ stream: BridgedStream) throws(BridgeRefusal) {
        let pipeline: any MediaTaking
        do {
            pipeline = try makePipeline(pipelineSettings(stream)) { [weak self] event in
                self?.take(event, of: stream)
            }
        } catch {
            logger.error("pipeline_failed", metadata: ["stream": "\(stream.stream)", "error": "\(error)"])
            throw .failed
        }
        guard stream.set(pipeline) else {
            Task { await pipeline.finish(mayResume: true) }
            throw .publisher(.busy)
        }
    }

    private func pipelineSettings(_ stream: BridgedStream) -> PipelineSettings {
        var outputs: [OutputSettings] = []
        switch settings.destination {
        case .rtmp(let host, let port):
            outputs.append(.rtmp(url: "rtmp://\(host):\(port)/live/\(stream.stream)?secret=\(secret.text)"))
        case .hls(let folder):
            outputs.append(
                .hls(
                    HLSSettings(
                        liveFolder: folder + "/live", stream: stream.stream.text,
                        segmentSeconds: settings.segmentSeconds,
                        playlistWindowSeconds: settings.playlistWindowSeconds)))
        }
        if let folder = settings.recordingFolder {
            outputs.append(.recording(path: folder + "/" + RecordingName.text(stream.stream, at: clock())))
        }
        return PipelineSettings(
            name: stream.stream.text, outputs: outputs,
            expectsVideo: stream.tracks.contains { $0.kind == .video },
            expectsAudio: stream.tracks.contains { $0.kind == .audio },
            audioBitRate: settings.audioKilobits * 1000,
            // A second channel that says the same costs a third of the stream's processor time.
            audioChannels: stream.tracks.contains(where: \.isStereo) ? 2 : 1,
            transcoding: TranscodeSettings(
                videoKilobits: settings.encoderKilobits, keyframeSeconds: settings.segmentSeconds))
    }
}
