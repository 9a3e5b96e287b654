"""Two thousand clients that trickle: the agent answers others meanwhile, and lets none of them stay."""

import asyncio
import resource
from pathlib import Path

import pytest
from agent import running
from asking import LOOPBACK, wait_for

CONNECTIONS = 2000
# Between two bytes; a client that sends nothing at all is easier to tell.
PAUSE = 1.0
HEAD = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nUser-Agent: "
BODY = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"
CHUNKS = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
BEGINNINGS = [(HEAD, b"x"), (BODY, b" "), (CHUNKS, b"1\r\n \r\n"), (b"GET /", b"x")]


@pytest.fixture
def descriptors():
    """Enough for both ends of all connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"at most {hard} open files are allowed here, and {wanted} are needed")
    # The agent inherits it.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def open_files(agent):
    return len(list(Path(f"/proc/{agent.process.pid}/fd").iterdir()))


async def trickle(port, number, begun):
    """One slow client, until the agent closes."""
    beginning, more = BEGINNINGS[number % len(BEGINNINGS)]
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(beginning)
        await writer.drain()
        begun.append(number)
        while True:
            try:
                # The agent may say why before it closes.
                if not await asyncio.wait_for(reader.read(4096), PAUSE):
                    return
            except TimeoutError:
                writer.write(more)
                await writer.drain()
    except ConnectionError:
        return
    finally:
        writer.close()


async def soak(agent):
    """All slow clients at once, and one that asks for health until the last of them is gone; how often it was answered."""
    begun = []
    slow = asyncio.gather(*(trickle(agent.port, number, begun) for number in range(CONNECTIONS)))
    answered = {"with all": 0, "in all": 0}
    while not slow.done():
        reader, writer = await asyncio.open_connection(LOOPBACK, agent.port)
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200"), answer
        answered["in all"] += 1
        if len(begun) == CONNECTIONS and open_files(agent) > CONNECTIONS:
            answered["with all"] += 1
        await asyncio.sleep(0.02)
    await slow
    return answered


def test_slow_clients(descriptors, tmp_path_factory):
    with running(tmp_path_factory.mktemp("soak")) as agent:
        agent.api("GET", "/api/health")
        before, memory = open_files(agent), agent.metrics()["putlive_anonymous_memory_bytes"]
        answered = asyncio.run(asyncio.wait_for(soak(agent), 150))
        assert answered["with all"] > 0, answered
        wait_for(lambda: open_files(agent) <= before + 10, "the descriptors to come back")
        # What 2,000 connections took is given back or small.
        grown = agent.metrics()["putlive_anonymous_memory_bytes"] - memory
        assert grown < 64 << 20, f"{grown >> 20} MiB"
        assert agent.login()
