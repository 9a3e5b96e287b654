/// What became of a publish so far.
public struct RTMPStatistics: Sendable, Equatable {
    /// A server takes the packets now.
    public var isConnected = false
    /// Times that a connection was tried; all after the first are retries.
    public var attempts = 0
    /// Of them, those that the server agreed to.
    public var connects = 0
    /// Of them, those that the server answered with an error: busy, or not authorized.
    public var refusals = 0
    /// Of them, those that came to nothing otherwise.
    public var failures = 0
    /// Payload sent.
    public var sentBytes = 0
    /// Packets sent.
    public var sentPackets = 0
    /// Waiting to be sent.
    public var queueBytes = 0
    /// Waiting to be sent.
    public var queuePackets = 0
    /// Packets dropped because there was no connection for too long.
    public var dropped = DroppedCount()

    /// Nothing yet.
    public init() {}
}
