"""A relay of UDP between a peer and a server, and what a network does to datagrams: it drops, delays, reorders and
duplicates them, and is too slow for them. The same seed and the same datagrams give the same fate."""

import contextlib
import heapq
import itertools
import random
import selectors
import socket
import threading
import time
from dataclasses import dataclass

from asking import LOOPBACK

LONGEST_DATAGRAM = 65_536


@dataclass
class Link:
    """One direction of the way. Times are seconds, the others shares of all datagrams; `bits_per_second` is what the
    link carries, `queue` how many bytes wait before it; what comes on top of that is lost, as in a router."""

    loss: float = 0
    delay: float = 0
    # Up to so much is added to the delay, so that datagrams overtake each other.
    jitter: float = 0
    duplicates: float = 0
    bits_per_second: float | None = None
    queue: int = 40_000


class Direction:
    """The fate of one direction's datagrams."""

    def __init__(self, seed):
        self.link = Link()
        self.random = random.Random(seed)
        self.free_at = 0.0
        self.count = self.lost = self.bytes = 0
        # A function of a datagram that says whether it is lost, before the link has its say.
        self.drop = None

    def fates(self, data, now):
        """When the datagram arrives: never, once, or twice."""
        self.count += 1
        self.bytes += len(data)
        link = self.link
        # As many draws for each, whatever becomes of it: so its fate hangs on its number alone.
        lost, twice, jitter, other = (self.random.random() for _ in range(4))
        if lost < link.loss or (self.drop and self.drop(data)):
            self.lost += 1
            return []
        departure = now
        if link.bits_per_second:
            waiting = max(0.0, self.free_at - now) * link.bits_per_second / 8
            if waiting + len(data) > link.queue:
                self.lost += 1
                return []
            self.free_at = max(self.free_at, now) + len(data) * 8 / link.bits_per_second
            departure = self.free_at
        arrivals = [departure + link.delay + link.jitter * jitter]
        if twice < link.duplicates:
            arrivals.append(departure + link.delay + link.jitter * other)
        return arrivals


class Relay:
    """Listens on a port of its own and passes on to the server's. Each peer gets a socket, so the server can tell them
    apart. It runs in a thread; `up` leads to the server, `down` to the peers."""

    def __init__(self, server_port, seed=1):
        self.server = (LOOPBACK, server_port)
        self.up, self.down = Direction(seed), Direction(seed + 1)
        self.socket = self._bound()
        self.port = self.socket.getsockname()[1]
        self._upstream = {}
        self._due, self._number = [], itertools.count()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.socket, selectors.EVENT_READ, None)
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def shape(self, up=None, down=None, **both):
        """Changes the network: `shape(loss=0.05, delay=0.03)` for both directions, or a Link for one of them."""
        self.up.link = up or Link(**both)
        self.down.link = down or Link(**both)

    def cut(self):
        """Nothing gets through any more."""
        self.shape(loss=1)

    def move(self):
        """The peers' datagrams come from new ports from now on, as after a change of the network or of a NAT's mind."""
        with self._lock:
            for peer, old in list(self._upstream.items()):
                self._forget(old)
                self._upstream[peer] = self._socket_for(peer)

    def close(self):
        self._ended = True
        self._thread.join(10)
        with self._lock:
            for one in [self.socket, *self._upstream.values()]:
                one.close()
            self._selector.close()

    @staticmethod
    def _bound():
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((LOOPBACK, 0))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.setblocking(False)
        return one

    def _socket_for(self, peer):
        one = self._bound()
        self._selector.register(one, selectors.EVENT_READ, peer)
        return one

    def _forget(self, one):
        self._selector.unregister(one)
        one.close()

    def _run(self):
        while not self._ended:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else 0.1
            for key, _ in self._selector.select(min(wait, 0.1)):
                self._read(key)
            self._deliver()

    def _read(self, key):
        """Takes what has come on one socket; `key.data` is the peer that it serves, None for the one of them all."""
        with self._lock, contextlib.suppress(BlockingIOError, ConnectionError, OSError):
            while True:
                data, source = key.fileobj.recvfrom(LONGEST_DATAGRAM)
                now = time.monotonic()
                if key.data is not None:
                    for arrival in self.down.fates(data, now):
                        heapq.heappush(self._due, (arrival, next(self._number), "down", key.data, data))
                    continue
                if source not in self._upstream:
                    self._upstream[source] = self._socket_for(source)
                for arrival in self.up.fates(data, now):
                    heapq.heappush(self._due, (arrival, next(self._number), "up", source, data))

    def _deliver(self):
        now = time.monotonic()
        with self._lock:
            while self._due and self._due[0][0] <= now:
                _, _, way, peer, data = heapq.heappop(self._due)
                # Whoever isn't there any more is the tests' business, not the relay's.
                with contextlib.suppress(OSError):
                    if way == "up":
                        self._upstream[peer].sendto(data, self.server)
                    else:
                        self.socket.sendto(data, peer)


@contextlib.contextmanager
def relaying(server_port, seed=1):
    relay = Relay(server_port, seed)
    try:
        yield relay
    finally:
        relay.close()
