"""SRS 6 as the agent knows it: the hooks that it calls, and a stand-in for its API."""

import contextlib
import fcntl
import http.server
import json
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest
from asking import LOOPBACK

# Where srs.conf has SRS's API; no key of the config changes it.
API_PORT = 1985


class Hooks:
    """Calls the agent as SRS 6.0 does, with the bodies that it was seen to send."""

    def __init__(self, agent):
        self.agent = agent
        self.secret = agent.hook_secret
        self.count = 0

    def call(self, hook, secret=None, headers=None, data=None, **fields):
        self.count += 1
        body = {
            "server_id": "vid-351412k",
            "service_id": "4v230v7y",
            "action": hook,
            "client_id": f"client{self.count:03d}",
            "ip": "203.0.113.200",
            "vhost": "__defaultVhost__",
            "app": "live",
            "tcUrl": "rtmp://localhost/live",
            "stream": "stream",
            "param": "",
            "stream_url": f"/live/{fields.get('stream', 'stream')}",
            "stream_id": "vid-34wku53",
            **fields,
        }
        query = self.secret if secret is None else secret
        return self.agent.api(
            "POST",
            f"/api/srs/{hook}" + (f"?secret={query}" if query else ""),
            data=json.dumps(body).encode() if data is None else data,
            headers={"Content-Type": "application/json", "User-Agent": "SRS/6.0.157(Hang)", **(headers or {})},
        )

    def publish(self, stream, param, **fields):
        return self.call("on_publish", stream=stream, param=param, **fields)

    def unpublish(self, stream, **fields):
        return self.call("on_unpublish", stream=stream, **fields)

    def publish_key(self, key, **fields):
        """Publishes with the text that a key's owner copies."""
        stream, _, query = key["stream_key"].partition("?")
        return self.publish(stream, f"?{query}", **fields)


class StandIn(http.server.ThreadingHTTPServer):
    """SRS's API with the publishers that a test gives it. It fails to end the first `keeps` of them."""

    daemon_threads = True

    def __init__(self):
        self.streams = {}
        self.kicked = []
        self.asked = 0
        self.fails = False
        self.keeps = 0
        self.ended = False
        super().__init__((LOOPBACK, API_PORT), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def put(self, name, client, vhost="__defaultVhost__", width=1280, height=720):
        """A publisher; its bytes and frames grow with time."""
        self.streams[vhost, name] = {
            "client": client,
            "began": time.time(),
            "video": {"codec": "H264", "profile": "High", "level": "3.1", "width": width, "height": height},
        }

    def remove(self, name, vhost="__defaultVhost__"):
        self.streams.pop((vhost, name), None)

    def answer(self, path):
        part = path.rstrip("/").rpartition("/")[2]
        head = {"code": 0, "server": "vid-351412k", "service": "4v230v7y", "pid": "12274"}
        vhosts = {vhost: f"vid-{index}" for index, vhost in enumerate(("__defaultVhost__", "ladder.local"))}
        if part == "vhosts":
            return head | {
                "vhosts": [
                    {"id": id, "name": name, "enabled": True, "clients": 0, "streams": 0} for name, id in vhosts.items()
                ]
            }
        if part in ("streams", "clients"):
            rows = [
                self.row(part, vhost, name, vhosts[vhost], one) for (vhost, name), one in self.streams.copy().items()
            ]
            return head | {part: rows}
        if part == "versions":
            return head | {"data": {"major": 6, "minor": 0, "revision": 157, "version": "6.0.157"}}
        own = {
            "version": "6.0.157",
            "pid": 12274,
            "ppid": 1,
            "argv": "srs -c srs.conf",
            "cwd": "/",
            "mem_kbyte": 17608,
            "mem_percent": 0.0,
            "cpu_percent": 0.02,
            "srs_uptime": 10,
        }
        return head | {
            "data": {
                "ok": True,
                "now_ms": int(time.time() * 1000),
                "self": own,
                "system": {"conn_srs": len(self.streams)},
            }
        }

    @staticmethod
    def row(part, vhost, name, vhost_id, one):
        seconds = time.time() - one["began"]
        rates = {"recv_30s": 2500, "send_30s": 0}
        if part == "clients":
            return {
                "id": one["client"],
                "vhost": vhost_id,
                "stream": f"vid-{name}",
                "ip": "203.0.113.200",
                "pageUrl": "",
                "swfUrl": "",
                "tcUrl": "rtmp://localhost/live",
                "url": f"/live/{name}",
                "name": name,
                "type": "fmle-publish",
                "publish": True,
                "alive": round(seconds, 2),
                "send_bytes": 4386,
                "recv_bytes": int(seconds * 312_500),
                "kbps": rates,
            }
        return {
            "id": f"vid-{name}",
            "name": name,
            "vhost": vhost_id,
            "app": "live",
            "tcUrl": f"rtmp://{vhost}/live",
            "url": f"/live/{name}",
            "live_ms": int(time.time() * 1000),
            "clients": 1,
            "frames": int(seconds * 30),
            "send_bytes": 0,
            "recv_bytes": int(seconds * 312_500),
            "kbps": rates,
            "publish": {"active": True, "cid": one["client"]},
            "video": one["video"],
            "audio": {"codec": "AAC", "sample_rate": 44100, "channel": 2, "profile": "LC"},
        }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        # A process that ends takes its connections along; threads of this one would answer on.
        if self.server.ended:
            self.close_connection = True
            return
        self.server.asked += 1
        path = self.path.partition("?")[0]
        if self.server.fails:
            self.respond(500, b"")
        # As SRS 6 does: without the slash it redirects.
        elif path in ("/api/v1/streams", "/api/v1/clients", "/api/v1/vhosts"):
            self.respond(302, f"Redirect to {path}/".encode(), {"Location": f"http://{LOOPBACK}:{API_PORT}{path}/"})
        else:
            self.respond(200, json.dumps(self.server.answer(path)).encode())

    def do_DELETE(self):
        self.server.kicked.append(self.path.rpartition("/")[2])
        fails = len(self.server.kicked) <= self.server.keeps
        self.respond(500 if fails else 200, b"" if fails else b'{"code":0}')

    def respond(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def api_port():
    """The port of SRS's API, for one test at a time on this machine; skips where a program of another kind has it."""
    with open(Path(tempfile.gettempdir()) / f"putlive-test-{API_PORT}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, API_PORT)) == 0:
                pytest.skip(f"port {API_PORT}, where SRS's API is, is taken on this machine")
        yield


@pytest.fixture
def srs_api_port():
    """For an agent that polls SRS and would meet another test's. Named before start_agent, it is let go after the agent."""
    with api_port():
        yield


@contextlib.contextmanager
def serving():
    """The stand-in, for those who have the port."""
    server = StandIn()
    try:
        yield server
    finally:
        server.ended = True
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def standing_in():
    with api_port(), serving() as server:
        yield server
