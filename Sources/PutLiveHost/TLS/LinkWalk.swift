extension System {
    /// Where `path` leads once every link on the way and at its end is followed, as the kernel would; nil for a circle.
    /// What isn't there is taken for a folder or file.
    func following(_ path: String) throws(SystemError) -> String? {
        var done: [String] = []
        // What is still to go, the next part last.
        var rest = Self.parts(of: path)
        var links = 0
        while let part = rest.popLast() {
            if part == "." { continue }
            if part == ".." {
                done.removeLast(min(1, done.count))
                continue
            }
            done.append(part)
            guard let entry = try entry(at: "/" + done.joined(separator: "/")), let target = entry.target else {
                continue
            }
            links += 1
            // Linux follows as many.
            guard links <= 40 else { return nil }
            if target.hasPrefix("/") { done = [] } else { done.removeLast() }
            rest += Self.parts(of: target)
        }
        return "/" + done.joined(separator: "/")
    }

    private static func parts(of path: String) -> [String] { path.split(separator: "/").reversed().map(String.init) }
}
