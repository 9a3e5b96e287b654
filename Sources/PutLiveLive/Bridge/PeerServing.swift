import PutLiveMedia
import PutLiveWebRTC

/// What the bridge needs of the WebRTC server; tests have one of their own.
public protocol PeerServing: Sendable {
    // As those of WebRTCServer.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func accept(id: String, offer: String, publicAddress: String?, handlers: PeerHandlers) async throws -> PeerAnswer
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func restart(id: String, offer: String, publicAddress: String?) async throws -> PeerAnswer
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func restart(
        id: String, fragment: SDPFragment, publicAddress: String?
    ) async throws -> (fragment: SDPFragment, entityTag: String)
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func probe(publicAddress: String?) async throws -> PeerProbe
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func entityTag(of id: String) async throws -> String?
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func close(id: String)
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func requestKeyframe(id: String)
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    func statistics() async throws -> [String: PeerStatistics]
}

extension WebRTCServer: PeerServing {}

/// What the bridge needs of a pipeline.
public protocol MediaTaking: Sendable {
    /// Takes a frame; never waits.
    func send(_ frame: MediaFrame)
    /// Ends the outputs in good order, within a few seconds. If its broadcaster `mayResume`, viewers aren't told that it is
    /// over.
    func finish(mayResume: Bool) async
    /// What went through.
    var statistics: PipelineStatistics { get }
}

extension MediaPipeline: MediaTaking {}

extension MediaFrame {
    /// What came out of a browser's packets.
    init(_ frame: ReceivedFrame) {
        let codec: MediaCodec =
            switch frame.codec {
            case .h264: .h264
            case .vp8: .vp8
            case .opus: .opus
            }
        self.init(
            codec: codec, presentationTime: frame.presentationTime, isKeyframe: frame.isKeyframe,
            followsLoss: frame.followsLoss, data: frame.data)
    }
}
