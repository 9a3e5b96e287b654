import Foundation
import Testing

@testable import PutLiveHost

@Suite struct RealSystemServiceTests {
    let scratch = RealSystemScratch()
    var host: RealSystem { scratch.host }

    @Test func aProgramIsRunToItsEnd() throws {
        scratch.program("tool", "echo \"$0|$1|$2\"; echo error >&2; /bin/cat; exit 3")
        let result = try host.run("tool", ["a b", "$HOME;`id`"], limit: .seconds(20))
        // No shell reads the arguments, and there is nothing to read.
        #expect(result == ProgramResult(status: 3, output: "\(scratch.path)/bin/tool|a b|$HOME;`id`\nerror\n"))
        #expect(!result.succeeded)
    }

    @Test func aProgramKnowsNoSecret() throws {
        setenv("PUTLIVE_TEST_SECRET", "hunter2", 1)
        scratch.program("tool", "export -p")
        let output = try host.run("tool", [], limit: .seconds(20)).output
        #expect(!output.contains("hunter2"))
        #expect(output.contains("LC_ALL='C.UTF-8'") && output.contains("PATH='\(scratch.path)/bin'"))
    }

    @Test func aSignalIsTold() throws {
        scratch.program("tool", "kill -SEGV $$")
        #expect(try host.run("tool", [], limit: .seconds(20)).status == 128 + SIGSEGV)
    }

    @Test func outputIsBounded() throws {
        let line = String(repeating: "x", count: 40)
        scratch.program("tool", "i=0; while [ $i -lt 3000 ]; do echo $i-\(line); i=$((i+1)); done")
        let result = try host.run("tool", [], limit: .seconds(60))
        #expect(result.output.utf8.count == ProgramRunner.outputLimit && result.succeeded)
        #expect(result.output.hasPrefix("0-xxx"))
    }

    @Test func aProgramThatTakesTooLongIsKilledWithItsChildren() throws {
        // The child's child keeps the pipe open, too.
        scratch.program("tool", "/bin/sleep 1000 & echo $!; wait")
        let error = #expect(throws: SystemError.self) { try host.run("tool", ["x"], limit: .milliseconds(300)) }
        let words = try #require(error?.description)
        #expect(words.hasPrefix("tool x didn't end within 0.3 seconds and was killed; it had said: "))
        let child = try #require(words.split(whereSeparator: { !$0.isNumber }).last)
        // A signal that was sent is acted on soon.
        var tries = 0
        while runs(child) && tries < 100_000 {
            sched_yield()
            tries += 1
        }
        #expect(!runs(child))
    }

    /// Whether a process is neither gone nor a zombie that nobody waits for.
    private func runs(_ process: Substring) -> Bool {
        guard let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return !state.contains(") Z ")
    }

    @Test func whatAProgramLeavesRunningIsNotWaitedFor() throws {
        scratch.program("tool", "/bin/sleep 2 & echo started")
        let start = ContinuousClock.now
        #expect(try host.run("tool", [], limit: .seconds(60)).output == "started\n")
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test func aProgramThatClosesItsOutputIsWaitedFor() throws {
        scratch.program("tool", "exec >/dev/null 2>&1; /bin/sleep 0.05; exit 7")
        #expect(try host.run("tool", [], limit: .seconds(20)).status == 7)
    }

    @Test func aProgramThatIsNotThereIsNamed() throws {
        #expect(throws: SystemError("tool isn't installed: it is in none of \(scratch.path)/bin")) {
            try host.run("tool", [], limit: .seconds(1))
        }
        scratch.put("bin/text", "", mode: 0o644)
        scratch.folder("bin/folder")
        #expect(!host.hasProgram("text") && !host.hasProgram("folder") && host.hasProgram("/bin/sh"))
        // Without an interpreter it can't be started.
        scratch.put("bin/broken", "#!/none\n", mode: 0o755)
        #expect(host.hasProgram("broken"))
        #expect(throws: SystemError.self) { try host.run("broken", [], limit: .seconds(1)) }
    }

    // MARK: Units

