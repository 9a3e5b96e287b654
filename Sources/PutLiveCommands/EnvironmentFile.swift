import PutLiveConfig

/// The variables of systemd's EnvironmentFile=, for who runs a command by hand.
public enum EnvironmentFile {
    /// This process's variables, and below them those of the file.
    public static func environment(path: String) -> ConfigEnvironment {
        var environment = ConfigEnvironment.process
        let process = environment.variable
        let readFile = environment.readFile
        // Read anew for each: it may change between a run's first look at the config and its second.
        environment.variable = { name in
            process(name)
                ?? (try? readFile(path, 64 << 10)).flatMap { variables(in: String(decoding: $0, as: UTF8.self))[name] }
        }
        return environment
    }

    /// `NAME=value` a line, `#` and `;` before a comment, a value in quotes or bare (systemd.exec(5)).
    public static func variables(in text: String) -> [String: String] {
        var variables: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            guard let first = line.first, first != "#", first != ";", let equals = line.firstIndex(of: "=") else {
                continue
            }
            var value = line[line.index(after: equals)...]
            while value.last?.isWhitespace ?? false { value = value.dropLast() }
            if value.count > 1, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
                value = value.dropFirst().dropLast()
            }
            variables[String(line[..<equals])] = String(value)
        }
        return variables
    }
}
