"""putlive-agent reconcile on an image of a host, and what it says to bad input; Tests/Host has the rest."""

import json
import subprocess

import pytest
from agent import AGENT
from agent import ROOT as PACKAGE

GOLDEN = PACKAGE / "golden/embedded/config.yaml"


def reconcile(*arguments):
    command = [AGENT, "reconcile", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def image(folder, *arguments):
    return reconcile(*arguments, "--root", folder, "--config", GOLDEN, "--share", PACKAGE)


def test_an_image_is_made_and_stays(tmp_path):
    before = image(tmp_path, "--check", "--format", "json")
    assert before.returncode == 2, before.stderr
    assert len(json.loads(before.stdout)["report"]["differences"]) > 30
    assert list(tmp_path.iterdir()) == []
    assert image(tmp_path, "--apply").returncode == 0
    unit = tmp_path / "etc/systemd/system/putlive-agent.service"
    assert unit.exists()
    assert (tmp_path / "etc/systemd/system/multi-user.target.wants/putlive-agent.service").is_symlink()
    assert image(tmp_path, "--check").returncode == 0
    unit.write_text("# by hand\n")
    found = image(tmp_path, "--check")
    assert found.returncode == 2 and "has been edited (changed by hand)" in found.stdout
    assert image(tmp_path, "--apply").returncode == 0
    assert "by hand" not in unit.read_text()
    assert image(tmp_path, "--withdraw").returncode == 0
    assert not unit.exists()


def test_no_secret_is_shown(tmp_path):
    secrets = [line.split(":", 1)[1].strip().strip('"') for line in GOLDEN.read_text().splitlines() if "secret:" in line]
    assert secrets
    said = image(tmp_path, "--check", "--format", "json").stdout + image(tmp_path, "--apply").stderr
    assert not any(secret in said for secret in secrets)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "say one of --check, --apply and --withdraw"),
        (["--check", "--apply"], "say one of --check, --apply and --withdraw"),
        (["--check", "--now"], "--now belongs to --apply"),
        (["--check", "--root", "/nowhere"], "/nowhere is not a folder"),
        (["--check", "--config", "/nowhere/config.yaml", "--share", PACKAGE], "can't be read"),
        (["--check", "--config", PACKAGE / "golden/local/config.yaml", "--share", PACKAGE], "role is local"),
    ],
)
def test_bad_input_is_told(arguments, words):
    done = reconcile(*arguments)
    assert done.returncode == 1
    assert words in done.stderr


def test_status_needs_no_flag():
    done = reconcile("status")
    assert "say one of" not in done.stderr
