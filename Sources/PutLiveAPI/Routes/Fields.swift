import Hummingbird
import PutLiveStore

/// Collects what is wrong with the values of one request, so that all of it is told at once.
struct Fields {
    private var errors: [Problem.Field] = []

    mutating func require(_ isGood: Bool, _ field: String, _ message: String) {
        if !isGood { errors.append(Problem.Field(field: field, message: message)) }
    }

    /// Notes `problem` if there is one.
    mutating func refuse(_ problem: String?, _ field: String) {
        if let problem { errors.append(Problem.Field(field: field, message: problem)) }
    }

    /// `value`, or a note of what is wrong.
    mutating func value<Value>(_ value: Value?, _ field: String, _ message: String) -> Value? {
        require(value != nil, field, message)
        return value
    }

    /// - Throws: `Problem` 422 if anything was wrong.
    func check() throws {
        guard errors.isEmpty else { throw Problem.invalid(errors) }
    }
}

extension Request {
    /// A query parameter as a whole number, within bounds.
    func integer(_ name: String, default preset: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = uri.queryParameters[Substring(name)] else { return preset }
        guard let value = Int(text), range.contains(value) else {
            throw Problem.invalid([
                .init(field: name, message: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            ])
        }
        return value
    }

    /// A query parameter as a moment, RFC 3339.
    func time(_ name: String, default preset: UnixTime) throws -> UnixTime {
        guard let text = uri.queryParameters[Substring(name)] else { return preset }
        guard let time = RFC3339.parse(String(text)) else {
            throw Problem.invalid([.init(field: name, message: "a time such as 2026-01-01T00:00:00Z")])
        }
        return time
    }
}
