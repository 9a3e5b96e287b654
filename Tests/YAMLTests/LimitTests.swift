import Testing
import YAML

@Suite("Limits and documents")
struct LimitTests {
    @Test("Nesting of 64 is read, of 65 refused at the bracket that is too much")
    func depth() {
        let flow = { (count: Int) in String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        #expect(parse(flow(64)).problems.isEmpty)
        let document = parse("a:\n  " + flow(64))
        #expect(document.root == nil)
        #expect(document.problems.map(\.message) == ["values are nested more than 64 deep"])
        #expect(document.problems.map { place($0.range) } == ["2:66-2:67"])
        #expect(document.problems.first?.key == "a" + String(repeating: "[0]", count: 63))
    }

    @Test("Nesting without an end", arguments: ["[", "{a: ", "- ", "? ", "[[", "{", "- - ? "])
    func bottomless(text: String) {
        let document = parse(String(repeating: text, count: 100_000))
        #expect(document.root == nil)
        #expect(document.problems.last?.message == "values are nested more than 64 deep")
    }

    @Test("Nesting by keys on lines")
    func blockDepth() {
        let text = (0..<65).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(summary(parse(text + String(repeating: " ", count: 65) + "b\n")).isEmpty == false)
        #expect(parse((0..<64).map { String(repeating: " ", count: $0) + "a:\n" }.joined()).problems.isEmpty)
    }

    @Test("Aliases count with the depth of what they repeat")
    func aliasDepth() {
        let chain = { (count: Int) in
            "a0: &a0 x\n" + (1...count).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        }
        #expect(parse(chain(63)).problems.isEmpty)
        #expect(summary(parse(chain(64))) == ["65:12-65:16 a64[0]: values are nested more than 64 deep"])
    }

    @Test("Aliases that multiply end at the bound")
    func laughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let document = parse(text)
        #expect(document.root == nil)
        #expect(
            summary(document) == [
                "5:10-5:13 a4[0]: there are more than 10000 values here, counting what aliases (*) repeat"
            ])
    }

    @Test("As many nodes as allowed, keys counted")
    func nodes() {
        let list = { (count: Int) in String(repeating: "- a\n", count: count) }
        #expect(parse(list(9_999)).problems.isEmpty)
        #expect(parse(list(10_000)).root == nil)
        let limits = YAMLLimits(nodes: 5)
        #expect(parse("a: 1\nb: 2\n", limits: limits).problems.isEmpty)
        #expect(parse("a: 1\nb: 2\nc: 3\n", limits: limits).problems.map { place($0.range) } == ["3:1-3:2"])
    }

    @Test("1 MiB is read, a byte more is not")
    func bytes() {
        let comment = { (count: Int) in "a: 1\n#" + String(repeating: "x", count: count - 6) }
        #expect(parse(comment(1 << 20)).problems.isEmpty)
        let document = parse(comment(1 << 20 + 1))
        #expect(document.root == nil)
        #expect(summary(document) == ["1:1-1:1 : the file has 1048577 bytes, more than the 1048576 that are read"])
    }

    @Test("Problems without an end are cut off")
    func problems() {
        let document = parse(String(repeating: "a: 1\n", count: 4_000))
        #expect(document.root == nil)
        #expect(document.problems.count == 101)
        #expect(document.problems.last?.message == "there are too many problems; what follows was not read")
    }

    @Test(
        "Several documents",
        arguments: [
            ("a: 1\n---\nb: 2\n", "2:1-2:4"),
            ("---\na: 1\n---\n", "3:1-3:4"),
            ("---\n---\na: 1\n", "2:1-2:4"),
            ("a: 1\n...\n---\nb: 2\n", "3:1-3:4"),
            ("a: 1\n...\n\n# x\nb: 2\n", "5:1-5:5"),
        ])
    func documents(text: String, at: String) {
        let document = parse(text)
        #expect(document.root == nil)
        #expect(summary(document) == ["\(at) : a second document starts here; only one is read"])
    }
}
