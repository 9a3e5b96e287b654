"""The network of the tests on a host: a bridge, with the tests on it, the machines, and peers at other addresses.

All of it lies in the network namespace that scripts/test-host makes, and there is no way out of that.
"""

import contextlib
import itertools
import os
import subprocess
from pathlib import Path

BRIDGE = "tests"
# RFC 5737: nobody's, and so no machine's own.
PREFIX = "192.0.2."
OWN_ADDRESS = PREFIX + "1"


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, timeout=30)


class Peer:
    """Somebody else on the network, at an address of his own."""

    def __init__(self, network):
        self.address = network.new_address()
        self.process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE
        )
        # Its namespace is there.
        self.process.stdout.readline()
        name = f"peer-{self.address.rpartition('.')[2]}"
        ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", self.process.pid)
        ip("link", "set", name, "master", network.bridge, "up")
        for command in (["link", "set", "lo", "up"], ["addr", "add", f"{self.address}/24", "dev", "eth0"],
                        ["link", "set", "eth0", "up"]):  # fmt: skip
            subprocess.run(self.inside("ip", *command), check=True, timeout=30)

    def inside(self, *command):
        """The command that runs `command` as this peer."""
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", *map(str, command)]

    def run(self, *command, seconds=60):
        return subprocess.run(
            self.inside(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds
        )

    def curl(self, address, path, *arguments, port=443):
        """Status and body of an answer over TLS, or None where there is none within 3 s."""
        done = self.run(
            "curl", "--silent", "--insecure", "--max-time", "3", "--write-out", "\n%{http_code}", *arguments,
            f"https://{address}:{port}{path}",
        )  # fmt: skip
        body, _, status = done.stdout.rpartition("\n")
        return (int(status), body) if done.returncode == 0 else None

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Network:
    bridge = BRIDGE

    def __init__(self):
        self._numbers = itertools.count(10)
        ip("link", "set", "lo", "up")
        # An address of its own: else it has the lowest of its ports', and another one as peers come and go, which the
        # machines' neighbour tables notice half a minute later.
        ip("link", "add", BRIDGE, "address", "02:00:00:00:00:01", "type", "bridge")
        ip("addr", "add", f"{OWN_ADDRESS}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")

    def new_address(self):
        return f"{PREFIX}{next(self._numbers)}"

    @staticmethod
    def name(name, address):
        """Has `name` mean an address, for all programs of the tests."""
        Path(os.environ["PUTLIVE_HOST_RUN"], "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")

    @contextlib.contextmanager
    def peer(self):
        peer = Peer(self)
        try:
            yield peer
        finally:
            peer.end()
