"""The Debian package: what is in it, what lintian says, and what its scripts do in a copy of this machine."""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from agent import AGENT, GEN, environment, require_programs
from packages import CONFIG, Copy, build, control_field, light, unpack

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"putlive-gen": GEN, "putlive-agent": AGENT}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    require_programs()
    if not shutil.which("dpkg-deb"):
        pytest.skip("dpkg is not installed: packages are Debian's")
    return build(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def tree(package, tmp_path_factory):
    return unpack(package, tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def small(package, tmp_path_factory):
    """For its scripts, which are the same."""
    return light(package, tmp_path_factory.mktemp("small"))


@pytest.fixture
def machine(tmp_path):
    """Where packages can be installed and removed without changing anything of this machine."""
    return Copy(tmp_path)


# What is in it.


def test_control(package):
    version = subprocess.run([GEN, "--version"], capture_output=True, text=True, env=environment()).stdout.strip()
    assert package.name == f"putlive_{version}_{control_field(package, 'Architecture')}.deb"
    assert control_field(package, "Version") == version
    depends = [re.sub(r" .*", "", name) for name in control_field(package, "Depends").split(", ")]
    # The programs' libraries, which dpkg-shlibdeps found, beside those of the list.
    assert {"libyaml-0-2", "libsqlite3-0", "libssl3", "libavformat59", "libsrtp2-1"} <= set(depends)
    for field in ("Depends", "Recommends", "Suggests"):
        lines = (ROOT / "packaging" / field.lower()).read_text().splitlines()
        wanted = {line for line in lines if line and not line.startswith("#")}
        assert wanted and wanted <= set(re.sub(r" \([^)]*\)", "", control_field(package, field)).split(", "))


def test_files(package, tree):
    listing = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        mode, owner = line.split()[:2]
        path = line.split(" ./", 1)[-1]
        assert owner == "root/root", line
        assert mode == ("drwxr-xr-x" if path.endswith("/") or mode[0] == "d" else
                        "-rwxr-xr-x" if path.startswith("usr/bin/") else "-rw-r--r--"), line
    share = tree / "usr/share/putlive"
    for folder in ("templates", "stacks", "web"):
        names = subprocess.run(
            ["git", "-C", ROOT, "ls-files", "-z", folder], capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, names):
            if (ROOT / name).exists():
                assert (share / name).read_bytes() == (ROOT / name).read_bytes(), name
    for library in ("hls.js", "chart.js", "fullcalendar.js"):
        assert (share / "web/assets/vendor" / library).stat().st_size > 100_000
    assert not list((tree / "usr/local").glob("*")) and not list((tree / "var").glob("*"))
    # Nothing of a config: it is made on the host.
    assert list((tree / "etc").rglob("*")) == [tree / "etc/putlive"]


def test_programs_find_their_share(tree, tmp_path):
    """They are stripped, work from where they are, and say their version."""
    for tool in TOOLS:
        sections = subprocess.run(["readelf", "-SW", tree / "usr/bin" / tool], capture_output=True, text=True).stdout
        assert ".text" in sections and ".debug_info" not in sections and ".symtab" not in sections
    config = tmp_path / "config.yaml"
    gen = tree / "usr/bin/putlive-gen"
    init = ["init", "--role", "local", "--output", config]
    for call in (init, ["render", "--config", config, "--output", tmp_path / "host"]):
        done = subprocess.run([gen, *call], cwd="/", capture_output=True, text=True, env=environment())
        assert done.returncode == 0, done.stderr


def test_units(tree, tmp_path):
    """Those of a reconcile, as the first one will write them; none of the others, which a config decides."""
    units = tree / "lib/systemd/system"
    names = {"putlive-reconcile.service", "putlive-reconcile.path", "putlive-reconcile.timer"}
    assert {path.name for path in units.iterdir()} == names
    assert "ExecStart=/usr/bin/putlive-agent reconcile --apply --config /etc/putlive/config.yaml\n" in (
        units / "putlive-reconcile.service").read_text()
    for name in names:
        expected = ROOT / "golden/single/expected/etc/systemd/system" / name
        assert (units / name).read_text() == expected.read_text()
    # It gives way to the rendered file of the same name, and has nothing that the rendered one hasn't.
    rendered = (ROOT / "golden/single/expected/etc/sysusers.d/putlive.conf").read_text().splitlines()
    for line in (tree / "usr/lib/sysusers.d/putlive.conf").read_text().splitlines():
        assert line.startswith("#") or line in rendered


def test_checksums(tree, package):
    control = tree / "DEBIAN"
    subprocess.run(["dpkg-deb", "--control", package, control], check=True)
    sums = dict(reversed(line.split("  ", 1)) for line in (control / "md5sums").read_text().splitlines())
    shutil.move(control, tree.parent / "control")
    assert set(sums) == {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert any("\\x2d" in name for name in sums)
    assert all(re.fullmatch("[0-9a-f]{32}", value) for value in sums.values())


def test_same_bytes_without_network(package, tmp_path):
    """Built anew with no way out of the machine, and in another folder and locale."""
    network = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*network, "true"], capture_output=True).returncode != 0:
        network = []
    again = build(tmp_path, before=network, LC_ALL="C", TZ="Asia/Tokyo")
    assert again.read_bytes() == package.read_bytes()


def test_lintian(package):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed: scripts/setup installs it")
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", package],
        capture_output=True, text=True)
    # Of the toolchain's libraries and the lack of hardening in a debug build, a package for users has nothing.
    found = [line for line in done.stdout.splitlines() if line.startswith(("E:", "W:")) and "usr/bin/" not in line]
    assert not found, "\n".join(found)
    if "debug" not in os.path.realpath(GEN):
        assert done.returncode == 0, done.stdout


