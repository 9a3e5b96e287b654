#if canImport(Glibc)
    import Glibc
#endif

/// Runs programs to their end: without a shell, bounded in time and output.
struct ProgramRunner {
    /// Those that systemd gives to its services.
    static let systemFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    /// In bytes; what comes after it is read and dropped.
    static let outputLimit = 64 << 10
    /// Variables that a program is given if they are set: the way to the network. All else stays here, secrets too.
    private static let passedOn = ["HOME", "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"]

    /// Where programs are looked for, in this order.
    let folders: [String]

    /// The paths that `name` may have; one with a slash is a path already.
    func candidates(_ name: String) -> [String] {
        name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
    }

    func find(_ name: String) -> String? {
        candidates(name).first { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }

    func run(_ name: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        guard let path = find(name) else {
            throw SystemError("\(name) isn't installed: it is in none of \(folders.joined(separator: ", "))")
        }
        let (child, output) = try spawn(path, [name] + arguments)
        return try collect(output, of: child, "\(name) \(arguments.joined(separator: " "))", limit)
    }

    /// Starts a program in a process group of its own, so that it can be ended with all that it starts. What it says comes
    /// out of the pipe.
    private func spawn(_ path: String, _ arguments: [String]) throws(SystemError) -> (pid_t, Descriptor) {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        // This side's copy of the writing end is closed on return, so that the pipe ends with the program.
        guard let output = Descriptor(ends[0]), let input = Descriptor(ends[1]) else {
            throw SystemError("\(path) can't be started", errno: errno)
        }
        _ = fcntl(output.number, F_SETFL, O_NONBLOCK)
        // The program has only the copies that it gets below.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, input.number, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, input.number, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let argumentList = arguments.map { strdup($0) } + [nil]
        let environment = environment.map { strdup($0) } + [nil]
        defer { for string in argumentList + environment { free(string) } }
        var child = pid_t()
        var failure: Int32
        var tries = 0
        repeat {
            failure = posix_spawn(&child, path, &actions, &attributes, argumentList, environment)
            tries += 1
            // The file was just written, and a child that another thread is starting has it open until it runs.
        } while failure == ETXTBSY && tries < 100 && usleep(2000) == 0
        guard failure == 0 else { throw SystemError("\(path) can't be started", errno: failure) }
        return (child, output)
    }

    private var environment: [String] {
        let passed = Self.passedOn.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        return ["PATH=\(folders.joined(separator: ":"))", "LC_ALL=C.UTF-8"] + passed
    }

    /// Reads what a program says until it has ended. Its end counts, not the pipe's: what it leaves running may hold that.
    private func collect(
        _ output: Descriptor, of child: pid_t, _ command: String, _ limit: Duration
    ) throws(SystemError) -> ProgramResult {
        let deadline = ContinuousClock.now + limit
        var text: [UInt8] = []
        var isOpen = true
        while true {
            if let status = Self.ended(child, options: WNOHANG) {
                while isOpen && text.count < Self.outputLimit { isOpen = Self.take(output, into: &text) }
                return ProgramResult(status: status, output: String(decoding: text, as: UTF8.self))
            }
            let left = deadline - ContinuousClock.now
            guard left > .zero else {
                kill(-child, SIGKILL)
                _ = Self.ended(child, options: 0)
                let said = String(decoding: text.suffix(2048), as: UTF8.self)
                throw SystemError("\(command) didn't end within \(limit) and was killed; it had said: \(said)")
            }
            if !isOpen {
                usleep(200)
            } else if output.wait(for: POLLIN, limit: min(left, .milliseconds(50))) {
                isOpen = Self.take(output, into: &text)
            }
        }
    }

    /// Takes what there is; false when there is nothing more.
    private static func take(_ output: Descriptor, into text: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        guard let count = buffer.withUnsafeMutableBytes({ output.read(into: $0) }), count > 0 else { return false }
        text += buffer[..<count].prefix(outputLimit - text.count)
        return true
    }

    /// How a program ended; nil while it runs.
    private static func ended(_ child: pid_t, options: Int32) -> Int32? {
        var status: Int32 = 0
        while true {
            let answer = waitpid(child, &status, options)
            if answer == 0 { return nil }
            if answer < 0 && errno == EINTR { continue }
            // A child that another has waited for is gone; how it ended isn't known.
            guard answer == child else { return 255 }
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
    }
}
