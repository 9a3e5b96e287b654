import Testing

@testable import PutLiveHost

/// The forms of tmpfiles.d, sysusers.d, sysctl.d, units and srs.conf that are read, and those that are refused.
@Suite struct DesiredFilesTests {
    @Test func tmpfiles() throws {
        let folders = try TmpfilesFile.folders(
            path: "/t",
            text: """
                # A comment.
                d /a 0755 root root
                d "/srv/100%% {live}/a \\"b\\" \\\\ it's" :0700 :putlive :putlive

                d /logs 2755 srs putlive 7d
                f /f 0640 www-data adm
                z /z 0600 root root
                L "/dev/shm/x y" - - - - /run/putlive hls "%%
                """)
        #expect(
            folders == [
                DesiredFolder(.folder, path: "/a", mode: 0o755, owner: .root),
                DesiredFolder(.folder, path: "/srv/100% {live}/a \"b\" \\ it's"),
                DesiredFolder(.folder, path: "/logs", mode: 0o2755, owner: Owner("srs", "putlive")),
                DesiredFolder(.file, path: "/f", mode: 0o640, owner: Owner("www-data", "adm")),
                DesiredFolder(.adjusted, path: "/z", mode: 0o600, owner: .root),
                DesiredFolder(.link, path: "/dev/shm/x y", target: "/run/putlive hls \"%"),
            ])
    }

    /// To Swift a slash, a blank or an equals sign with a combining mark behind it is another character.
    @Test func combiningMarksAreBytes() throws {
        let mark = "\u{301}"
        let folders = try TmpfilesFile.folders(path: "/t", text: "d \"/\(mark)a \(mark)b\" 0755 root root\n")
        #expect(folders == [DesiredFolder(.folder, path: "/\(mark)a \(mark)b", mode: 0o755, owner: .root)])
        let unit = try UnitText(path: "/a.service", text: "[Service]\nSyslogIdentifier=\(mark)a\n")
        #expect(unit.keptWhileRunning == "[Service]SyslogIdentifier=\(mark)a\n")
    }

    @Test(arguments: [
        "q /a 0755 root root", "d /a 0755 root", "d a 0755 root root", "d /a 0999 root root", "d /a 17777 root root",
        "d /a - root root", "d /a 0755 - -", "d /a 0755 :a b", "f /a 0644 root root 7d", "d /a 0755 root root 7d x",
        "L /a 0755 - - - /b", "L /a - - - -", "d /%h 0755 root root", "d /a% 0755 root root", "d \"/a 0755 root root",
        "d /a\\x20b 0755 root root", "d '/a' 0755 root root", "D! /a 0755 root root", "d",
    ])
    func tmpfilesRefuses(line: String) {
        #expect {
            try TmpfilesFile.folders(path: "/etc/tmpfiles.d/t.conf", text: "# A comment.\n\(line)\n")
        } throws: { error in
            "\(error)".hasPrefix("/etc/tmpfiles.d/t.conf:2 ") && "\(error)".contains("reinstall")
        }
    }

    @Test func sysusers() throws {
        let accounts = try SysusersFile.accounts(
            path: "/s",
            text: "g putlive -\nu putlive -:putlive \"PutLive agent\" /var/lib\nu srs - \"SRS\" /usr\nm srs putlive\n")
        #expect(
            accounts == [
                DesiredAccount(.group, "putlive"), DesiredAccount(.user, "putlive"), DesiredAccount(.group, "srs"),
                DesiredAccount(.user, "srs"), DesiredAccount(.membership, "srs", of: "putlive"),
            ])
    }

    @Test(arguments: ["u a 900 \"A\" /a", "r - 500-900", "g a", "m a", "u a - \"A\" /a /bin/sh", "u a - \"A"])
    func sysusersRefuses(line: String) {
        #expect(throws: DesiredHostError.self) { try SysusersFile.accounts(path: "/s", text: line) }
    }

    @Test func sysctls() throws {
        let settings = try SysctlFile.settings(path: "/s", text: "# x\nnet.core.somaxconn = 4096\nvm.swappiness = 10\n")
        #expect(settings.map(\.name) == ["net.core.somaxconn", "vm.swappiness"])
        #expect(settings.map(\.value) == ["4096", "10"])
        #expect(settings.first?.path == "/proc/sys/net/core/somaxconn")
    }

    @Test(arguments: ["vm.swappiness=10", "-vm.a = 1", "net/ipv4/a = 1", "net.*.a = 1", "vm.a = 1 2", "vm.a 1"])
    func sysctlRefuses(line: String) {
        #expect(throws: DesiredHostError.self) { try SysctlFile.settings(path: "/s", text: line) }
    }

    @Test func units() throws {
        let unit = try UnitText(
            path: "/etc/systemd/system/a.service",
            text: """
                # A comment.
                ; Another.
                [Unit]
                Description=A
                StartLimitBurst=5

                [Service]
                Type=simple
                ExecStart=/bin/a --b=c
                Restart=on-failure
                ExecReload=/bin/kill
                UMask=0002

                [Install]
                WantedBy=multi-user.target other.target
                RequiredBy=c.service
                Alias=b.service
                """)
        #expect(unit.keptWhileRunning == "[Service]Type=simple\n[Service]ExecStart=/bin/a --b=c\n[Service]UMask=0002\n")
        #expect(!unit.isOneshot)
        let target = "/etc/systemd/system/a.service"
        #expect(
            try unit.enablementLinks()
                == [
                    "multi-user.target.wants/a.service", "other.target.wants/a.service", "c.service.requires/a.service",
                    "b.service",
                ].map { DesiredLink(path: "/etc/systemd/system/\($0)", target: target, enables: "a.service") })
        #expect(try UnitText(path: "/a", text: "[Service]\nType=oneshot\n").isOneshot)
        // The same key of another section.
        #expect(try !UnitText(path: "/a", text: "[Mount]\nType=oneshot\n").isOneshot)
    }

    @Test(arguments: ["Key=outside", "[Service]\nno pair", "[Service]\n=x", "[Service]\nA=b \\\nc"])
    func unitsRefuse(text: String) {
        #expect(throws: DesiredHostError.self) { try UnitText(path: "/a.service", text: text) }
    }

    @Test func anUnknownWayToBeEnabledIsRefused() throws {
        let unit = try UnitText(path: "/a.service", text: "[Install]\nAlso=b.service\n")
        #expect(throws: DesiredHostError.self) { try unit.enablementLinks() }
    }

    private func parts(_ text: String) throws -> [String] {
        let srs = try SRSDirectives(path: "/srs.conf", text: text)
        return [srs.restarted, srs.reloaded]
    }

    @Test func srsIsPartedByDirectives() throws {
        let srs = try SRSDirectives(
            path: "/srs.conf",
            text: "listen 1935;\ndaemon off;\nvhost a { hls { enabled on; } }\nhttp_api { listen 1; }\nnobody knows;\n")
        #expect(srs.directives.map(\.name) == ["listen", "daemon", "vhost", "http_api", "nobody"])
        #expect(srs.restarted == "listen\u{1F}1935;daemon\u{1F}off;http_api{listen\u{1F}1;}nobody\u{1F}knows;")
        #expect(srs.reloaded == "vhost\u{1F}a{hls{enabled\u{1F}on;}}")
    }

    @Test func blanksAndCommentsOfSRSDoNotCount() throws {
        let plain = try parts("listen 1935;daemon off;vhost a{on_publish http://b/c#d;}")
        #expect(
            try parts("# x; y {\nlisten   1935 ;\n\tdaemon off; # z\nvhost a {\r\n  on_publish \"http://b/c#d\";\n}\n")
                == plain)
        #expect(try parts("listen 1935;daemon off;vhost a{on_publish http://b/c;}") != plain)
        // A blank in quotes does.
        #expect(try parts("vhost 'a b' { }") != parts("vhost a b { }"))
        #expect(try parts("vhost a { x '}'; }") != parts("vhost a { x; }"))
    }

    @Test(arguments: ["listen 1935", "vhost a {", "}", "vhost a { b }", ";", "{ }", "listen \"1935;\n", "a 'b"])
    func srsRefuses(text: String) {
        #expect(throws: DesiredHostError.self) { try SRSDirectives(path: "/srs.conf", text: text) }
    }

    @Test func digestsKeepTheirFieldsApart() {
        func digest(_ fields: [(String, String)]) -> String {
            var digest = FieldDigest()
            for (name, text) in fields { digest.add(name, text) }
            return digest.text
        }
        #expect(digest([]).isEmpty)
        #expect(digest([("a", "b")]) == digest([("a", "b")]))
        #expect(digest([("a", "b")]).utf8.count == 64)
        let all = [
            [("a", "b")], [("ab", "")], [("", "ab")], [("a", ""), ("b", "")], [("a", "b"), ("", "")],
            [("a", "b"), ("c", "d")], [("c", "d"), ("a", "b")],
        ]
        #expect(Set(all.map(digest)).count == all.count)
    }
}
