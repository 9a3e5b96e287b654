import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// One connection's requests, answered in the order in which they came (RFC 9112, section 9.3).
///
/// What the gate answers at once is read, answered and written in one go on the event loop. The rest goes, one request
/// at a time, to the connection's task; what comes meanwhile waits here, and soon in the kernel.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// A request that was begun, until it is read and answered.
    private struct Exchange {
        /// Of a body that is still being read.
        var source: RequestBodySource?
        var isRead: Bool
        var isAnswered = false
        /// The connection ends with it.
        var isLast: Bool
    }

    /// Parts that wait here for their turn before reading stops.
    private static let waitingLimit = 16
    /// How long a client may take to see the last answer.
    static let patience = TimeAmount.seconds(2)

    private let gate: Gate
    private let dates: HTTPDateCache
    private let logger: Logger
    private let idleTimeout: TimeAmount

    private var context: ChannelHandlerContext?
    private var peer: SocketAddress?
    /// A head whose request has no body: it is begun with its end, which comes along.
    private var head: HTTPRequestHead?
    private var exchange: Exchange?
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var work = ConnectionWork()
    private var idleTimer: IdleTimer?
    private var closing: Scheduled<Void>?

    private var isReading = false
    private var isTakingTurns = false
    private var isBodyFull = false
    private var isReadHeld = false
    private var needsFlush = false
    /// What came last isn't HTTP.
    private var isMalformed = false
    /// The client sends no more.
    private var isInputClosed = false
    /// Nothing more is answered.
    private var isEnding = false
    /// All that was to be sent is.
    private var isSent = false
    /// The agent is stopping.
    private var isQuiescing = false

    init(gate: Gate, dates: HTTPDateCache, logger: Logger, idleTimeout: TimeAmount) {
        self.gate = gate
        self.dates = dates
        self.logger = logger
        self.idleTimeout = idleTimeout
    }

    // MARK: The channel's events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        peer = context.remoteAddress
        let channel = context.channel
        idleTimer = IdleTimer(
            timeout: idleTimeout, eventLoop: context.eventLoop,
            // What was read and is being answered may take its time.
            isBusy: { [weak self] in self?.exchange?.isRead ?? false }, whenIdle: { channel.close(promise: nil) })
        idleTimer?.start()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        close()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        if !isReading {
            isReading = true
            idleTimer?.touch()
        }
        let part = unwrapInboundIn(data)
        if waiting.isEmpty, mayTake(part) { take(part) } else { waiting.append(part) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if holdsReading { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            work.resumeWriter()
            takeTurns()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            isReading = false
            head = nil
            failBody(CancellationError())
            takeTurns()
        case is ChannelShouldQuiesceEvent: quiesce()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.close(promise: nil)
            return
        }
        logger.debug("HTTP parse error, closing connection")
        isMalformed = true
        head = nil
        failBody(Problem.invalidJSON("The body isn't sent as HTTP asks."))
        takeTurns()
    }

    // MARK: Reading

    private var holdsReading: Bool { isBodyFull || waiting.count >= Self.waitingLimit }

    private func resumeReading() {
        guard isReadHeld, !holdsReading else { return }
        isReadHeld = false
        context?.read()
    }

    /// The next request's turn comes when this one is over and its answer on its way.
    private func mayTake(_ part: HTTPServerRequestPart) -> Bool {
        if case .head = part { return exchange == nil && context?.channel.isWritable == true }
        return true
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            if head.announcesBody { start(head, hasBody: true) } else { self.head = head }
        case .body(let piece):
            if let source = exchange?.source { isBodyFull = source.yield(piece) }
        case .end:
            if let head {
                self.head = nil
                start(head, hasBody: false)
            } else {
                exchange?.source?.finish()
                endReading()
            }
        }
    }

    /// Takes what waited for its turn, and ends the connection if nothing is left to do on it.
    private func takeTurns() {
        guard !isTakingTurns, !work.isClosed else { return }
        isTakingTurns = true
        while let part = waiting.first, mayTake(part) {
            waiting.removeFirst()
            take(part)
        }
        isTakingTurns = false
        if !isReading { flush() }
        if exchange == nil, head == nil, waiting.isEmpty, !isEnding {
            if isMalformed {
                refuse()
            } else if isInputClosed || isQuiescing {
                end()
            }
        }
        resumeReading()
    }

    private func endReading() {
        isBodyFull = false
        exchange?.source = nil
        exchange?.isRead = true
        endExchange()
    }

    /// The rest of a body won't come.
    private func failBody(_ error: any Error) {
        guard let exchange, !exchange.isRead else { return }
        exchange.source?.fail(error)
        self.exchange?.isLast = true
        endReading()
    }

    // MARK: Answering

    private func start(_ head: HTTPRequestHead, hasBody: Bool) {
        guard let request = try? HTTPRequest(of: head) else {
            isMalformed = true
            waiting.removeAll()
            return refuse()
        }
        let source = hasBody ? RequestBodySource(onDemand: onLoop { $0.wantBody() }) : nil
        exchange = Exchange(source: source, isRead: !hasBody, isLast: !head.isKeepAlive)
        let body = source?.body ?? RequestBody(buffer: ByteBuffer())
        switch gate.begin(Request(head: request, body: body), APIContext(peer: peer, logger: logger)) {
        case .answered(let response): answer(response)
        case .waiting(let visit): work.give(.finish(visit))
        }
    }

    private func wantBody() {
        isBodyFull = false
        resumeReading()
    }

    /// Writes an answer, now if its bytes are there.
    func answer(_ response: Response) {
        if case .pieces = response.body { return work.give(.write(response)) }
        write(response)
        endAnswer()
    }

    private func endAnswer() {
        exchange?.isAnswered = true
        if !work.isClosed { idleTimer?.start() }
        // What is left of its body isn't waited for where no other request follows.
        if isQuiescing || exchange?.isLast == true { failBody(CancellationError()) }
        endExchange()
    }

    private func endExchange() {
        guard let exchange, exchange.isRead, exchange.isAnswered else { return }
        self.exchange = nil
        if exchange.isLast { end() }
        takeTurns()
    }

    private func write(_ response: Response) {
        guard let context, !work.isClosed else { return }
        if response.headers[.connection] == "close" { exchange?.isLast = true }
        var buffer = context.channel.allocator.buffer(capacity: 1024)
        buffer.writeHead(of: response, date: dates.now)
        if case .bytes(let body) = response.body {
            // Small ones are copied: one piece costs less than two.
            if body.readableBytes <= 4096 {
                buffer.writeImmutableBuffer(body)
            } else {
                context.write(wrapOutboundOut(buffer), promise: nil)
                buffer = body
            }
        }
        context.write(wrapOutboundOut(buffer), promise: nil)
        needsFlush = true
        if !isReading, !isTakingTurns { flush() }
    }

    private func flush() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    // MARK: The connection's end

    /// Answers what isn't HTTP.
    private func refuse() {
        write(Response(status: .badRequest, headers: [.connection: "close"]))
        end()
    }

    /// Closes this way when all is sent, and the other a moment later. What still comes until then is read and thrown away,
    /// for a connection closed over unread bytes is reset, and the client might never see the answer (RFC 9112, section 9.6).
    private func end() {
        guard let context, !isEnding else { return }
        isEnding = true
        waiting.removeAll()
        head = nil
        needsFlush = false
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [self] _ in
            isSent = true
            self.context?.close(mode: isQuiescing ? .all : .output, promise: nil)
            closing = self.context?.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) {
                self.context?.close(promise: nil)
            }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    /// Ends the connection when what was asked for is answered.
    private func quiesce() {
        isQuiescing = true
        if exchange?.isAnswered == true { failBody(CancellationError()) }
        if isSent { context?.close(promise: nil) }
        takeTurns()
    }

    /// Ends the connection as soon as its task, which is cancelled, gives an answer.
    func cancel() {
        waiting.removeAll()
        if work.isWriting { context?.close(promise: nil) }
        quiesce()
    }

    private func close() {
        guard !work.isClosed else { return }
        isEnding = true
        idleTimer?.stop()
        closing?.cancel()
        waiting.removeAll()
        head = nil
        work.close()
        failBody(CancellationError())
    }

    // MARK: The connection's task

    /// Resumes `worker` when there is something to do, and with nil when the connection is closed.
    func next(_ worker: CheckedContinuation<ConnectionWork.Item?, Never>) {
        work.next(worker)
    }

    /// Writes the head of an answer whose body follows.
    func writeHead(of response: Response) {
        write(response)
    }

    /// Writes a piece of a body, and resumes `writer` when the client took enough for another.
    func write(_ piece: ByteBuffer, _ writer: CheckedContinuation<Void, any Error>) {
        needsFlush = false
        context?.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        work.wait(writer, isWritable: context?.channel.isWritable ?? true)
    }

    /// The body is written, or can't be.
    func endBody(isWhole: Bool) {
        if isWhole {
            endAnswer()
        } else {
            // Short of its length, which tells the client.
            context?.close(promise: nil)
        }
    }

    /// A closure for any thread that runs `body` here.
    private func onLoop(_ body: @escaping @Sendable (ConnectionHandler) -> Void) -> @Sendable () -> Void {
        guard let context else { return {} }
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        return { eventLoop.execute { body(handler.value) } }
    }
}
