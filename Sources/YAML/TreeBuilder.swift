/// Builds the tree from libyaml's events, without recursion, and collects what is wrong with it.
struct TreeBuilder {
    /// Problems beyond this number end the reading: nobody needs more at once, and a hostile file could hold many.
    static let problemLimit = 100

    /// The collections that are open, the outermost first.
    private var frames: [Frame] = []
    private var anchors: [String: Anchor] = [:]
    private var problems: [YAMLProblem] = []
    private var root: YAMLNode?
    private var otherRoots: [YAMLNode] = []
    private var nodeCount = 0
    private var documentCount = 0
    private var lastScalar: SyntaxProblem.Scalar?
    private var source: SourceText
    private let limits: YAMLLimits

    init(source: SourceText, limits: YAMLLimits) {
        self.source = source
        self.limits = limits
    }

    /// Reads all events of an input that isn't empty.
    mutating func build(from input: UnsafeBufferPointer<UInt8>) -> YAMLDocument {
        do {
            try read(input)
            var document = YAMLDocument(root: documentCount > 1 ? nil : root, problems: problems)
            if documentCount > 1 {
                document.readable = root
                document.otherDocuments = otherRoots
            }
            return document
        } catch {
            return YAMLDocument(root: nil, problems: problems + [error])
        }
    }

    /// Throws what ends the reading.
    private mutating func read(_ input: UnsafeBufferPointer<UInt8>) throws(YAMLProblem) {
        guard let reader = EventReader(input) else {
            let start = YAMLRange(at: YAMLMark(line: 1, column: 1), columns: 0)
            throw YAMLProblem(message: "there is no memory to read the file", remedy: "free some memory", range: start)
        }
        while true {
            var event: Event
            do {
                event = try reader.next()
            } catch {
                throw explained(error)
            }
            if case .streamEnd = event.kind { break }
            event.range.start = source.place(of: event.range.start)
            event.range.end = source.place(of: event.range.end)
            try take(event)
            guard problems.count < Self.problemLimit else {
                throw YAMLProblem(
                    message: "there are too many problems; what follows was not read",
                    remedy: "correct those above first", range: event.range)
            }
        }
        if documentCount == 0 {
            let end = YAMLMark(line: 1, column: 1)
            root = YAMLNode(content: .null, range: YAMLRange(start: end, end: end))
        }
    }

    private mutating func take(_ event: Event) throws(YAMLProblem) {
        switch event.kind {
        case .documentStart:
            documentCount += 1
            anchors = [:]
            guard documentCount == 2 else { return }
            report(
                "a second document starts here; only one is read",
                remedy: "remove the '---' or '...' line, or what follows it", event.range)
        case .scalar(let text, let style):
            takeScalar(event, text, style)
            try count(1, at: event.range)
        case .alias(let name):
            try takeAlias(name, event.range)
        case .sequenceStart, .mappingStart:
            try open(event)
        case .collectionEnd:
            close(event)
        case .streamEnd, .other:
            break
        }
    }

    private mutating func takeScalar(_ event: Event, _ text: String, _ style: YAMLNode.ScalarStyle) {
        refuseTag(of: event)
        lastScalar = SyntaxProblem.Scalar(range: event.range, isQuoted: style == .quoted)
        if text.utf8.contains(0) {
            report("the text holds a NUL character", remedy: "remove the escape \\0 from it", event.range)
        }
        let isNull = style == .plain && ["", "~", "null", "Null", "NULL"].contains(text)
        let node = YAMLNode(content: isNull ? .null : .scalar(text, style), range: event.range)
        if let name = event.anchor {
            anchors[name] = .done(node, size: 1, height: 0)
        }
        complete(node, height: 0, event.range)
    }

    private mutating func takeAlias(_ name: String, _ range: YAMLRange) throws(YAMLProblem) {
        guard frames.last?.wantsKey != true else {
            report("an alias (*) cannot be a key", remedy: "write the key itself", range)
            setKey(nil, range)
            return
        }
        switch anchors[name] {
        case .done(var node, let size, let height):
            guard frames.count + height <= limits.depth else { throw tooDeep(range) }
            try count(size, at: range)
            node.range = range
            complete(node, height: height, range)
        case .open:
            report(
                "the alias (*) stands inside the value it refers to",
                remedy: "write the value itself, or put the text in quotes if no alias is meant", range)
            complete(nil, height: 0, range)
        case nil:
            report(
                "the alias (*) refers to an anchor (&) that is not defined above",
                remedy: "put the text in quotes if no alias is meant, or define the anchor first", range)
            complete(nil, height: 0, range)
        }
    }

