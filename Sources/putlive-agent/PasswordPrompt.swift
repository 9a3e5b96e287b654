import Dispatch
import PutLiveCommands
import PutLiveStore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a command takes a password from: a terminal, twice and unseen; else a line of standard input; or the dice.
/// Never the arguments, which every user of the machine can read.
enum PasswordPrompt {
    /// A password that keeps the rules. A generated one is the command's result.
    static func read(generated: Bool) throws -> String {
        if generated {
            // 100 bits.
            return RandomText.base32(20)
        }
        let isTerminal = isatty(STDIN_FILENO) == 1
        let password = try isTerminal ? hidden("Password: ") : line()
        if let problem = AccountRules.problem(password: password) { throw CommandFailure("the password \(problem)") }
        if isTerminal, try hidden("Once more: ") != password {
            throw CommandFailure("the two passwords differ", remedy: "run the command again")
        }
        return password
    }

    /// Asks on the terminal, which doesn't show what is typed, and is as it was when a signal ends the program.
    private static func hidden(_ prompt: String) throws -> String {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw CommandFailure("the terminal can't be set up") }
        let restored = before
        // A signal that comes before its source listens would be lost.
        let listens = DispatchSemaphore(value: 0)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                var restored = restored
                _ = tcsetattr(STDIN_FILENO, TCSANOW, &restored)
                Console.report("")
                Console.exit(128 + number)
            }
            source.setRegistrationHandler { listens.signal() }
            source.resume()
            return (number, source)
        }
        for _ in sources { listens.wait() }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw CommandFailure("the terminal can't be set up")
        }
        defer {
            _ = tcsetattr(STDIN_FILENO, TCSANOW, &before)
            for (number, source) in sources {
                source.cancel()
                signal(number, SIG_DFL)
            }
            // The end of the line wasn't shown, either.
            Console.report("")
        }
        // Without the end of a line.
        _ = prompt.withCString { systemWrite(STDERR_FILENO, $0, strlen($0)) }
        return try line()
    }

    /// A line of standard input without its end.
    private static func line() throws -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = systemRead(STDIN_FILENO, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure("the password can't be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 || byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
            if bytes.count > 1024 { throw CommandFailure("the password must not be longer than 512 bytes") }
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if bytes.isEmpty {
            throw CommandFailure(
                "no password was given", remedy: "type it, send it as a line on standard input, or add --generate")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("the password must be UTF-8 text")
        }
        return text
    }
}

// The names are taken inside of PasswordPrompt.
#if canImport(Glibc)
    private let systemRead = Glibc.read
    private let systemWrite = Glibc.write
#else
    private let systemRead = Darwin.read
    private let systemWrite = Darwin.write
#endif
