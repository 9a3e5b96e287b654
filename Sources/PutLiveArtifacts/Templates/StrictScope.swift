import Mustache
import Synchronization

/// What went wrong inside of a render, which Mustache itself has no way to say.
enum RenderProblem: Sendable, Hashable {
    /// A tag names nothing.
    case unknownName(String)
    /// A tag stands where its value is absent, outside of a section that asks first.
    case absentValue(String)
    /// An unescaped tag holds text that isn't the same unescaped.
    case unescapedText(String)
    /// A value that the format can't hold. The value itself stays unsaid: it may be a secret.
    case unholdable(format: Format, reason: String)
}

/// Collects a render's problems. A render is synchronous, so the log never leaves its task.
final class RenderLog: Sendable {
    @TaskLocal static var current: RenderLog?

    private let list = Mutex<[RenderProblem]>([])

    var problems: [RenderProblem] { list.withLock { $0 } }

    func note(_ problem: RenderProblem) {
        list.withLock { if !$0.contains(problem) { $0.append(problem) } }
    }
}

/// A view's values with their outer scopes. Mustache climbs scopes itself, but renders nothing for a name that no scope
/// knows; this one climbs first and answers an unknown name with an object that says so.
final class StrictScope: MustacheParent {
    private let values: [String: Any]
    private let outer: StrictScope?
    private let scan: TemplateScan
    private let format: Format

    init(_ values: [String: Any], outer: StrictScope? = nil, scan: TemplateScan, format: Format) {
        self.values = values
        self.outer = outer
        self.scan = scan
        self.format = format
    }

    func child(named name: String) -> Any? {
        if name.utf8.first == UInt8(ascii: "_"), let number = Int(name.dropFirst()),
            scan.literals.indices.contains(number)
        {
            return Leaf(text: scan.literals[number])
        }
        guard let value = find(name) else { return Leaf(problem: .unknownName(name)) }
        // The common ones first: a cast that fails is slow.
        if let text = value as? String {
            guard scan.unescapedNames.contains(name), !format.needsNoEscaping(text) else { return Leaf(text: text) }
            return Leaf(problem: .unescapedText(name))
        }
        switch value {
        case is Bool:
            return value
        case let number as Int:
            return Leaf(text: String(number))
        case let list as [[String: Any]]:
            return list.map { StrictScope($0, outer: self, scan: scan, format: format) }
        case let child as [String: Any]:
            return StrictScope(child, outer: self, scan: scan, format: format)
        default:
            return Leaf(problem: .absentValue(name))
        }
    }

    private func find(_ name: String) -> Any? {
        values[name] ?? outer?.find(name)
    }
}

/// A value in a tag: its text, or a problem that is noted when the tag is rendered. One type for all of them, since
/// Mustache asks of each new type whether it conforms to one protocol after the other, which takes a while.
private struct Leaf: MustacheCustomRenderable, MustacheParent {
    private var text = ""
    private var problem: RenderProblem?

    init(text: String) {
        self.text = text
    }

    init(problem: RenderProblem) {
        self.problem = problem
    }

    var renderText: String {
        if let problem { RenderLog.current?.note(problem) }
        return text
    }

    /// A section over an absent value is what asks for it; over an unknown name it is a mistake.
    var isNull: Bool {
        if case .absentValue = problem { return true }
        if let problem { RenderLog.current?.note(problem) }
        return false
    }

    /// Inside of a section over it, names are looked for further out; below a mistake there is nothing to find.
    func child(named: String) -> Any? { problem.map { Leaf(problem: $0) } }
}
