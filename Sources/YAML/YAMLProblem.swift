/// Something wrong in a YAML file.
///
/// No text of a value is ever part of it, since a value may be a secret; keys are.
public struct YAMLProblem: Error, Sendable, Hashable {
    /// What is wrong, to be read after the key: lower case, without a full stop.
    public var message: String
    /// What to do about it: a fragment in the imperative, lower case, without a full stop.
    public var remedy: String
    /// Where to look.
    public var range: YAMLRange
    /// The dotted path of the key concerned, like `streaming.qualities[2].fps` (indices from 0), or empty if unknown.
    public var key: String

    /// A problem at a place; the key's path may be unknown.
    public init(message: String, remedy: String, range: YAMLRange, key: String = "") {
        self.message = message
        self.remedy = remedy
        self.range = range
        self.key = key
    }
}
