"""A full disk: the agent says so, serves what it can, and loses nothing. And what it keeps the disk from filling with."""

import os
import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from agent import running
from asking import is_problem, wait_for
from outputs import check_timestamps, faults, frames, grown, tracks
from webrtc import embedded, publishing

SIZE = 4 << 20


@pytest.fixture
def small(tmp_path):
    """A file system of its own, of a few megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    """Leaves no byte free."""
    with open(folder / "filler", "wb", buffering=0) as file:
        piece = 1 << 16
        while piece:
            try:
                file.write(b"x" * piece)
            except OSError:
                piece //= 2
    assert shutil.disk_usage(folder).free < 4096


def test_a_full_disk(small, tmp_path_factory):
    with running(tmp_path_factory.mktemp("agent"), {"database.path": small / "putlive.db"}) as agent:
        kept = agent.new_account("streamer", "kept")
        key = agent.new_key("show", kept.token)
        fill(small)
        refused = 0
        # What SQLite's log has room for may still go in.
        for number in range(500):
            made = agent.api("POST", "/api/keys", agent.token, json={"stream": "show", "label": f"label-{number}" * 10})
            if made.status != 201:
                is_problem(made, 503, "unavailable")
                refused += 1
                break
        if not refused:
            # A hundred keys of one user are all that there may be.
            made = agent.api(
                "POST", "/api/users", agent.token, json={"username": "x", "password": "long enough", "role": "viewer"}
            )
            is_problem(made, 503, "unavailable")
        # Reading goes on, and a token still counts.
        assert agent.api("GET", "/api/auth/me", kept.token).status == 200
        assert agent.api("GET", f"/api/keys/{key['id']}", kept.token).json()["stream_key"] == key["stream_key"]
        assert agent.api("GET", "/metrics").status == 200
        assert agent.metrics()["putlive_database_errors_total"] >= 1
        health = wait_for(
            lambda: (answer := agent.api("GET", "/api/health")).json()["status"] != "ok" and answer, "health to say so"
        )
        assert health.status in (200, 503)
        os.unlink(small / "filler")
        wait_for(lambda: agent.api("GET", "/api/health").json()["status"] == "ok", "health to be well again")
        assert agent.new_key("after", kept.token)["status"] == "active"
        agent.restart()
        assert agent.login("kept", kept.password)
        assert agent.api("GET", f"/api/keys/{key['id']}", kept.token).json()["id"] == key["id"]
    with sqlite3.connect(small / "putlive.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_a_start_on_a_full_disk(small, tmp_path_factory):
    """It refuses in words, or serves what it has; what is there isn't harmed."""
    with running(tmp_path_factory.mktemp("agent"), {"database.path": small / "putlive.db"}) as agent:
        agent.new_account("streamer", "kept")
        agent.stop()
        fill(small)
        agent.spawn()

        def decided():
            if agent.process.poll() is not None:
                return "ended"
            try:
                agent.api("GET", "/api/health")
                return "serves"
            except OSError:
                return None

        if wait_for(decided, "a start or a refusal") == "ended":
            assert agent.wait() == 1
            assert str(small / "putlive.db") in agent.said() and "full" in agent.said()
            agent.process = None
        os.unlink(small / "filler")
        if agent.process is None:
            agent.start()
        assert "kept" in agent.api("GET", "/api/users", agent.login()).text


def test_a_recording_on_a_full_disk(small, tmp_path):
    """It says so once, leaves no file that holds nothing, and goes on when there is room."""
    fill(small)
    more = {"streaming__enable_recording": "true", "streaming__recording_path": small}
    with embedded(tmp_path, **more) as target, publishing(target.agent, "kept"):

        def logged(event):
            return [line for line in target.agent.log_lines(event) if line["output"] == "recording"]

        wait_for(lambda: logged("output_lost"), "the log line")
        began = logged("output_connected")
        # It is tried again twice.
        time.sleep(25)
        assert [file.name for file in small.iterdir()] == ["filler"]
        (lost,) = logged("output_lost")
        assert lost["reason"].endswith(": No space left on device")
        assert logged("output_connected") == began
        os.unlink(small / "filler")
        (file,) = wait_for(lambda: list(small.glob("kept-*.mp4")), "a recording")
        assert re.fullmatch(r"kept-\d+\.mp4", file.name), "the number of a file that held nothing is free"
        wait_for(lambda: len(logged("output_connected")) == len(began) + 1, "the log line")
        grown(file, 100_000)
    assert list(small.iterdir()) == [file]
    assert tracks(file).keys() == {"video", "audio"}
    check_timestamps(file)
    assert faults(file) == "" and frames(file) > 30


def test_recordings_are_removed_when_they_are_old(start_agent):
    """On a laptop, too, where no systemd does it: of both engines, whatever the present one is."""
    agent = start_agent({"streaming.recording_retention": "1h"}, start=False)
    folder = Path(agent.settings["streaming"]["recording_path"])
    (folder / "live/show").mkdir(parents=True)
    old = [folder / "show-1767225600000.mp4", folder / "live/show/2026-01-01_00-00-00-001.flv"]
    new = [folder / "show-1767225600001.mp4", folder / "live/show/2026-01-01_00-00-00-002.flv"]
    holiday = folder / "holiday.mp4"
    for file in [*old, *new, holiday]:
        file.write_bytes(b"x" * 100)
    for file in [*old, holiday]:
        os.utime(file, (time.time() - 7200,) * 2)
    agent.start()
    wait_for(lambda: not any(file.exists() for file in old), "the old ones to go")
    assert all(file.exists() for file in [*new, holiday])
    (line,) = wait_for(lambda: agent.log_lines("recordings_removed"), "the log line")
    assert line["files"] == "2" and line["bytes"] == "200"
