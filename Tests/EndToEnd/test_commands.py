"""The commands as a user meets them: what they print where, how they end, and that nothing is lost."""

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SINGLE = ROOT / "golden/single/config.yaml"
SECRETS = [
    "golden-test-secret-of-single-0123456789-abcdefghijklmn",
    "golden-password-1",
    "golden-turn-credential",
]

GEN = os.environ.get("PUTLIVE_GEN")
pytestmark = pytest.mark.skipif(not GEN, reason="PUTLIVE_GEN names no putlive-gen to test")


def run(*arguments, cwd="/", env=None):
    return subprocess.run(
        [GEN, *map(str, arguments)],
        cwd=cwd,
        env=env or os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("server:\n  domain: a.example\n  http_prt: 1\n")
    return path


def test_help_and_version():
    top = run("--help")
    assert top.returncode == 0
    assert top.stderr == ""
    names = re.findall(r"^  (\w+) {2,}\w", top.stdout.split("SUBCOMMANDS:")[1], re.M)
    assert names == "init validate list render diff check verify stack schema explain".split()
    for name in names:
        help_text = run(name, "--help")
        assert help_text.returncode == 0
        assert "OVERVIEW" in help_text.stdout and "USAGE" in help_text.stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run("--version").stdout)


@pytest.mark.parametrize("command", ["render", "check", "diff"])
def test_a_command_that_is_parsed_by_itself_speaks_as_the_others(command):
    """Help, and what is wrong with the arguments, name the program as well."""
    asked = run(command, "--help")
    assert (asked.returncode, asked.stdout) == (0, run("help", command).stdout)
    assert f"USAGE: putlive-gen {command} " in asked.stdout
    wrong = run(command, "--bogus")
    assert wrong.returncode == 1 and f"'putlive-gen {command} --help'" in wrong.stderr
    assert run(command, "--generate-completion-script", "bash").stdout.startswith("#!/bin/bash")
    assert run(command, "--version").stdout == run("--version").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell):
    script = run("--generate-completion-script", shell)
    assert script.returncode == 0
    assert "render" in script.stdout
    if shutil.which(shell) and shell == "bash":
        subprocess.run([shell, "-n"], input=script.stdout, text=True, check=True)


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["render"], ["validate", "--format", "xml"], ["stack", "pyramid"], ["check", "--config", SINGLE]],
)
def test_wrong_usage_is_an_error(arguments):
    result = run(*arguments)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "rror" in result.stderr


def test_the_config_is_looked_for_in_the_working_directory(tmp_path):
    missing = run("validate", cwd=tmp_path)
    assert missing.returncode == 1
    assert "config.yaml" in missing.stderr and "putlive-gen init" in missing.stderr
    assert run("init", "--role", "local", cwd=tmp_path).returncode == 0
    assert run("validate", cwd=tmp_path).returncode == 0


def test_init_local_needs_nothing_else(tmp_path):
    result = run("init", "--role", "local", "--output", tmp_path / "tv" / "config.yaml")
    assert result.returncode == 0
    path = tmp_path / "tv" / "config.yaml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = yaml.safe_load(path.read_text())
    for value in (
        config["database"]["path"],
        config["database"]["backup_path"],
        config["streaming"]["recording_path"],
        config["streaming"]["hls"]["tmpfs_path"],
    ):
        assert value.startswith(f"{tmp_path}/tv/")
    assert len(config["authentication"]["jwt_secret"]) == 64
    assert config["authentication"]["jwt_secret"] not in result.stdout + result.stderr


def test_init_overwrites_only_when_forced(tmp_path):
    path = tmp_path / "config.yaml"
    assert run("init", "--role", "local", "--output", path).returncode == 0
    first = path.read_text()
    refused = run("init", "--role", "local", "--output", path)
    assert refused.returncode == 1 and "--force" in refused.stderr
    assert path.read_text() == first
    assert run("init", "--role", "local", "--output", path, "--force").returncode == 0
    assert path.read_text() != first


@pytest.mark.parametrize("role", ["single", "origin", "edge", "local"])
def test_init_makes_a_config_that_renders(role, tmp_path):
    options = [] if role == "local" else ["--domain", "tv.example.org", "--email", "ops@example.org"]
    options += ["--origin-host", "10.0.0.5"] if role == "edge" else []
    config = tmp_path / "config.yaml"
    assert run("init", "--role", role, "--output", config, *options).returncode == 0
    assert run("render", "--config", config, "--output", tmp_path / "out").returncode == 0
    assert run("check", "--config", config, "--root", tmp_path / "out").returncode == 0


@pytest.mark.parametrize("arguments", [[], ["--domain", "not a name"], ["--role", "edge", "--domain", "a.example"]])
def test_init_writes_no_bad_config(arguments, tmp_path):
    result = run("init", "--output", tmp_path / "c.yaml", *arguments)
    assert result.returncode == 1
    assert not (tmp_path / "c.yaml").exists()


