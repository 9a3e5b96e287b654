import Testing

@testable import PutLiveArtifacts

@Suite struct UnifiedDiffTests {
    private func diff(_ old: String, _ new: String) -> String {
        UnifiedDiff.text(from: old, to: new, oldName: "a", newName: "b")
    }

    @Test func equalTextsHaveNone() {
        #expect(diff("x\n", "x\n") == "")
        #expect(diff("", "") == "")
    }

    /// As diff -u prints them.
    @Test func changesAreShownWithTheirContext() {
        let old = (1...12).map { "\($0)\n" }.joined()
        let new = old.replacing("6\n", with: "six\n")
        #expect(diff(old, new) == "--- a\n+++ b\n@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n")
    }

    @Test func additionToNothingAndRemovalOfAll() {
        #expect(diff("", "x\n") == "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n")
        #expect(diff("x\ny\n", "") == "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-x\n-y\n")
    }

    @Test func distantChangesGetHunksOfTheirOwn() {
        let old = (1...30).map { "\($0)\n" }.joined()
        let new = old.replacing("\n2\n", with: "\n").replacing("29\n", with: "29\n29.5\n")
        let text = diff(old, new)
        #expect(text.contains("@@ -1,5 +1,4 @@\n") && text.contains("@@ -27,4 +26,5 @@\n"))
    }

    @Test func aMissingLastNewlineIsSaid() {
        #expect(diff("x", "x\n") == "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n")
    }
}
