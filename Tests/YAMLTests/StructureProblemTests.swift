import Testing
import YAML

@Suite("Valid YAML that is refused, with the rest of the tree")
struct StructureProblemTests {
    @Test("Every duplicate key is reported with the first one's line, and the first one wins")
    func duplicates() {
        let text = """
            a: 1
            b:
              c: 1
              'c': {x: 1, x: 2}
            a: 3
            l:
            - d
            - e: 1
              e: 2
            a: 4

            """
        let document = parse(text)
        #expect(
            summary(document) == [
                "4:3-4:6 b.c: is already set on line 3",
                "4:15-4:16 b.c.x: is already set on line 4",
                "5:1-5:2 a: is already set on line 1",
                "9:3-9:4 l[1].e: is already set on line 8",
                "10:1-10:2 a: is already set on line 1",
            ])
        #expect(document.root?.outline == "{a: 1, b: {c: 1}, l: [d, {e: 1}]}")
    }

    @Test(
        "Keys that aren't text",
        arguments: [
            Fault("[a, b]: 1\nz: 1\n", "1:1-1:7", "a key must be plain text, not a list or a mapping"),
            Fault("{a: b}: 1\nz: 1\n", "1:1-1:7", "a key must be plain text, not a list or a mapping"),
            Fault("? - a\n: 1\nz: 1\n", "1:3-1:6", "a key must be plain text, not a list or a mapping"),
            Fault("~: 1\nz: 1\n", "1:1-1:2", "a key is empty or null"),
            Fault("null: 1\nz: 1\n", "1:1-1:5", "a key is empty or null"),
            Fault("?\n: 1\nz: 1\n", "1:2-1:2", "a key is empty or null"),
            Fault("<<: {a: 1}\nz: 1\n", "1:1-1:3", "merge keys (<<) are not supported", key: "<<"),
            Fault("&a z: 1\n*a : 1\n", "2:1-2:3", "an alias (*) cannot be a key"),
        ])
    func keys(fault: Fault) {
        let document = parse(fault.text)
        #expect(summary(document) == ["\(fault.place) \(fault.key): \(fault.message)"])
        #expect(document.root?.outline == "{z: 1}")
    }

    @Test("Values below an unusable key are still checked")
    func below() {
        #expect(
            summary(parse("<<: {a: 1, a: 2}\n[x]: {b: !!str 1}\n")) == [
                "1:1-1:3 <<: merge keys (<<) are not supported",
                "1:12-1:13 <<.a: is already set on line 1",
                "2:1-2:4 : a key must be plain text, not a list or a mapping",
                "2:10-2:15 ?.b: tags (!) are not supported",
            ])
    }

    @Test(
        "Tags",
        arguments: [
            ("a: !!str 5\n", "1:4-1:9 a", "{a: 5}"),
            ("a: !!python/object:os.system {b: 1}\n", "1:4-1:29 a", "{a: {b: 1}}"),
            ("a: ! 5\n", "1:4-1:5 a", "{a: 5}"),
            ("a: !é\n  - 5\n", "1:4-1:6 a", "{a: [5]}"),
            ("a: &x !!map\n  b: 1\n", "1:7-1:12 a", "{a: {b: 1}}"),
            ("- !<tag:yaml.org,2002:str> x\n", "1:3-1:27 [0]", "[x]"),
            ("!!str a: 1\n", "1:1-1:6 ", "{a: 1}"),
            ("a: &x\n  !!str b\n", "1:4-1:5 a", "{a: b}"),
        ])
    func tags(text: String, place: String, outline: String) {
        let document = parse(text)
        if text.contains("é") {
            // libyaml refuses the tag itself.
            #expect(document.root == nil)
            #expect(summary(document) == ["1:4-1:5 a: tags (!) are not supported"])
        } else {
            #expect(summary(document) == ["\(place): tags (!) are not supported"])
            #expect(document.root?.outline == outline)
        }
    }

    @Test("Aliases without a value are left out")
    func aliases() {
        let document = parse("a: *nothing\nb: &b [1, *b, 2]\nc: &c {d: *c}\ne: [*later]\nf: &later 1\n")
        let undefined = "the alias (*) refers to an anchor (&) that is not defined above"
        let selfish = "the alias (*) stands inside the value it refers to"
        #expect(
            summary(document) == [
                "1:4-1:12 a: \(undefined)", "2:11-2:13 b[1]: \(selfish)", "3:11-3:13 c.d: \(selfish)",
                "4:5-4:11 e[0]: \(undefined)",
            ])
        #expect(document.root?.outline == "{b: [1, 2], c: {}, e: [], f: 1}")
        #expect(parse("*a").root == nil)
    }

    @Test("A NUL by an escape")
    func escapedNUL() {
        #expect(summary(parse(#"a: "x\0y""#)) == ["1:4-1:10 a: the text holds a NUL character"])
    }

    @Test("No problem tells a text that may be a secret")
    func secrets() {
        for start in ["!", "*", "&", "@", "%", "`", "'", "\"", "[", "{", "!!", "\\", "|", ">", "- ", "? ", "x: "] {
            for end in ["", "'", "\"", ": y", "!", "]", "\u{1}", "\u{0}"] {
                for problem in parse("password: \(start)Sesame\(end)\n").problems {
                    #expect(!problem.message.contains("Sesame") && !problem.remedy.contains("Sesame"))
                    #expect(!problem.key.contains("Sesame"))
                }
            }
        }
    }

    @Test("A key in a path is printable and not endless")
    func printableKeys() {
        let long = String(repeating: "k", count: 500)
        let document = parse("\"a\\e\\n\":\n  ? \(long)\n  : {b: 1, b: 2}\n")
        #expect(document.problems.map(\.key) == ["a\u{FFFD}\u{FFFD}." + long.prefix(60) + "….b"])
    }
}