def test_validate_as_json(bad):
    result = run("validate", "--config", bad, "--format", "json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert report["valid"] is False
    misspelt = [row for row in report["diagnostics"] if row["key"] == "server.http_prt"]
    assert misspelt[0]["line"] == 3 and misspelt[0]["column"] == 3
    assert "http_port" in misspelt[0]["remedy"]
    assert json.loads(run("validate", "--config", SINGLE, "--format", "json").stdout)["valid"] is True


def test_validate_as_text_shows_line_caret_and_remedy(bad):
    lines = run("validate", "--config", bad).stderr.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{bad}:3:3: error: server.http_prt: "))
    assert lines[start + 1].startswith("    http_prt:")
    assert lines[start + 2] == "    ^~~~~~~~"
    assert lines[start + 3].startswith("  remedy: ")


def test_a_bad_config_writes_nothing_at_all(bad, tmp_path):
    assert run("render", "--config", bad, "--output", tmp_path / "new").returncode == 1
    assert not (tmp_path / "new").exists()
    out = tmp_path / "out"
    assert run("render", "--config", SINGLE, "--output", out).returncode == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert run("render", "--config", bad, "--output", out).returncode == 1
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_render_and_its_manifest(tmp_path):
    out = tmp_path / "out"
    first = run("render", "--config", SINGLE, "--output", out, "--format", "json")
    assert first.returncode == 0 and len(json.loads(first.stdout)["written"]) > 30
    manifest = json.loads((out / "manifest.json").read_text())
    for entry in manifest["artifacts"]:
        path = out / entry["path"].lstrip("/")
        assert stat.S_IMODE(path.stat().st_mode) == int(entry["mode"], 8)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    again = json.loads(run("render", "--config", SINGLE, "--output", out, "--format", "json").stdout)
    assert again["written"] == [] and again["removed"] == []


def test_render_only(tmp_path):
    result = run("render", "--config", SINGLE, "--output", tmp_path / "out", "--only", "nginx.conf", "srs.conf")
    assert result.returncode == 0
    files = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files == {"nginx.conf", "putlive.conf", "manifest.json"}
    assert run("render", "--config", SINGLE, "--output", tmp_path / "x", "--only", "nginx").returncode == 1


def test_render_spares_a_folder_of_others(tmp_path):
    (tmp_path / "photo.jpg").write_text("x")
    result = run("render", "--config", SINGLE, "--output", tmp_path)
    assert result.returncode == 1 and "manifest.json" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_check_and_diff_tell_drift(tmp_path):
    out = tmp_path / "out"
    run("render", "--config", SINGLE, "--output", out)
    assert run("check", "--config", SINGLE, "--root", out).returncode == 0
    clean = run("diff", "--config", SINGLE, "--against", out)
    assert clean.returncode == 0 and clean.stdout == ""
    (out / "etc/sysctl.d/60-putlive.conf").write_text("changed\n")
    (out / "etc/nginx/nginx.conf").unlink()
    drift = run("check", "--config", SINGLE, "--root", out, "--format", "json")
    assert drift.returncode == 2
    found = {(row["kind"], row["path"]) for row in json.loads(drift.stdout)["drift"]}
    assert found == {("missing", "/etc/nginx/nginx.conf"), ("content", "/etc/sysctl.d/60-putlive.conf")}
    changed = run("diff", "--config", SINGLE, "--against", out)
    assert changed.returncode == 2
    assert "-changed\n" in changed.stdout and "--- /dev/null\n+++ b/etc/nginx/nginx.conf\n" in changed.stdout


def test_no_secret_in_a_diff(tmp_path):
    out = tmp_path / "out"
    run("render", "--config", ROOT / "golden/recording/config.yaml", "--output", out)
    hook = re.search(r"secret=(\w+)", (out / "usr/local/srs/conf/putlive.conf").read_text())[1]
    for form in ("text", "json"):
        text = run("diff", "--config", SINGLE, "--against", out, "--format", form).stdout
        assert "putlive.conf" in text
        for secret in [*SECRETS, hook]:
            assert secret not in text


def test_secrets_come_from_files_and_the_environment(tmp_path):
    config = yaml.safe_load(SINGLE.read_text())
    secret = tmp_path / "secret"
    secret.write_text("a-secret-in-a-file-0123456789-abcdefghij\n")
    del config["authentication"]["jwt_secret"]
    config["authentication"]["jwt_secret_file"] = str(secret)
    config["authentication"]["default_admin_pass"] = "${TV_PASSWORD}"
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump(config))
    unset = run("validate", "--config", path)
    assert unset.returncode == 1 and "TV_PASSWORD" in unset.stderr
    environment = {**os.environ, "TV_PASSWORD": "quite-a-good-password"}
    assert run("validate", "--config", path, env=environment).returncode == 0
    secret.unlink()
    gone = run("validate", "--config", path, env=environment)
    assert gone.returncode == 1 and "jwt_secret_file" in gone.stderr


def test_colour_on_a_terminal_alone(bad):
    assert "\x1b" not in run("validate", "--config", bad).stderr
    for extra, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | extra
        leader, follower = pty.openpty()
        child = subprocess.Popen([GEN, "validate", "--config", bad], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=environment)
        os.close(follower)
        text = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(leader)
        assert child.wait() == 1
        assert (b"\x1b[" in text) is coloured