    @Test func unitsAreAskedForAtOnce() throws {
        scratch.program(
            "systemctl",
            #"""
            printf '%s\n' "$@" >>"$0.log"
            printf 'Id=nginx.service\nNames=nginx.service\nLoadState=loaded\nActiveState=failed\n'
            printf 'SubState=failed\nResult=exit-code\nNeedDaemonReload=yes\nNRestarts=4\n'
            """#)
        #expect(try host.units([]) == [:])
        #expect(scratch.text("bin/systemctl.log") == nil)
        let states = try host.units(["nginx.service", "b.service"])
        let nginx = UnitState(
            isLoaded: true, active: "failed", sub: "failed", result: "exit-code", needsDaemonReload: true, restarts: 4)
        let absent = UnitState(isLoaded: false, active: "inactive", sub: "dead")
        #expect(states == ["nginx.service": nginx, "b.service": absent])
        let log = scratch.text("bin/systemctl.log")?.split(separator: "\n")
        #expect(log?.suffix(3) == ["--", "nginx.service", "b.service"])
    }

    @Test func unitsAreToldApartByTheirNames() {
        let text = #"""
            Result=success
            Id=b.service
            Names=b.service a.service "odd\\x2dname.service"
            LoadState=loaded
            ActiveState=active
            SubState=running
            NeedDaemonReload=no
            NRestarts=2

            Id=run-putlive\x2dhls.mount
            Names="run-putlive\\x2dhls.mount"
            LoadState=loaded
            ActiveState=active
            SubState=mounted
            Job=77

            A line of something else
            Id=none.service
            Names=none.service
            LoadState=not-found
            ActiveState=inactive
            SubState=dead

            """#
        let asked = ["run-putlive\\x2dhls.mount", "a.service", "none.service", "odd\\x2dname.service", "lost.socket"]
        let states = UnitStates.parse(text, asked: asked)
        let absent = UnitState(isLoaded: false, active: "inactive", sub: "dead")
        #expect(states.count == 5)
        #expect(states["a.service"] == UnitState(restarts: 2))
        #expect(states["odd\\x2dname.service"] == UnitState(restarts: 2))
        #expect(states["run-putlive\\x2dhls.mount"] == UnitState(sub: "mounted", isQueued: true))
        #expect(states["none.service"] == absent && states["lost.socket"] == absent)
    }

    @Test func unitsThatCantBeAskedForAreAnError() {
        scratch.program("systemctl", "echo Failed to connect to bus >&2; exit 1")
        #expect(throws: SystemError("systemd doesn't tell its units: Failed to connect to bus")) {
            try host.units(["a.service"])
        }
    }

    @Test func aUnitIsActedOn() throws {
        scratch.program("systemctl", #"echo "$@" >>"$0.log""#)
        try host.act(.restart, on: "a.service")
        try host.act(.resetFailed, on: "b\\x2d.mount")
        try host.reloadUnits()
        #expect(
            scratch.text("bin/systemctl.log") == "restart -- a.service\nreset-failed -- b\\x2d.mount\ndaemon-reload\n")
    }

    @Test func aFailedUnitsLogIsTold() {
        scratch.program("systemctl", "echo Job for a.service failed.; exit 1")
        scratch.program("journalctl", #"echo "$1 says"; echo cannot bind to port 80"#)
        #expect(
            throws: SystemError(
                "systemctl start a.service failed: Job for a.service failed.; "
                    + "its log ends with: --unit=a.service says | cannot bind to port 80")
        ) { try host.act(.start, on: "a.service") }
        #expect(throws: SystemError("systemctl daemon-reload failed: Job for a.service failed.")) {
            try host.reloadUnits()
        }
        scratch.program("journalctl", "exit 1")
        #expect(throws: SystemError("systemctl stop a.service failed: Job for a.service failed.")) {
            try host.act(.stop, on: "a.service")
        }
    }

    @Test func withoutSystemdItsToolIsMissed() {
        let error = #expect(throws: SystemError.self) { try host.act(.reload, on: "a.service") }
        #expect(error?.description.hasPrefix("a.service: systemctl isn't installed") == true)
        #expect(throws: SystemError.self) { try host.units(["a.service"]) }
    }
}
