import Testing

@testable import PutLiveHost

@Suite struct DryRunSystemTests {
    let scratch = RealSystemScratch()
    let me = RealSystemScratch.me
    var dry: DryRunSystem { DryRunSystem(over: scratch.host) }

    @Test func whatIsWrittenReadsBackAndIsNowhere() throws {
        let dry = dry
        scratch.put("etc/old", "old")
        try dry.write(Array("new".utf8), to: "/etc/putlive/x", mode: 0o640, owner: Owner("root", "putlive"))
        try dry.link("/etc/l", to: "old")
        try dry.makeFolder("/etc/f", mode: 0o2775, owner: me)
        try dry.setMode(0o600, of: "/etc/old")
        try dry.setOwner(Owner("a", "b"), of: "/etc/old")
        #expect(try dry.read("/etc/putlive/x") == Array("new".utf8))
        let written = FileEntry(kind: .file, mode: 0o640, owner: Owner("root", "putlive"), size: 3)
        #expect(try dry.entry(at: "/etc/putlive/x") == written)
        #expect(try dry.entry(at: "/etc/putlive")?.kind == .folder)
        #expect(try dry.entry(at: "/etc/l")?.target == "old")
        #expect(try dry.read("/etc/old") == Array("old".utf8))
        #expect(try dry.entry(at: "/etc/old")?.owner == Owner("a", "b") && dry.entry(at: "/etc/old")?.mode == 0o600)
        #expect(try dry.names(in: "/etc") == ["f", "l", "old", "putlive"])
        try dry.remove("/etc/old")
        try dry.remove("/etc/old")
        try dry.removeEmptyFolder("/etc/f")
        #expect(try dry.names(in: "/etc") == ["l", "putlive"])
        #expect(try dry.entry(at: "/etc/old") == nil)
        #expect(throws: SystemError.self) { try dry.read("/etc/old") }
        #expect(throws: SystemError.self) { try dry.read("/etc/putlive/x", limit: 2) }

        #expect(
            dry.actions == [
                "write /etc/putlive/x", "link /etc/l to old", "make folder /etc/f", "set mode 0600 of /etc/old",
                "set owner a:b of /etc/old", "remove /etc/old", "remove folder /etc/f",
            ])
        #expect(!dry.isWritable && dry.isLive)
        #expect(try scratch.host.names(in: "/etc") == ["old"])
        #expect(try scratch.host.entry(at: "/etc/old")?.mode == 0o644)
    }

    @Test func programsAndServicesAreNotTouched() throws {
        scratch.program(
            "systemctl",
            #"""
            echo "$1" >>"$0.log"
            for name in a b c; do
                printf 'Id=%s.service\nLoadState=loaded\nActiveState=failed\nResult=signal\nNeedDaemonReload=yes\n\n' $name
            done
            """#)
        let dry = dry
        #expect(dry.hasProgram("systemctl") && !dry.hasProgram("none"))
        #expect(try dry.run("none", ["--create", "x"], limit: .seconds(1)) == ProgramResult(status: 0))
        try dry.write([], to: "/etc/systemd/system/new.service", mode: 0o644, owner: me)
        #expect(try dry.units(["a.service"])["a.service"]?.needsDaemonReload == true)
        try dry.reloadUnits()
        try dry.act(.restart, on: "a.service")
        try dry.act(.stop, on: "b.service")
        try dry.act(.resetFailed, on: "c.service")
        try dry.act(.resetFailed, on: "a.service")
        let states = try dry.units(["a.service", "b.service", "c.service", "new.service", "absent.service"])
        let stopped = UnitState(active: "inactive", sub: "dead")
        #expect(states["a.service"] == UnitState())
        #expect(states["b.service"] == stopped && states["c.service"] == stopped && states["new.service"] == stopped)
        #expect(states["absent.service"]?.isLoaded == false)
        #expect(
            dry.actions == [
                "run none --create x", "write /etc/systemd/system/new.service", "daemon-reload", "restart a.service",
                "stop b.service", "reset-failed c.service", "reset-failed a.service",
            ])
        // Nothing but the questions.
        #expect(Set(scratch.text("bin/systemctl.log")?.split(separator: "\n") ?? []) == ["show"])
        #expect(dry.get(port: -1, path: "/", limit: .seconds(1)) == nil)
    }

    @Test func waitingTakesNoTimeAndComesToAnEnd() {
        let dry = dry
        let before = dry.now
        dry.sleep(.seconds(3600))
        #expect(dry.now >= before + 3600 && dry.now < before + 3660)
    }

    /// The same steps, done and only noted, leave the same host: `--check` and `--apply` can't differ.
    @Test(arguments: 0..<40) func itReadsLikeTheRealOne(_ seed: UInt64) throws {
        var random = Generator(state: seed)
        let other = RealSystemScratch()
        for scratch in [scratch, other] {
            scratch.put("a/b", "text")
            scratch.put("f", "file")
            scratch.link("a/l", to: "../f")
            scratch.folder("e")
        }
        let (real, dry) = (scratch.host, DryRunSystem(over: other.host))
        let paths = ["/a", "/a/b", "/a/l", "/a/n", "/f", "/f/x", "/e", "/e/d", "/e/d/x", "/n", "/n/m"]
        for _ in 0..<60 {
            let path = paths[Int(random.next() % UInt64(paths.count))]
            // A link that comes to be on the way to another path is beyond a dry run.
            let canBeLink = ["/a/b", "/a/l", "/a/n", "/f/x", "/e/d/x", "/n/m"].contains(path)
            let kind = [0, 0, canBeLink ? 1 : 0, 2, 3, 4, 5][Int(random.next() % 7)]
            let content = Array(String(random.next() % 1000).utf8)
            let mode: UInt16 = [0o700, 0o744, 0o750, 0o2775][Int(random.next() % 4)]
            func step(_ system: any System) -> Bool {
                do throws(SystemError) {
                    switch kind {
                    case 0: try system.write(content, to: path, mode: mode, owner: me)
                    case 1: try system.link(path, to: "target")
                    case 2: try system.makeFolder(path, mode: mode, owner: me)
                    case 3: try system.setMode(mode, of: path)
                    case 4: try system.remove(path)
                    default: try system.removeEmptyFolder(path)
                    }
                    return true
                } catch {
                    return false
                }
            }
            #expect(step(real) == step(dry), "step \(kind) on \(path)")
            for path in paths + ["/"] {
                let (first, second) = (try real.entry(at: path), try dry.entry(at: path))
                #expect(first?.kind == second?.kind && first?.target == second?.target, "\(path) after \(kind)")
                #expect(first?.kind == .link || first?.mode == second?.mode, "\(path)")
                #expect(try real.names(in: path) == dry.names(in: path), "\(path)")
                #expect((try? real.read(path)) == (try? dry.read(path)), "\(path)")
            }
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }
}
