"""A real RTMP server: Debian's nginx with its RTMP module. It records what is published, as it came."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from asking import LOOPBACK, PATIENCE, free_port, wait_for

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
CONFIG = """
load_module {module};
{user}
daemon off; master_process off; worker_processes 1;
pid {folder}/rtmp.pid; error_log {folder}/rtmp-error.log info;
events {{ worker_connections 256; }}
rtmp {{
    access_log {folder}/rtmp-access.log;
    server {{
        listen {host}:{port};
        chunk_size 4096;
        application live {{
            live on;
            {record}
        }}
    }}
}}
"""


class RTMPServer:
    """One server, which may be killed and started again; it keeps its port and its recordings."""

    def __init__(self, folder, port=None, record=True):
        if not NGINX or not MODULE.exists():
            pytest.skip("nginx and its RTMP module aren't installed")
        self.folder, self.port = Path(folder), port or free_port()
        self.recordings = self.folder / "recordings"
        self.recordings.mkdir(exist_ok=True)
        self.process = None
        kept = f"record all; record_path {self.recordings}; record_suffix -%s.flv; record_unique on;" if record else ""
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "rtmp.conf").write_text(
            CONFIG.format(module=MODULE, user=user, folder=self.folder, host=LOOPBACK, port=self.port, record=kept)
        )

    @property
    def url(self):
        return f"rtmp://{LOOPBACK}:{self.port}/live"

    def start(self):
        with open(self.folder / "rtmp.log", "ab") as log:
            self.process = subprocess.Popen(
                [NGINX, "-e", self.folder / "rtmp-error.log", "-c", self.folder / "rtmp.conf"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for(self._listens, f"nginx-rtmp to listen: see {self.folder}/rtmp.log")
        return self

    def _listens(self):
        assert self.process.poll() is None, (self.folder / "rtmp.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, self.port)) == 0

    def stop(self, number=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)

    def kill(self):
        self.stop(signal.SIGKILL)

    def recorded(self, stream):
        """The recordings of a stream, oldest first: one for each time it was published."""
        return sorted(self.recordings.glob(f"{stream}-*.flv"), key=lambda file: file.stat().st_ctime_ns)


@contextlib.contextmanager
def rtmp_server(folder, **options):
    server = RTMPServer(folder, **options)
    try:
        yield server.start()
    finally:
        server.stop()
