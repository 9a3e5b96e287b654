"""Broadcasts over WebRTC for tests: settings, signalling by WHIP (RFC 9725), publishers, and where they end up."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from agent import running
from asking import LOOPBACK, PATIENCE, free_port, wait_for
from media import has_ffmpeg
from outputs import Follower
from rtmp import rtmp_server
from srs import api_port

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"


def settings(**more):
    """For an agent whose WebRTC is on loopback and on ports of its own; keys are written `streaming__engine`."""
    return {
        "server.public_ip": LOOPBACK,
        "streaming.webrtc.udp_port": free_port(socket.SOCK_DGRAM),
        "streaming.webrtc.tcp_port": free_port(),
        "streaming.max_concurrent_streams": 20,
        **{key.replace("__", "."): value for key, value in more.items()},
    }


def udp_port(agent):
    return agent.settings["streaming"]["webrtc"]["udp_port"]


def key_for(agent, stream):
    """A new signed key: the part that WHIP's Bearer is."""
    return agent.new_key(stream)["stream_key"].partition("key=")[2]


def post(agent, stream, token, offer, kind=SDP, **headers):
    """A WHIP request, to begin a broadcast."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind:
        headers["Content-Type"] = kind
    data = offer if isinstance(offer, bytes) else offer.encode()
    return agent.api("POST", f"/whip/{stream}", token, data=data, headers=headers)


def delete(agent, answer, token):
    return agent.api("DELETE", answer.headers["Location"], token)


def patch(agent, answer, token, fragment, tag=None, kind=FRAGMENT):
    headers = {"Content-Type": kind} | ({"If-Match": tag} if tag else {})
    return agent.api("PATCH", answer.headers["Location"], token, data=fragment.encode(), headers=headers)


def status(agent, stream):
    return agent.api("GET", f"/api/stream/status?stream={stream}", agent.token).json()


def on_air(agent, stream):
    return status(agent, stream)["active"]


class Publisher:
    """A publisher.py that runs."""

    def __init__(self, agent, stream, token, arguments):
        command = [sys.executable, Path(__file__).with_name("publisher.py"), "--url", f"{agent.url}/whip/{stream}"]
        self.stream = stream
        self.process = subprocess.Popen(
            [*command, "--token", token, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events, self._errors = [], ""
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def _read_errors(self):
        self._errors = self.process.stderr.read()

    def event(self, name):
        """The first event of a name, waited for."""

        def look():
            found = next((one for one in self.events if one["event"] == name), None)
            ended = found is None and self.process.poll() is not None
            assert not ended, f"the publisher ended without {name}: {self.events} {self._errors}"
            return found

        return wait_for(look, f"the publisher's event {name}")

    def kill(self):
        """Without a word to anybody."""
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
                pytest.fail("the publisher doesn't end")
        for thread in self._threads:
            thread.join(5)


@contextlib.contextmanager
def publishing(agent, stream, *arguments, token=None, relay=None, connected=True):
    """An aiortc that publishes flashes and beeps until the block ends; with a relay, through it."""
    arguments = [*arguments, *(["--port", relay.port] if relay else [])]
    publisher = Publisher(agent, stream, token or key_for(agent, stream), arguments)
    try:
        if connected:
            publisher.event("connected")
        yield publisher
    finally:
        publisher.end()


class Target:
    """An agent and where its broadcasts come out."""

    def __init__(self, kind, agent, folder, server=None):
        self.kind, self.agent, self.folder, self.server = kind, agent, Path(folder), server

    @contextlib.contextmanager
    def recording(self, stream):
        """Yields a function that gives the files that came out, once the broadcast is over: one, unless something made
        players begin afresh."""
        if self.kind == "nginx-rtmp":
            yield lambda: self._recorded(stream)
            return
        # SRS lets its target grow.
        follower = Follower(self.agent.live_folder, stream, self.folder, keeps_target=self.kind == "embedded")
        try:
            yield lambda: self._followed(follower, stream)
        finally:
            follower.end()

    def _followed(self, follower, stream):
        wait_for(lambda: not on_air(self.agent, stream), f"the end of {stream}")
        # The last segment is written when the stream is over.
        time.sleep(1 if self.kind == "srs" else 0)
        return follower.end()

    def _recorded(self, stream):
        # Written to its end.
        wait_for(lambda: not on_air(self.agent, stream), f"the end of {stream}")
        return wait_for(lambda: self.server.recorded(stream), f"a recording of {stream}")


# Instead of the C library's: what a file says.
LOAD_AVERAGE = r"""
#include <stdio.h>
#include <stdlib.h>
int getloadavg(double averages[], int count) {
    FILE *file = fopen(getenv("PUTLIVE_TEST_LOAD"), "r");
    int found = file && count > 0 && fscanf(file, "%lf", averages) == 1;
    if (file) fclose(file);
    return found ? 1 : -1;
}
"""


class Load:
    """What an agent takes for the load of its machine, which decides whether it encodes: the tests' own is high."""

    def __init__(self, folder):
        compiler = shutil.which("clang") or shutil.which("cc")
        if not compiler:
            pytest.skip("there is no C compiler")
        self.path, library = Path(folder) / "load", Path(folder) / "load.so"
        command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", library]
        subprocess.run(command, input=LOAD_AVERAGE.encode(), check=True, timeout=60)
        self.environment = {"LD_PRELOAD": str(library), "PUTLIVE_TEST_LOAD": str(self.path)}
        self.set(0)

    def set(self, average):
        self.path.write_text(f"{average:.2f}\n")


@contextlib.contextmanager
def starting(folder, options):
    """An agent on a machine that is calm."""
    has_ffmpeg()
    load = Load(folder)
    with running(folder, options, load.environment) as agent:
        agent.load = load
        yield agent


@contextlib.contextmanager
def embedded(folder, **more):
    with starting(folder, settings(**more)) as agent:
        yield Target("embedded", agent, folder)


@contextlib.contextmanager
def into_nginx(folder, **more):
    """The agent believes that nginx is SRS; nobody else may be SRS meanwhile."""
    with api_port(), rtmp_server(folder) as server:
        with starting(folder, settings(streaming__engine="srs", streaming__rtmp_port=server.port, **more)) as agent:
            yield Target("nginx-rtmp", agent, folder, server)


@contextlib.contextmanager
def into_srs(folder, **more):
    """SRS with the config that putlive-gen renders."""
    binary = os.environ.get("SRS_BINARY")
    if not binary:
        pytest.skip("SRS_BINARY names no SRS, which Debian doesn't package")
    options = settings(streaming__engine="srs", streaming__rtmp_port=free_port(), **more)
    with api_port(), starting(folder, options) as agent:
        assert agent.live_folder
        made = agent.gen("render", "--config", agent.config, "--output", folder / "host", "--only", "srs.conf")
        assert made.returncode == 0, made.stderr
        with open(folder / "srs.log", "wb") as log:
            process = subprocess.Popen(
                [binary, "-c", folder / "host/usr/local/srs/conf/putlive.conf"], cwd=folder, stdout=log, stderr=log
            )
        try:
            wait_for(lambda: agent.metrics().get("putlive_srs_up") == 1, "SRS to start")
            yield Target("srs", agent, folder)
        finally:
            process.terminate()
            process.wait(PATIENCE)


TARGETS = {"embedded": embedded, "nginx-rtmp": into_nginx, "srs": into_srs}
