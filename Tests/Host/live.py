"""Being live on a host: a broadcaster elsewhere on the network, and a player of what comes out of it."""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from asking import PATIENCE, wait_for
from host import DOMAIN
from network import OWN_ADDRESS

HERE = Path(__file__).resolve().parent


class Broadcaster:
    """Publishes flashes and beeps by WHIP until it is ended."""

    def __init__(self, host, stream, token, folder):
        self.host, self.stream = host, stream
        trusted = Path(folder) / f"{stream}.pem"
        trusted.write_text(host.read("/etc/putlive/tls/fullchain.pem"))
        url = f"https://{DOMAIN}/whip/{stream}"
        self.process = subprocess.Popen(
            [sys.executable, HERE / "broadcaster.py", OWN_ADDRESS, url, token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SSL_CERT_FILE": str(trusted), "PYTHONPATH": str(HERE.parent / "EndToEnd")},
        )
        self.events, self.errors = [], ""
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def _read_errors(self):
        self.errors = self.process.stderr.read()

    def has(self, name):
        return any(event["event"] == name for event in self.events)

    def wait_for(self, name):
        def look():
            assert self.has(name) or self.process.poll() is None, f"it ended: {self.events} {self.errors}"
            return self.has(name)

        wait_for(look, f"the broadcaster's event {name}")

    def end(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail("the broadcaster doesn't end")
        for thread in self._threads:
            thread.join(5)


@contextlib.contextmanager
def live(host, stream, folder):
    """Somebody is live by WHIP until the block ends."""
    token = host.login()
    broadcaster = Broadcaster(host, stream, host.new_key(stream, token), folder)
    try:
        broadcaster.wait_for("connected")
        wait_for(lambda: on_air(host, stream, token), f"{stream} on air")
        yield broadcaster
    finally:
        broadcaster.end()
    wait_for(lambda: not on_air(host, stream, token), f"the end of {stream}")


def on_air(host, stream, token):
    try:
        answer = host.get(f"/api/stream/status?stream={stream}", token)
    except OSError:
        return None
    return answer.json()["active"] if answer.status == 200 else None


def playlist(host, name):
    """The lines of a playlist that name something, or none while it isn't there."""
    answer = host.get(f"/live/{name}.m3u8")
    if answer.status == 404:
        return []
    assert answer.status == 200, answer.text
    assert answer.text.startswith("#EXTM3U\n")
    return re.findall(r"(?m)^[^#\n].*$", answer.text)


def play(host, stream, into, count=3):
    """Plays as a player does, from the master playlist on, until it has some segments: a file of them."""
    (rendition, *_) = wait_for(lambda: playlist(host, stream), f"the master playlist of {stream}")
    taken, path = [], Path(into) / f"{stream}.ts"
    deadline = time.monotonic() + 2 * PATIENCE
    with open(path, "wb") as file:
        while len(taken) < count:
            for name in playlist(host, rendition.removesuffix(".m3u8")):
                if name not in taken:
                    segment = host.get(f"/live/{name}")
                    assert segment.status == 200, name
                    file.write(segment.body)
                    taken.append(name)
            if time.monotonic() > deadline:
                pytest.fail(f"{len(taken)} segments of {stream} in {2 * PATIENCE} s")
            time.sleep(0.2)
    return path
