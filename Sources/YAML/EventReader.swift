import CLibYAML

/// One step of libyaml through a document.
struct Event {
    enum Kind {
        case documentStart
        case alias(String)
        case scalar(String, YAMLNode.ScalarStyle)
        case sequenceStart
        case mappingStart
        /// The end of the collection that was opened last.
        case collectionEnd
        case streamEnd
        /// The start of the stream and the end of a document, which say nothing here.
        case other
    }

    var kind: Kind
    var range: YAMLRange
    var anchor: String?
    var isTagged = false
    /// True for a collection in brackets.
    var isFlow = false
}

/// What libyaml says about an error, as it says it.
struct SyntaxFault: Error {
    /// libyaml's words: what is wrong, and while doing what it was found.
    var problem: String
    var context: String
    var mark: YAMLMark
    /// Where the construct began that is wrong, if libyaml knows.
    var contextMark: YAMLMark?
}

/// Owns a libyaml parser, and gives its events as Swift values.
struct EventReader: ~Copyable {
    // libyaml keeps pointers into the parser's own memory, so that must not move.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Reads from memory that must stay valid, and not be empty, as long as the reader lives.
    init?(_ input: UnsafeBufferPointer<UInt8>) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        self.parser = parser
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. There is none after the end of the stream or a fault.
    func next() throws(SyntaxFault) -> Event {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else {
            throw fault()
        }
        defer { yaml_event_delete(&raw) }
        return Event(raw)
    }

    private func fault() -> SyntaxFault {
        let state = parser.pointee
        // The reader and the allocator set no mark: there the scanner's own place is the nearest.
        let hasMark = state.error == YAML_SCANNER_ERROR || state.error == YAML_PARSER_ERROR
        return SyntaxFault(
            problem: state.problem.map { String(cString: $0) } ?? "out of memory",
            context: state.context.map { String(cString: $0) } ?? "",
            mark: YAMLMark(hasMark ? state.problem_mark : state.mark),
            contextMark: state.context == nil ? nil : YAMLMark(state.context_mark))
    }
}

extension Event {
    fileprivate init(_ raw: yaml_event_t) {
        range = YAMLRange(start: YAMLMark(raw.start_mark), end: YAMLMark(raw.end_mark))
        switch raw.type {
        case YAML_DOCUMENT_START_EVENT:
            kind = .documentStart
        case YAML_ALIAS_EVENT:
            kind = .alias(Self.text(raw.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let value = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(String(decoding: value, as: UTF8.self), YAMLNode.ScalarStyle(scalar.style))
            anchor = Self.text(scalar.anchor)
            isTagged = scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = Self.text(raw.data.sequence_start.anchor)
            isTagged = raw.data.sequence_start.tag != nil
            isFlow = raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = Self.text(raw.data.mapping_start.anchor)
            isTagged = raw.data.mapping_start.tag != nil
            isFlow = raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            kind = .collectionEnd
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
            kind = .streamEnd
        default:
            kind = .other
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}

extension YAMLMark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}

extension YAMLNode.ScalarStyle {
    fileprivate init(_ style: yaml_scalar_style_t) {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .quoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: self = .block
        default: self = .plain
        }
    }
}