    private mutating func open(_ event: Event) throws(YAMLProblem) {
        guard frames.count < limits.depth else { throw tooDeep(event.range) }
        refuseTag(of: event)
        if let name = event.anchor {
            anchors[name] = .open
        }
        var isMapping = false
        if case .mappingStart = event.kind { isMapping = true }
        frames.append(Frame(event, isMapping: isMapping, nodesBefore: nodeCount))
        try count(1, at: event.range)
    }

    private mutating func close(_ event: Event) {
        guard var frame = frames.popLast() else { return }
        // A flow collection ends with its bracket; a block's end event stands at whatever follows it.
        if event.range.start != event.range.end {
            frame.range.end = event.range.end
        }
        let node = YAMLNode(
            content: frame.isMapping ? .mapping(frame.entries) : .sequence(frame.items), range: frame.range)
        if let name = frame.anchor {
            anchors[name] = .done(node, size: nodeCount - frame.nodesBefore, height: frame.height)
        }
        complete(node, height: frame.height, frame.range)
    }

    /// Gives a finished node, or the absence of a usable one, to the collection around it.
    private mutating func complete(_ node: YAMLNode?, height: Int, _ range: YAMLRange) {
        guard let last = frames.indices.last else {
            if documentCount == 1 { root = node } else if let node { otherRoots.append(node) }
            return
        }
        if frames[last].wantsKey {
            takeKey(node, range)
        } else {
            frames[last].add(node)
        }
        frames[last].height = max(frames[last].height, height + 1)
        frames[last].range.end = range.end
    }

    private mutating func takeKey(_ node: YAMLNode?, _ range: YAMLRange) {
        switch node?.content {
        case .scalar("<<", .plain):
            setKey("<<", range)
            frames[frames.count - 1].key?.isKept = false
            report("merge keys (<<) are not supported", remedy: "write the merged keys out here", range)
        case .scalar(let text, _):
            setKey(text, range)
        case .null:
            report("a key is empty or null", remedy: "write a key before the colon; quote it if it is meant", range)
            setKey(nil, range)
        case .sequence, .mapping, nil:
            report("a key must be plain text, not a list or a mapping", remedy: "write the key as a word", range)
            setKey(nil, range)
        }
    }

    /// Makes a key the one that the next node belongs to; nil stands for one that can't be used.
    private mutating func setKey(_ name: String?, _ range: YAMLRange) {
        let last = frames.count - 1
        let firstLine = name.flatMap { frames[last].firstLines[$0] }
        frames[last].wantsKey = false
        frames[last].key = Key(name: name ?? "?", range: range, isKept: name != nil && firstLine == nil)
        frames[last].range.end = range.end
        guard let name else { return }
        if let firstLine {
            report("is already set on line \(firstLine)", remedy: "keep one of the two", range)
        } else {
            frames[last].firstLines[name] = range.start.line
        }
    }
}

// MARK: - Problems

extension TreeBuilder {
    private mutating func report(_ message: String, remedy: String, _ range: YAMLRange) {
        problems.append(YAMLProblem(message: message, remedy: remedy, range: range, key: frames.path))
    }

    /// Where the innermost collection began, if it is one in brackets.
    private var openBracket: YAMLMark? {
        guard let last = frames.last, last.isFlow else { return nil }
        return last.range.start
    }

    private func explained(_ fault: SyntaxFault) -> YAMLProblem {
        var fault = fault
        fault.mark = source.place(of: fault.mark)
        fault.contextMark = fault.contextMark.map(source.place)
        var syntax = SyntaxProblem(
            fault: fault, lastScalar: lastScalar, openBracket: openBracket, source: source)
        var problem = syntax.explained()
        problem.key = frames.path(near: problem.range.start)
        return problem
    }

    private mutating func refuseTag(of event: Event) {
        guard let tag = source.tag(of: event) else { return }
        report(
            "tags (!) are not supported",
            remedy: "remove the tag; if it is the beginning of a text, put the text in quotes", tag)
    }

    private mutating func count(_ nodes: Int, at range: YAMLRange) throws(YAMLProblem) {
        nodeCount += nodes
        guard nodeCount > limits.nodes else { return }
        throw YAMLProblem(
            message: "there are more than \(limits.nodes) values here, counting what aliases (*) repeat",
            remedy: "shorten the file; where an alias repeats much, write out what is needed", range: range,
            key: frames.path)
    }

    private func tooDeep(_ range: YAMLRange) -> YAMLProblem {
        YAMLProblem(
            message: "values are nested more than \(limits.depth) deep",
            remedy: "remove some of the nesting; a run of '[', '{' or '- ' may need quotes", range: range,
            key: frames.path)
    }
}
