import Foundation
import Testing

@testable import PutLiveHost

/// Below `--root`, links lead where they would lead after a chroot.
@Suite struct RealSystemImageTests {
    let outside = RealSystemScratch()
    let scratch = RealSystemScratch()
    let me = RealSystemScratch.me

    @Test func linksInsideTheImageAreFollowed() throws {
        let image = scratch.image
        scratch.folder("usr/lib/systemd")
        scratch.folder("run")
        scratch.folder("var")
        scratch.link("lib", to: "usr/lib")
        scratch.link("var/run", to: "/run")
        try image.write([1], to: "/lib/systemd/x", mode: 0o644, owner: me)
        try image.write([2], to: "/var/run/y", mode: 0o644, owner: me)
        try image.link("/var/run/../run/./z", to: "y")
        #expect(scratch.exists("usr/lib/systemd/x") && scratch.exists("run/y") && scratch.exists("run/z"))
        #expect(try image.read("/var/run/y") == [2])
        #expect(try image.names(in: "/var/run/") == [])
        #expect(try image.entry(at: "/lib")?.target == "usr/lib")
    }

    @Test func foldersBehindALinkAreMade() throws {
        scratch.folder("var")
        scratch.link("var/run", to: "../../../run/deep")
        try scratch.image.makeFolder("/var/run/putlive", mode: 0o755, owner: me)
        #expect(scratch.exists("run/deep/putlive"))
    }

    @Test(arguments: ["absolute", "relative", "chain"])
    func noLinkLeadsOut(_ kind: String) throws {
        outside.put("passwd", "secret")
        let image = scratch.image
        switch kind {
        case "absolute": scratch.link("etc", to: outside.path)
        case "relative": scratch.link("etc", to: "../../../../../../../../../.." + outside.path)
        default:
            scratch.link("etc", to: "a")
            scratch.link("a", to: "/.." + outside.path)
        }
        #expect(try image.entry(at: "/etc/passwd") == nil)
        #expect(throws: SystemError.self) { try image.read("/etc/passwd") }
        try image.remove("/etc/passwd")
        try image.write([1], to: "/etc/new", mode: 0o644, owner: me)
        #expect(outside.text("passwd") == "secret")
        #expect(!outside.exists("new"))
        // It is where a chroot would have put it.
        #expect(scratch.exists(String(outside.path.dropFirst()) + "/new"))
    }

    @Test func aLinkToItselfIsAnError() {
        scratch.link("loop", to: "loop")
        let image = scratch.image
        #expect(throws: SystemError("/loop/x can't be reached: a link on the way leads to itself")) {
            try image.entry(at: "/loop/x")
        }
        #expect(image.hasProgram("/loop") == false)
    }

    @Test func aFileIsNoFolder() throws {
        scratch.put("etc")
        let image = scratch.image
        #expect(try image.entry(at: "/etc/x") == nil)
        let error = #expect(throws: SystemError.self) { try image.write([], to: "/etc/x", mode: 0o644, owner: me) }
        #expect(error?.description == "/etc/x can't be made: something on the way isn't a folder; move it away")
    }

    @Test(.enabled(if: RealSystemScratch.isRoot)) func ownersAreTheImagesOwn() throws {
        scratch.put("etc/passwd", "root:x:0:0::/:/bin/sh\n\nbroken\n:x:1:1\nsrs:x:4711:4712::/:/bin/sh\nbad:x:no:1\n")
        scratch.put("etc/group", "putlive:x:4712:\nother:x:4713")
        let image = scratch.image
        try image.write([], to: "/a", mode: 0o640, owner: Owner("srs", "putlive"))
        #expect(try image.entry(at: "/a")?.owner == Owner("srs", "putlive"))
        try image.setOwner(Owner("4720", "other"), of: "/a")
        #expect(try image.entry(at: "/a")?.owner == Owner("4720", "other"))
        try image.makeFolder("/b", mode: 0o755, owner: .root)
        #expect(try image.entry(at: "/b")?.owner == .root)
        #expect(image.notes == [])
        // As systemd-sysusers does, behind our back.
        scratch.put("etc/passwd", "new:x:4720:1::/:/bin/sh\n")
        #expect(try image.entry(at: "/a")?.owner == Owner("new", "other"))
    }

    @Test(.enabled(if: RealSystemScratch.isRoot)) func absentOwnersOfAnImageAreNoted() throws {
        let image = scratch.image
        try image.write([], to: "/a", mode: 0o640, owner: Owner("root", "srs"))
        try image.write([], to: "/a", mode: 0o640, owner: Owner("root", "srs"))
        try image.makeFolder("/b", mode: 0o700, owner: Owner("putlive", "putlive"))
        try image.setOwner(Owner("root", "srs"), of: "/b")
        #expect(try image.entry(at: "/a")?.owner == .root)
        #expect(
            image.notes == [
                "the image has no group srs, so these keep the owner they have: /a, /b",
                "the image has no user putlive, so these keep the owner they have: /b",
            ])
    }

    @Test(.enabled(if: !RealSystemScratch.isRoot)) func anOrdinaryUserGivesNothingAway() throws {
        let image = scratch.image
        try image.write([], to: "/a", mode: 0o640, owner: .root)
        #expect(try image.entry(at: "/a")?.mode == 0o640)
        #expect(
            image.notes == ["an ordinary user can't give files to others, so these keep the owner they have: /a"])
    }

    @Test func aHostThatRunsHasItsUsers() {
        let error = #expect(throws: SystemError.self) {
            try scratch.host.write([], to: "/a", mode: 0o640, owner: Owner("srs", "putlive"))
        }
        #expect(error?.description.contains("user srs, which doesn't exist: run systemd-sysusers") == true)
        #expect(!scratch.exists("a"))
    }

    @Test func anImageHasProgramsAndRunsNone() throws {
        scratch.put("usr/bin/mawk", mode: 0o755)
        scratch.put("usr/bin/text", mode: 0o644)
        scratch.folder("usr/bin/folder")
        scratch.folder("etc/alternatives")
        scratch.link("etc/alternatives/awk", to: "../../usr/bin/mawk")
        scratch.link("usr/bin/awk", to: "/etc/alternatives/awk")
        scratch.link("usr/bin/dangling", to: "/nothing")
        scratch.link("bin", to: "usr/bin")
        let image = scratch.image
        #expect(!image.isLive && image.isWritable)
        for name in ["awk", "mawk", "/usr/bin/awk", "/bin/mawk"] { #expect(image.hasProgram(name), "\(name)") }
        for name in ["text", "folder", "dangling", "sh", "/bin/sh"] { #expect(!image.hasProgram(name), "\(name)") }

        #expect(throws: SystemError("mawk can't be run: an image doesn't run")) {
            try image.run("mawk", [], limit: .seconds(1))
        }
        #expect(throws: SystemError.self) { try image.act(.restart, on: "nginx.service") }
        #expect(throws: SystemError.self) { try image.reloadUnits() }
        let unknown = UnitState(isLoaded: false, active: "inactive", sub: "dead")
        #expect(try image.units(["nginx.service"]) == ["nginx.service": unknown])
        #expect(image.get(port: 80, path: "/", limit: .seconds(1)) == nil)
    }
}
