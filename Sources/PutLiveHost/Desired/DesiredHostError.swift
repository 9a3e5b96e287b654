/// Why no host can be made of a set of artifacts.
struct DesiredHostError: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }

    /// A line of a rendered file that has a form nobody reads: a fault of PutLive, for no config may bring it about.
    init(path: String, line: Int, _ problem: String) {
        description =
            "\(path):\(line) \(problem), which reconciling can't read: the template and the tool are of different "
            + "versions; reinstall the package putlive"
    }
}
