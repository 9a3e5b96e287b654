import NIOCore

/// What goes between a connection's handler and its task. Only touched on the event loop.
struct ConnectionWork {
    /// What the task has to do.
    enum Item: Sendable {
        /// To answer it.
        case finish(Gate.Visit)
        /// To write an answer whose body comes in pieces.
        case write(Response)
    }

    private var item: Item?
    private var worker: CheckedContinuation<Item?, Never>?
    private var writer: CheckedContinuation<Void, any Error>?
    private(set) var isClosed = false

    /// The client has to take more before the task goes on.
    var isWriting: Bool { writer != nil }

    /// Gives the task its next item; there is one at a time.
    mutating func give(_ item: Item) {
        self.item = item
        resumeWorker()
    }

    /// Resumes `worker` with the next item, or with nil when the connection is closed and all is done.
    mutating func next(_ worker: CheckedContinuation<Item?, Never>) {
        self.worker = worker
        resumeWorker()
    }

    /// Resumes `writer` when the client took enough, or with an error when the connection is closed.
    mutating func wait(_ writer: CheckedContinuation<Void, any Error>, isWritable: Bool) {
        self.writer = writer
        if isWritable || isClosed { resumeWriter() }
    }

    mutating func resumeWriter() {
        let writer = writer
        self.writer = nil
        if isClosed { writer?.resume(throwing: ChannelError.ioOnClosedChannel) } else { writer?.resume() }
    }

    mutating func close() {
        isClosed = true
        resumeWriter()
        resumeWorker()
    }

    private mutating func resumeWorker() {
        guard let worker, item != nil || isClosed else { return }
        let item = item
        self.worker = nil
        self.item = nil
        worker.resume(returning: item)
    }
}
