import Foundation

@testable import PutLiveHost

/// A folder of a test's own, removed after it.
final class RealSystemScratch {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "/putlive-real-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// As a host that runs, whose owners are those of this process.
    var host: RealSystem {
        RealSystem(root: path, isLive: true, searchPath: [path + "/bin"], manager: path + "/socket")
    }
    /// As an image.
    var image: RealSystem { RealSystem(root: path) }

    /// Puts a file there, past what is tested.
    func put(_ name: String, _ text: String = "", mode: Int = 0o644) {
        let file = path + "/" + name
        try? FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        // Closed on exec: a program that another test starts meanwhile would hold a script open, which can't be run then.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        write(descriptor, text, text.utf8.count)
        fchmod(descriptor, mode_t(mode))
        close(descriptor)
    }

    func folder(_ name: String) {
        try? FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    func link(_ name: String, to target: String) {
        symlink(target, path + "/" + name)
    }

    func text(_ name: String) -> String? {
        (try? Data(contentsOf: URL(fileURLWithPath: path + "/" + name))).map { String(decoding: $0, as: UTF8.self) }
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat(path + "/" + name, &status) == 0
    }

    /// A shell script in the folder where programs are looked for.
    func program(_ name: String, _ script: String) {
        put("bin/" + name, "#!/bin/sh\n" + script, mode: 0o755)
    }

    /// The user and group that runs the test.
    static let me = Owner(String(geteuid()), String(getegid()))
    static let isRoot = geteuid() == 0
}
