import Foundation
import Testing

@testable import PutLiveArtifacts

/// Templates are strict: what they name must be there, and nothing may slip past the format's escaping.
@Suite struct RendererTests {
    private func render(_ template: String, _ view: [String: Any], format: Format = .nginx) throws -> String {
        let folder = try TemporaryFolder()
        try template.write(toFile: folder.path + "/t.mustache", atomically: true, encoding: .utf8)
        return try TemplateRenderer(share: ShareFolder(path: folder.path)).render(
            "t.mustache", format: format, view: view)
    }

    private func problems(_ template: String, _ view: [String: Any], format: Format = .nginx) -> [String] {
        do {
            _ = try render(template, view, format: format)
            return []
        } catch let error as TemplateError {
            return error.problems
        } catch {
            return ["\(error)"]
        }
    }

    private let head = "{{%CONTENT_TYPE: NGINX}}\n"

    @Test func valuesAreEscapedAndScopesClimbed() throws {
        let view: [String: Any] = ["a": "x y", "n": 3, "list": [["b": "1;2"], ["b": "z", "a": "own"]], "on": true]
        let text = try render(
            head + "{{a}} {{n}}\n{{#list}}\n{{b}} {{a}}{{^last()}},{{/last()}}\n{{/list}}\n{{#on}}yes{{/on}}", view)
        #expect(text == "\"x y\" 3\n\"1;2\" \"x y\",\nz own\nyes")
    }

    @Test func unknownNamesFail() {
        #expect(problems(head + "{{nope}}", [:]) == ["no value is named nope"])
        #expect(problems(head + "{{#nope}}x{{/nope}}", [:]) == ["no value is named nope"])
        #expect(problems(head + "{{^nope}}x{{/nope}}", [:]) == ["no value is named nope"])
        #expect(problems(head + "{{#list}}{{b}}{{typo}}{{/list}}", ["list": [["b": 1]]]) == ["no value is named typo"])
        #expect(problems(head + "{{a.b}}", ["a": ["c": 1]]) == ["no value is named b"])
    }

    @Test func absentValuesNeedASection() throws {
        #expect(problems(head + "{{x}}", ["x": NSNull()]) == ["x is absent, and no section asks whether it is there"])
        #expect(try render(head + "{{#x}}a{{/x}}{{^x}}b{{/x}}", ["x": NSNull()]) == "b")
    }

    @Test func unescapedTextFails() throws {
        for tag in ["{{{x}}}", "{{&x}}", "{{& x }}"] {
            #expect(problems(head + tag, ["x": "a;b"]) == ["x is text that needs escaping, in an unescaped tag"])
            #expect(try render(head + tag, ["x": 7]) == "7")
        }
        let other = "{{=<% %>=}}\n<%%CONTENT_TYPE: NGINX%>\n<%&x%>"
        #expect(problems(other, ["x": "a b"]) == ["x is text that needs escaping, in an unescaped tag"])
        #expect(try render(other, ["x": true]).hasSuffix("true"))
    }

    @Test func theFormatMustBeDeclared() {
        #expect(problems("{{x}}", ["x": 1]) == ["doesn't begin with CONTENT_TYPE: NGINX"])
        #expect(problems("{{%CONTENT_TYPE: YAML}}\n{{x}}", ["x": 1]) == ["doesn't begin with CONTENT_TYPE: NGINX"])
    }

    @Test(arguments: ["{{> part}}", "{{<base}}{{/base}}", "{{$block}}{{/block}}"])
    func whatResetsTheEscapingIsRefused(tag: String) {
        #expect(problems(head + tag, [:]) == ["a partial or parent would lose the format's escaping"])
    }

    @Test func syntaxErrorsNameTheLine() {
        let found = problems(head + "a\n{{#x}}\n", ["x": true])
        #expect(found.count == 1 && found[0].contains("line"))
    }

    @Test func unholdableValuesFailWithoutBeingNamed() {
        let found = problems(head + "{{x}}", ["x": "private$part"])
        #expect(found.count == 1 && !found[0].contains("private"))
    }

    @Test func aMissingTemplateIsSaid() {
        #expect(throws: ShareFolder.Missing.self) {
            try TemplateRenderer(share: ShareFolder(path: "/nonexistent")).render(
                "x.mustache", format: .yaml, view: [:])
        }
    }

    @Test func theShareFolderIsFoundWithoutTheWorkingDirectory() throws {
        let folder = try TemporaryFolder()
        let manager = FileManager.default
        for path in [
            "/usr/share/putlive/templates", "/usr/bin", "/package/templates", "/package/.build/debug",
            "/other/templates",
        ] {
            try manager.createDirectory(atPath: folder.path + path, withIntermediateDirectories: true)
        }
        try "".write(toFile: folder.path + "/package/Package.swift", atomically: true, encoding: .utf8)
        func find(_ given: String?, _ variable: String?, _ executable: String) throws -> String {
            try ShareFolder.find(given: given, variable: variable, executable: folder.path + executable).path
        }
        #expect(try find(nil, nil, "/usr/bin/putlive-gen") == folder.path + "/usr/share/putlive")
        #expect(try find(nil, nil, "/package/.build/debug/putlive-gen") == folder.path + "/package")
        #expect(try find(nil, folder.path + "/other", "/usr/bin/x") == folder.path + "/other")
        #expect(try find(folder.path + "/package", folder.path + "/other", "/usr/bin/x") == folder.path + "/package")
        #expect(throws: ShareFolder.Missing.self) { try find(folder.path + "/nope", nil, "/usr/bin/x") }
        #expect(throws: ShareFolder.Missing.self) { try find(nil, nil, "/nowhere/bin/x") }
    }
}
