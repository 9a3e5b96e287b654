import Foundation
import Testing

@testable import PutLiveConfig

/// Where what the host keeps may be.
@Suite struct PathRuleTests {
    private let big = "deployment: {instance_type: c6i.4xlarge}\n"

    private func keys(_ yaml: String) -> [String] {
        load(big + sound + yaml + "\n").diagnostics.filter { $0.severity == .error }.map(\.key)
    }

    @Test(arguments: [
        "/", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/dev", "/proc", "/sys", "/run", "/root",
        "/tmp",
        "/var/tmp", "/var/run", "/var/log", "/etc/\u{301}", "/var/lib/dpkg", "/var/lib/putlive/videos",
        "/var/lib/putlive/acme", "/var/lib/putlive-reconcile", "/var/lib/private", "/srv/a$b",
    ])
    func nothingIsKeptInThePlacesOfOthers(_ place: String) {
        let name = place == "/" ? "" : place
        let below = place == "/" ? "" : place + "/x"
        #expect(keys("database: {path: \"\(name)/x.db\"}") == ["database.path"])
        if place != "/" {
            for path in [place, below] {
                #expect(keys("database: {backup_path: \"\(path)\"}") == ["database.backup_path"], "\(path)")
                #expect(keys("streaming: {recording_path: \"\(path)\"}") == ["streaming.recording_path"], "\(path)")
                #expect(keys("reliability: {swap: {path: \"\(path)\"}}") == ["reliability.swap.path"], "\(path)")
            }
        }
    }

    @Test(arguments: ["/home", "/srv", "/var", "/var/lib", "/mnt", "/opt", "/var/lib/putlive"])
    func aFolderOfManyIsNobodys(_ place: String) {
        #expect(keys("database: {path: \(place)/x.db}") == ["database.path"])
        #expect(keys("streaming: {recording_path: \(place)}") == ["streaming.recording_path"])
        #expect(keys("streaming: {recording_path: \(place)/new}") == [])
    }

    @Test(arguments: [
        "database: {path: /home/tv/data/x.db, backup_path: /home/tv/data/backups}\nstreaming: {recording_path: /home/tv/r}",
        "database: {path: /data/x.db}", "streaming: {recording_path: /etcetera}",
        "streaming: {recording_path: /var/lib/putlive/videos2}",
        "database: {path: /srv/b/db/x.db, backup_path: /srv/b}", "reliability: {swap: {path: /srv/putlive/swap}}",
        "reliability: {swap: {path: /etc/swap, enabled: false}}",
        "database: {path: /srv/a/x.db, backup_path: /srv/ab}\nstreaming: {recording_path: /srv/abc}",
    ])
    func otherPlacesAreFree(_ yaml: String) {
        #expect(keys(yaml) == [])
    }

    @Test func aClashIsToldAtTheKeyThatTheFileSets() {
        #expect(keys("database: {path: /var/lib/putlive/recordings/x.db}") == ["database.path"])
        #expect(keys("streaming: {recording_path: /var/lib/putlive/database}") == ["streaming.recording_path"])
        #expect(keys("database: {path: /swapfile/db/x.db}") == ["database.path"])
        #expect(
            keys("streaming: {recording_path: /srv/x}\nreliability: {swap: {path: /srv/x/y}}")
                == ["reliability.swap.path"])
        // One problem of a key is enough.
        #expect(
            keys("database: {path: /srv/x/y.db, backup_path: /srv/x}\nstreaming: {recording_path: /srv/x}").count == 2)
    }

    @Test(arguments: [
        ("/dev/shm/srs", true), ("/dev/shm/a/b", true), ("/run/putlive-hls", true), ("/run/hls", true),
        ("/srv/hls", true), ("/srv/\u{301}/hls", true), ("/var/lib/hls", true), ("/var/lib/putlive/hls", true),
        ("/dev/shm", false), ("/dev", false), ("/dev/hls", false), ("/run", false), ("/run/putlive-hls/x", false),
        ("/run/putlive-access", false), ("/run/systemd/x", false), ("/run/srs", false), ("/srv", false),
        ("/var/lib", false), ("/var/lib/putlive", false), ("/var/lib/putlive/videos", false), ("/var/hls", false),
        ("/home/tv/hls", false), ("/etc/hls", false), ("/tmp/hls", false), ("/hls", false), ("/var/lib/dpkg", false),
        ("/var/lib/putlive/database", false), ("/var/lib/putlive/recordings/x", false), ("/swapfile", false),
    ])
    func theLinkHasAPlaceOfItsOwn(_ path: String, _ isGood: Bool) {
        #expect(keys("streaming: {hls: {tmpfs_path: \"\(path)\"}}") == (isGood ? [] : ["streaming.hls.tmpfs_path"]))
    }

    @Test func theLinkIsNotTheSwapFile() {
        let found = keys("streaming: {hls: {tmpfs_path: /srv/x}}\nreliability: {swap: {path: /srv/x}}")
        #expect(found == ["streaming.hls.tmpfs_path"])
    }

    @Test func aLaptopKeepsThingsWhereItLikes() {
        let local = "deployment: {role: local}\n"
        #expect(load(local + "database: {path: /tmp/x/y.db, backup_path: /tmp/x}\n").errorCount == 0)
        #expect(load(local + "streaming: {hls: {tmpfs_path: /tmp/hls}, recording_path: /var/x}\n").errorCount == 0)
    }

    @Test func noGoldenConfigIsRefused() throws {
        let golden = GoldenErrorsTests.goldenFolder()
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: golden.path).sorted() {
            let path = golden.appending(path: "\(name)/config.yaml").path
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let found = ConfigLoader().load(path: path, directory: "/home/someone/putlive")
                .diagnostics
            #expect(!found.contains { $0.severity == .error }, "\(found.map { $0.text() })")
            count += 1
        }
        #expect(count >= 10)
    }

    @Test func foldersOfPaths() {
        #expect(folder(of: "/a/b") == "/a")
        #expect(folder(of: "/a") == "/")
        #expect(folder(of: "/a/\u{301}b") == "/a")
        #expect(isPath("/a/\u{301}b", in: "/a") && !isPath("/ab", in: "/a") && isPath("/a", in: "/a"))
        #expect(!isPath("/a", under: "/a"))
    }
}
