import PutLiveCommands
import PutLiveConfig
import PutLiveStore
import Subprocess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `s3://bucket/prefix`.
struct S3Target: Equatable {
    /// May hold `ACCOUNT_ID`.
    var bucket: String
    /// Without slashes around it.
    var prefix: String

    /// As the stack's rights have it.
    static let defaultPrefix = "backups"

    init(_ text: String) throws(CommandFailure) {
        let parts = text.dropFirst("s3://".count).split(separator: "/", omittingEmptySubsequences: true).map(
            String.init)
        let example = "write s3://bucket or s3://bucket/prefix"
        guard text.hasPrefix("s3://"), let bucket = parts.first else {
            throw CommandFailure("\(text) names no bucket", remedy: example)
        }
        do {
            _ = try ValueType<String>.bucket.parse(bucket)
        } catch {
            throw CommandFailure(error.message, remedy: error.remedy)
        }
        let prefix = parts.dropFirst().joined(separator: "/")
        let allowed = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
        guard prefix.utf8.count <= 512, prefix.utf8.allSatisfy(allowed) else {
            throw CommandFailure(
                "the prefix of \(text) may hold letters, digits, dots, dashes, underscores and slashes", remedy: example
            )
        }
        self.bucket = bucket
        self.prefix = prefix.isEmpty ? Self.defaultPrefix : prefix
    }
}

/// A backup in S3, by the aws command: it finds its credentials by itself, so none passes through here.
struct S3Backup {
    let backup: Backup
    /// Where the copy lies until it is uploaded.
    let folder: String
    let target: S3Target
    /// Seconds.
    let retention: Int64
    var aws = AWSCommand()

    func run(now: UnixTime) async throws -> BackupCommand.Finished {
        let bucket = try await resolvedBucket()
        let name = BackupName(time: now)
        let key = "\(target.prefix)/\(name.text)"
        let aws = self.aws
        let size = try await backup.staged(in: folder) { path, size in
            _ = try await aws.run(
                ["s3", "cp", path, "s3://\(bucket)/\(key)", "--only-show-errors"], limit: .seconds(1800))
            let stored = try await aws.run(
                [
                    "s3api", "head-object", "--bucket", bucket, "--key", key, "--query", "ContentLength", "--output",
                    "text",
                ])
            guard Int64(stored) == size else {
                throw CommandFailure(
                    "s3://\(bucket)/\(key) has \(stored) bytes instead of \(size)", remedy: "try again")
            }
            return size
        }
        let removed = await removeExpired(bucket, kept: name, now: now)
        return BackupCommand.Finished(place: "s3://\(bucket)/\(key)", size: size, removed: removed)
    }

    private func resolvedBucket() async throws -> String {
        guard target.bucket.contains("ACCOUNT_ID") else { return target.bucket }
        let account = try await aws.run(["sts", "get-caller-identity", "--query", "Account", "--output", "text"])
        guard account.utf8.count == 12,
            account.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw CommandFailure("aws sts get-caller-identity gave \(account) for the account's number") }
        return target.bucket.replacing("ACCOUNT_ID", with: account)
    }

    /// The backup is safe by now: what fails here is told, but fails no backup. The stack's bucket forgets by itself,
    /// too.
    private func removeExpired(_ bucket: String, kept: BackupName, now: UnixTime) async -> Int {
        do {
            let listed = try await aws.run([
                "s3api", "list-objects-v2", "--bucket", bucket, "--prefix", "\(target.prefix)/\(BackupName.prefix)",
                "--query", "Contents[].Key", "--output", "json",
            ])
            // `null` where there is nothing.
            let keys = try JSONDecoder().decode([String]?.self, from: Data(listed.utf8)) ?? []
            let names = keys.filter { $0.hasPrefix(target.prefix + "/") }.map {
                String($0.dropFirst(target.prefix.count + 1))
            }
            let expired = BackupName.expired(names, retention: retention, now: now, kept: kept)
            var rest = expired[...]
            while !rest.isEmpty {
                // Of names that hold nothing but letters, digits and dashes.
                let objects = rest.prefix(500).map { "{\"Key\":\"\(target.prefix)/\($0)\"}" }.joined(separator: ",")
                rest = rest.dropFirst(500)
                let refused = try await aws.run([
                    "s3api", "delete-objects", "--bucket", bucket, "--delete",
                    "{\"Objects\":[\(objects)],\"Quiet\":true}",
                    "--query", "Errors", "--output", "json",
                ])
                guard refused.isEmpty || refused == "null" else { throw CommandFailure("S3 refused: \(refused)") }
            }
            return expired.count
        } catch {
            let text = (error as? CommandFailure)?.message ?? "\(error)"
            Console.report("older backups in s3://\(bucket)/\(target.prefix) could not be removed: \(inert(text))")
            return 0
        }
    }
}

/// Runs aws: without a shell, bounded in time and output.
struct AWSCommand: Sendable {
    /// Where it is looked for; a service has no other PATH than the system's.
    var folders: [String] =
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        .filter { $0.hasPrefix("/") } + ["/usr/local/bin", "/usr/bin"]

    /// What it printed, without blanks around it.
    func run(_ arguments: [String], limit: Duration = .seconds(120)) async throws -> String {
        guard let path = folders.map({ $0 + "/aws" }).first(where: { access($0, X_OK) == 0 }) else {
            throw CommandFailure(
                "the aws command isn't installed",
                remedy: "install it with `apt install awscli`, or back up to a folder")
        }
        // Said of a failure: what was tried, as `aws s3 cp`, without names.
        let what = "aws \(arguments.prefix(2).joined(separator: " "))"
        return try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    .path(FilePath(path)), arguments: Arguments(arguments),
                    environment: .inherit.updating(["AWS_PAGER": "", "LC_ALL": "C.UTF-8"]),
                    output: .string(limit: 8 << 20), error: .string(limit: 64 << 10))
                guard result.terminationStatus.isSuccess else {
                    throw CommandFailure(
                        "\(what) failed: \(Self.summary(result.standardError))",
                        remedy: "check the bucket's name, the network, and this host's rights or credentials for AWS")
                }
                return Self.trimmed(result.standardOutput)
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw CommandFailure("\(what) did not end within \(limit.components.seconds) s")
            }
            return output
        }
    }

    /// Its last lines, as one.
    private static func summary(_ errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.isEmpty }
        return lines.isEmpty ? "it says nothing" : String(lines.suffix(3).joined(separator: " ").prefix(600))
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
