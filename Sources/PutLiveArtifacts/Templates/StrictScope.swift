import Foundation
import Mustache
import Synchronization

/// What went wrong inside of a render, which Mustache itself has no way to say.
enum RenderProblem: Sendable, Hashable {
    /// A tag names nothing.
    case unknownName(String)
    /// A tag stands where its value is absent, outside of a section that asks first.
    case absentValue(String)
    /// An unescaped tag holds text.
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
    private let unescaped: Set<String>

    init(_ values: [String: Any], outer: StrictScope? = nil, unescaped: Set<String>) {
        self.values = values
        self.outer = outer
        self.unescaped = unescaped
    }

    func child(named name: String) -> Any? {
        guard let value = find(name) else { return Complaint(problem: .unknownName(name), isNull: false) }
        switch value {
        case is NSNull:
            return Complaint(problem: .absentValue(name), isNull: true)
        case let list as [[String: Any]]:
            return list.map { StrictScope($0, outer: self, unescaped: unescaped) }
        case let child as [String: Any]:
            return StrictScope(child, outer: self, unescaped: unescaped)
        default:
            if unescaped.contains(name) && !(value is Int) && !(value is Bool) {
                return Complaint(problem: .unescapedText(name), isNull: false)
            }
            return value
        }
    }

    private func find(_ name: String) -> Any? {
        values[name] ?? outer?.find(name)
    }
}

/// Renders as nothing and notes why; a section over it notes it too, unless it stands for an absent value.
private struct Complaint: MustacheCustomRenderable, MustacheParent {
    let problem: RenderProblem
    let isAbsent: Bool

    init(problem: RenderProblem, isNull: Bool) {
        self.problem = problem
        isAbsent = isNull
    }

    var renderText: String {
        RenderLog.current?.note(problem)
        return ""
    }

    var isNull: Bool {
        if !isAbsent { RenderLog.current?.note(problem) }
        return isAbsent
    }

    func child(named: String) -> Any? { Complaint(problem: problem, isNull: isAbsent) }
}
