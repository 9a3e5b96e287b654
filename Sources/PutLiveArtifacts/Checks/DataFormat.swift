import YAML

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads JSON and YAML as a program would, to know that it can.
enum DataFormat {
    /// What is wrong with `text`, or nil.
    static func problem(in text: String, format: Format) -> String? {
        switch format {
        case .json:
            do {
                _ = try JSONDecoder().decode(AnyJSON.self, from: Data(text.utf8))
                return nil
            } catch {
                return "is no JSON: \(error)"
            }
        case .yaml:
            let problems = YAML.parse(Array(text.utf8)).problems
            return problems.first.map { "line \($0.range.start.line): \($0.message)" }
        default:
            return nil
        }
    }

    /// Any JSON value at all.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                while !list.isAtEnd { _ = try list.decode(AnyJSON.self) }
            } else if let object = try? decoder.container(keyedBy: Key.self) {
                for key in object.allKeys { _ = try object.decode(AnyJSON.self, forKey: key) }
            }
        }

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }
}