# Man pages and completions.


def commands_of(tool):
    help_text = subprocess.run([TOOLS[tool], "--experimental-dump-help"], capture_output=True, env=environment()).stdout
    return [each["commandName"] for each in json.loads(help_text)["command"]["subcommands"]
            if each["commandName"] != "help" and each.get("shouldDisplay", True)]


def test_man_pages(tree):
    pages = {path.name.removesuffix(".gz"): path for path in (tree / "usr/share/man").rglob("*.gz")}
    wanted = {f"{tool}.1" for tool in TOOLS} | {"putlive-config.yaml.5"}
    wanted |= {f"{tool}-{command}.1" for tool in TOOLS for command in commands_of(tool)}
    assert set(pages) == wanted
    for name, path in pages.items():
        shown = subprocess.run(
            ["man", "--warnings=w", "--encoding=UTF-8", "--local-file", path], capture_output=True, text=True,
            env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        assert shown.returncode == 0 and shown.stderr == "", f"{name}: {shown.stderr}"
        assert "SEE ALSO" in shown.stdout
        # What man's index has of it.
        index = subprocess.run(["lexgrog", path], capture_output=True, text=True).stdout
        assert f'"{name.rsplit(".", 1)[0]} - ' in index, index
    text = gzip.decompress(pages["putlive-config.yaml.5"].read_bytes()).decode()
    assert "\\fBstreaming.rtmp_port\\fR" in text and "Default: \\fB1935\\fR" in text


@pytest.mark.parametrize("tool", TOOLS)
def test_completions(tree, tool):
    share = tree / "usr/share"
    script = f"""source '{share}/bash-completion/completions/{tool}'
        COMP_WORDS=({tool} '') COMP_CWORD=1 COMP_LINE='{tool} ' COMP_POINT={len(tool) + 1} COMP_TYPE=9 COMP_KEY=9
        $(complete -p {tool} | sed -n 's/.*-F \\([^ ]*\\) .*/\\1/p') {tool} '' {tool}
        printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert set(commands_of(tool)) <= {line.strip() for line in done.stdout.splitlines()}
    assert (share / f"zsh/vendor-completions/_{tool}").read_text().startswith(f"#compdef {tool}\n")
    assert f"complete -c '{tool}'" in (share / f"fish/vendor_completions.d/{tool}.fish").read_text()


# Its scripts.


def test_install_remove_purge_without_systemd(small, machine):
    """As in a chroot that an image is made of."""
    machine.shell("rm -rf /run/systemd/system /etc/putlive /var/lib/putlive-reconcile")
    said = machine.install(small)
    assert f"--output {CONFIG}" in said and "systemctl start putlive-reconcile" in said
    assert machine.shell("getent group putlive") and "/var/lib/putlive" in machine.shell("getent passwd putlive")
    assert machine.shell("stat -c '%a %U:%G' /etc/putlive") == "755 root:root\n"
    # Twice is as once.
    machine.install(small)
    machine.shell(f"mkdir -p /var/lib/putlive/database; touch /var/lib/putlive/database/a; echo a >{CONFIG}")
    machine.shell("dpkg --remove putlive")
    assert machine.shell(f"cat {CONFIG}; ls /usr/bin/putlive* 2>/dev/null || true") == "a\n"
    assert "/var/lib/putlive stays" in machine.shell("dpkg --purge putlive")
    assert machine.shell("ls -d /etc/putlive 2>/dev/null; ls /var/lib/putlive/database") == "a\n"
    assert machine.shell("dpkg --purge putlive 2>&1 || true").count("error") == 0


def test_upgrade_pauses_and_reconciles(small, machine, tmp_path):
    """No reconcile runs while files are replaced; then one does, with the new program. The config is as it was."""
    newer = light(small, tmp_path, control_field(small, "Version") + "+1")
    calls = machine.with_systemd()
    machine.install(small)
    assert [call for call in calls() if call.startswith("start")] == []
    machine.shell(f"echo a >{CONFIG}; chmod 640 {CONFIG}; mkdir -p /var/lib/putlive-reconcile")
    machine.install(newer)
    seen = calls()
    stop = seen.index("stop putlive-reconcile.path putlive-reconcile.timer")
    asked = seen.index("show --property=ActiveState --value putlive-reconcile.service")
    reload = len(seen) - 1 - seen[::-1].index("daemon-reload")
    start = seen.index("start --no-block putlive-reconcile.service")
    assert stop < asked < reload < start
    assert "start putlive-reconcile.timer" in seen and "start putlive-reconcile.path" in seen
    assert machine.shell(f"stat -c %a {CONFIG}; cat {CONFIG}") == "640\na\n"
    assert machine.shell("dpkg-query -W -f '${Version} ${Status}' putlive").endswith("+1 install ok installed")


def test_policy_forbids_starting(small, machine):
    calls = machine.with_systemd()
    machine.shell(f"mkdir -p /etc/putlive; echo a >{CONFIG}; printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; "
                  "chmod 755 /usr/sbin/policy-rc.d")
    machine.install(small)
    assert "daemon-reload" in calls() and not [call for call in calls() if call.startswith("start")]


@pytest.mark.parametrize("status", [0, 1])
def test_remove_withdraws(small, machine, status):
    """The agent puts the host back. Where it fails, what is left is stopped, and purging removes it."""
    calls = machine.with_systemd()
    machine.install(small)
    machine.shell(f"""cd /etc/systemd/system; mkdir -p /var/lib/putlive-reconcile nginx.service.d x.wants
        printf '#!/bin/sh\\necho agent "$@" >>/calls\\nexit {status}\\n' >/usr/bin/putlive-agent
        echo '# Written by putlive-gen from config.yaml' | tee /etc/systemd/system/putlive-agent.service \\
            '/etc/systemd/system/run-putlive\\x2dhls.mount' /etc/systemd/system/nginx.service.d/putlive.conf >/dev/null
        echo '[Unit]' | tee /etc/systemd/system/srs.service /etc/systemd/system/putlive-mine.service >/dev/null
        ln -s /etc/systemd/system/putlive-agent.service /etc/systemd/system/x.wants/putlive-agent.service""")
    machine.shell("dpkg --remove putlive")
    seen = calls()
    assert seen.count("agent reconcile --withdraw") == 1
    assert ("disable --now putlive-agent.service" in seen) == (status == 1)
    # Somebody else's.
    assert "disable --now srs.service" not in seen
    machine.shell("dpkg --purge putlive")
    left = machine.shell(
        "cd /etc/systemd/system; ls -d *putlive* srs.service nginx.service.d x.wants/* 2>/dev/null || true")
    assert left.split() == ["putlive-mine.service", "srs.service"]
    assert machine.shell("ls -d /var/lib/putlive-reconcile 2>/dev/null || true") == ""


# What it refuses.


def test_refusals(tmp_path):
    def refused(*arguments):
        done = subprocess.run([ROOT / "scripts/deb", *arguments], capture_output=True, text=True)
        assert done.returncode == 1 and done.stdout == ""
        return done.stderr

    (tmp_path / "empty").mkdir()
    assert "make build" in refused("--output", tmp_path, tmp_path / "empty")
    assert "usage" in refused("--verison", "1")
    assert not list(tmp_path.glob("*.deb"))
