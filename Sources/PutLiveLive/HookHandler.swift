import Logging
import Synchronization

/// The answer to a hook of SRS.
public enum HookAnswer: Sendable, Equatable {
    /// 200 and `{"code":0}`.
    case allow
    /// 403 and `{"code":403}`.
    case refuse
}

/// Answers the hooks of SRS, in milliseconds: nothing here waits for SRS's API or for a disk. Whatever isn't understood
/// is refused. The caller has checked the hook secret, and that the request has come straight from this host.
public final class HookHandler: Sendable {
    private let state: LiveState
    private let gate: PublishGate
    private let metrics: LiveMetrics
    private let logger: Logger
    private let ladderVhost: String
    private let liveFolder: String
    private let displace: @Sendable (Broadcast) -> Void
    private let hasWarned = Mutex(false)
    private static let defaultVhost = "__defaultVhost__"
    private static let app = "live"
    private static let loopback = "127.0.0.1"

    /// `displace` is told of a broadcast whose publisher has come again, and sees that its connection ends; it doesn't
    /// wait for that.
    public init(
        state: LiveState, gate: PublishGate, settings: LiveSettings, metrics: LiveMetrics, logger: Logger,
        displace: @escaping @Sendable (Broadcast) -> Void
    ) {
        self.state = state
        self.gate = gate
        self.metrics = metrics
        self.logger = logger
        ladderVhost = settings.ladderVhost
        liveFolder = settings.liveFolder
        self.displace = displace
    }

    /// Handles one call. `name` is the last part of its URL's path, such as `on_publish`; nil if there is no such hook.
    public func handle(_ name: String, body: some Collection<UInt8>, requestID: String) async -> HookAnswer? {
        guard let action = SRSHook.Action(rawValue: name) else { return nil }
        guard let hook = SRSHook.parse(body), hook.action == action else {
            logger.warning(
                "srs_hook_malformed",
                metadata: ["hook": "\(name)", "bytes": "\(body.count)", "request_id": "\(requestID)"])
            metrics.hook(action, allowed: false)
            return .refuse
        }
        let isAllowed = await allows(hook, requestID: requestID)
        metrics.hook(action, allowed: isAllowed)
        return isAllowed ? .allow : .refuse
    }

    private func allows(_ hook: SRSHook, requestID: String) async -> Bool {
        guard hook.app == Self.app, hook.vhost == Self.defaultVhost || hook.vhost == ladderVhost else {
            // The wrong place to publish is a wrong key: whoever tries names gets no further by it.
            if hook.action == .publish { rejected(hook, requestID) }
            return false
        }
        let isLocal = hook.address == Self.loopback
        switch hook.action {
        case .connect: return hook.vhost == Self.defaultVhost || isLocal
        case .play: return isLocal
        case .stop: return true
        case .publish:
            // srs.conf lets the transcoders in by address and doesn't ask. If it asks, the answer is the same.
            return hook.vhost == ladderVhost ? isLocal : await allowsPublisher(hook, requestID)
        case .unpublish:
            if hook.vhost == Self.defaultVhost, let stream = StreamName(hook.stream) {
                state.end(stream, clientID: hook.clientID, reason: .stopped)
            }
            return true
        case .dvr: return recorded(hook)
        case .hls: return isSegment(hook)
        }
    }

    private func allowsPublisher(_ hook: SRSHook, _ requestID: String) async -> Bool {
        guard let stream = StreamName(hook.stream), let token = PublishToken(query: hook.query) else {
            rejected(hook, requestID)
            return false
        }
        let decision = await gate.admit(
            stream, token: token, by: .rtmp, address: hook.address, clientID: hook.clientID, requestID: requestID)
        switch decision {
        case .begin, .attach: return true
        case .takeOver(let broadcast, _):
            displace(broadcast)
            return true
        case .refuse: return false
        }
    }

    private func rejected(_ hook: SRSHook, _ requestID: String) {
        _ = gate.reject(streamText: hook.stream, by: .rtmp, address: hook.address, requestID: requestID)
    }

    private func recorded(_ hook: SRSHook) -> Bool {
        guard let stream = StreamName(hook.stream), let name = hook.file?.split(separator: "/").last else {
            return false
        }
        state.note("recording_stored", stream: stream, detail: String(name.prefix(200)))
        return true
    }

    /// The delivery loop sees segments on the disk, so there is nothing to do but to notice that SRS writes them
    /// elsewhere than this agent looks. It would say so with each segment; once is enough.
    private func isSegment(_ hook: SRSHook) -> Bool {
        if let file = hook.file, file.hasPrefix(liveFolder + "/"),
            case .segment? = HLSFileName(file.dropFirst(liveFolder.count + 1))
        {
            return true
        }
        let isFirst = hasWarned.withLock { warned in
            defer { warned = true }
            return !warned
        }
        if isFirst {
            logger.warning(
                "srs_segment_elsewhere",
                metadata: ["file": "\(hook.file?.prefix(200) ?? "")", "expected": "\(liveFolder)"])
        }
        return false
    }
}
