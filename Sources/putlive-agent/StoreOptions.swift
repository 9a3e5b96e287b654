import ArgumentParser
import PutLiveCommands
import PutLiveConfig
import PutLiveStore

extension Role: ExpressibleByArgument {}

/// What every command on the database needs: the config that names it, and errors that end a command with a remedy.
struct StoreOptions: ParsableArguments {
    @OptionGroup var config: ConfigOptions

    /// Runs a command on the database. `creates` makes one where there is none yet.
    func withStore(
        _ format: ReportFormat = .text, creates: Bool = false,
        _ body: (_ store: Store, _ config: Config, _ now: UnixTime) async throws -> Void
    ) async throws {
        let config = try self.config.load(format)
        try await reportingStoreErrors {
            let now = Agent.now()
            let store = try Store.open(path: config.database.path, create: creates, now: now)
            try await body(store, config, now)
            // Only tidies up, and what was done is stored already.
            try? store.close()
        }
    }

}

/// An error of a command, with what to do.
struct CommandFailure: Error {
    var message: String
    var remedy: String?

    init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}

/// Reports an error of the body and ends the command with status 1.
func reportingStoreErrors(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let code as ExitCode {
        throw code
    } catch let failure as CommandFailure {
        Console.error(inert(failure.message), remedy: failure.remedy)
        throw ExitCode(1)
    } catch {
        Console.error(inert("\(error)"))
        throw ExitCode(1)
    }
}

/// Rows in columns, for people.
func table(_ header: [String], _ rows: [[String]]) -> String {
    let all = [header] + rows.map { $0.map(inert) }
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.enumerated().map { index, row in
        let cells = zip(row, widths).enumerated().map { column, cell in
            // The last column ends the line.
            column == row.count - 1
                ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
        }
        let line = cells.joined(separator: "  ")
        return (index == 0 ? Console.resultPaint.bold(line) : line) + "\n"
    }.joined()
}
