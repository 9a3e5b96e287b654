/// A place in a YAML file.
public struct YAMLMark: Sendable, Hashable {
    /// The line, counted from 1. Lines end with LF or CR LF.
    public var line: Int
    /// The column, counted from 1 in Unicode scalars; a tab counts as one, a leading byte order mark as none.
    public var column: Int

    /// A place by line and column, both counted from 1.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place `columns` further on the same line.
    func moved(by columns: Int) -> YAMLMark {
        YAMLMark(line: line, column: column + columns)
    }
}

/// A stretch of a YAML file, from `start` up to but without `end`.
public struct YAMLRange: Sendable, Hashable {
    /// The first place of the stretch.
    public var start: YAMLMark
    /// The first place after the stretch; equal to `start` where there is nothing to show, as for an omitted value.
    public var end: YAMLMark

    /// The stretch from one place up to another.
    public init(start: YAMLMark, end: YAMLMark) {
        self.start = start
        self.end = end
    }

    /// The stretch of `columns` characters at one place of a line.
    init(at mark: YAMLMark, columns: Int = 1) {
        self.init(start: mark, end: mark.moved(by: columns))
    }
}