def test_list():
    rows = json.loads(run("list", "--config", SINGLE, "--format", "json").stdout)
    assert {"name", "path", "mode", "owner", "group", "roles", "onChange", "check"} <= set(rows[0])
    everything = run("list", "--all").stdout
    assert all(row["path"] in everything for row in rows)
    assert len(everything.splitlines()) > len(rows)


def test_schema_holds_the_golden_configs():
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted(ROOT.glob("golden/*/config.yaml")):
        validator.validate(yaml.safe_load(path.read_text()))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"server": {"http_prt": 1}})
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"server": {"http_port": 70000}})


def test_explain():
    text = run("explain", "streaming.rtmp_port").stdout
    assert "1935" in text and "port" in text
    assert run("explain", "streaming.qualities.fps").returncode == 0
    wrong = run("explain", "streaming.rtmp_prt")
    assert wrong.returncode == 1 and "streaming.rtmp_port" in wrong.stderr
    assert json.loads(run("explain", "authentication.jwt_secret", "--format", "json").stdout)["secret"] is True


def test_stack(tmp_path):
    path = tmp_path / "stack.yaml"
    assert run("stack", "single-server", "--config", SINGLE, "--output", path).returncode == 0
    printed = run("stack", "single-server", "--config", SINGLE)
    assert printed.stdout == path.read_text()
    for secret in SECRETS:
        assert secret not in printed.stdout


@pytest.mark.parametrize("role", ["edge", "local"])
def test_some_roles_have_no_stack(role):
    result = run("stack", "single-server", "--config", ROOT / f"golden/{role}/config.yaml")
    assert result.returncode == 1 and role in result.stderr and result.stdout == ""


def test_verify_without_tools_skips_and_says_so(tmp_path):
    hidden = {**os.environ, "PATH": str(tmp_path), "SRS_BINARY": "/nonexistent"}
    config = ROOT / "golden/single/config.yaml"
    result = run("verify", "--config", config, "--format", "json", env=hidden)
    by_name = {row["name"]: row for row in json.loads(result.stdout)}
    assert by_name["srs"]["status"] == "skipped" and "SRS_BINARY" in by_name["srs"]["notes"][0]
    assert run("verify", "--config", ROOT / "golden/local-srs/config.yaml", "--require-all", env=hidden).returncode == 1


def test_a_result_that_cant_be_written_is_an_error():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([GEN, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert result.returncode == 1 and "can't be written" in result.stderr


@pytest.mark.parametrize("arguments", [["check", "--root", ""], ["diff", "--against", ""], ["render", "--output", ""]])
def test_an_empty_folder_is_not_the_root(arguments):
    result = run(*arguments, "--config", SINGLE)
    assert result.returncode == 1 and result.stdout == "" and "names no folder" in result.stderr


@pytest.mark.parametrize("command", ["list", "render --output out", "diff --against out", "check --root out", "verify"])
def test_a_bad_config_is_told_in_json_too(command, bad, tmp_path):
    result = run(*command.split(), "--config", bad, "--format", "json", cwd=tmp_path)
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert report["valid"] is False and report["diagnostics"]


def test_init_through_a_link_keeps_its_paths_together(tmp_path):
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real/deep")
    assert run("init", "--role", "local", "--output", tmp_path / "link" / ".." / "c.yaml").returncode == 0
    config = yaml.safe_load((tmp_path / "real" / "c.yaml").read_text())
    assert config["database"]["path"] == f"{tmp_path.resolve()}/real/putlive.db"


def test_verify_in_a_temporary_folder_with_an_odd_name(tmp_path):
    odd = tmp_path / "sp ace 100%"
    odd.mkdir()
    result = run("verify", "--config", ROOT / "golden/edge/config.yaml", env={**os.environ, "TMPDIR": str(odd)})
    assert result.returncode == 0, result.stdout
    assert list(odd.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_verify_leaves_nothing_behind(number, tmp_path):
    slow = tmp_path / "srs"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/began\nexec tail -f /dev/null\n")
    slow.chmod(0o755)
    (tmp_path / "stage").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "stage"), "SRS_BINARY": str(slow)}
    arguments = [GEN, "verify", "--config", str(ROOT / "golden/local-srs/config.yaml")]
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    began = tmp_path / "began"
    while not began.exists():
        assert child.poll() is None
        select.select([], [], [], 0.01)
    child.send_signal(number)
    assert child.wait(timeout=60) == 128 + number
    assert list((tmp_path / "stage").iterdir()) == []


def test_an_unknown_check_is_refused():
    result = run("verify", "--config", SINGLE, "--allow-missing", "srsx")
    assert result.returncode == 1 and "srsx" in result.stderr


def test_verify_leaves_nothing_behind(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    assert run("verify", "--config", ROOT / "golden/local/config.yaml", env=environment).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_is_no_crash():
    command = f"{GEN} schema | head -c 10; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert result.returncode in (0, 141)
    assert result.stderr == ""
