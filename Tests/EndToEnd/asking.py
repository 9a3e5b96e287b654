"""How the tests of putlive-agent wait and ask: deadlines instead of sleeps, answers, problems."""

import contextlib
import http.client
import json as json_module
import random
import socket
import time
from dataclasses import dataclass

import pytest

# How long anything may take on a machine that does much else; nothing waits for this when all is well.
PATIENCE = 30
LOOPBACK = "127.0.0.1"


def wait_for(condition, what, seconds=PATIENCE):
    """The first true answer of `condition`, asked again and again."""
    deadline = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s for this in vain: {what}")
        time.sleep(0.02)


def free_port(kind=socket.SOCK_STREAM):
    """A port that nobody has. The system gives it to nobody else either before it is used: what asks for any port, as
    other tests at the same time do, gets one of 32768 and above."""
    while True:
        # Its own randomness: the tests' is seeded by those of them that make up inputs.
        port = random.SystemRandom().randrange(10_000, 32_768)
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


@dataclass
class Answer:
    """A response, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json_module.loads(self.body)


def is_problem(answer, status, code):
    """Asserts that `answer` is the problem (RFC 9457) that it should be, and gives its object."""
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:putlive:problem:{code}", problem
    assert problem["status"] == status
    assert problem["title"] and problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert ("errors" in problem) == (status == 422)
    if status == 422:
        assert problem["errors"] and all(error["field"] and error["message"] for error in problem["errors"])
    if status == 401 and code == "unauthorized":
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if status == 429:
        assert int(answer.headers["Retry-After"]) >= 1
    return problem


def done(process):
    assert process.returncode == 0, process.stderr
    return process.stdout


def refused(process, *words):
    """An error: nothing on stdout, words on stderr, no crash."""
    assert process.returncode == 1, process.stderr
    assert process.stdout == ""
    assert all(word in process.stderr for word in words), process.stderr
    assert "Fatal error" not in process.stderr and "rror" in process.stderr
    return process.stderr
