import Logging

/// swift-log as docs/logs.md describes it: one JSON object a line. A message that is no event name, as libraries write
/// them, becomes the field `message` of the event `message`.
///
///     let output = LogOutput(writer: DescriptorLogWriter(descriptor: 1), …)
///     LoggingSystem.bootstrap { _ in JSONLogHandler(output: output) }
public struct JSONLogHandler: LogHandler {
    /// Written with each line of this logger.
    public var metadata: Logger.Metadata = [:]
    /// Asked for metadata at each line.
    public var metadataProvider: Logger.MetadataProvider?
    /// Of this logger alone, if it was set.
    private var ownLevel: Logger.Level?
    private let output: LogOutput

    /// A handler that writes to `output`, at the level of `output` until it is given one of its own.
    public init(output: LogOutput, metadataProvider: Logger.MetadataProvider? = nil) {
        self.output = output
        self.metadataProvider = metadataProvider
    }

    /// The level that counts now.
    public var logLevel: Logger.Level {
        get { ownLevel ?? output.level }
        set { ownLevel = newValue }
    }

    /// One field of `metadata`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line. What the caller says of a key outdoes the provider, and that the logger.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata {
            if all.isEmpty { all = own } else { all.merge(own) { $1 } }
        }
        output.write(event, metadata: all)
    }
}
