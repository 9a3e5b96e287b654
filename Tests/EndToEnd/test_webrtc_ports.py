"""Ports of browsers' media that another program has, and a certificate that can't be kept: the rest of the agent serves."""

import contextlib
import socket

import pytest
from asking import is_problem, wait_for
from offers import offer
from webrtc import embedded, key_for, post, publishing, settings, status, udp_port


def media(agent):
    """The health of browsers' media, as it was seen last."""
    answer = agent.api("GET", "/api/health/detailed", agent.token)
    assert answer.status == 200
    return answer.json()["components"]["webrtc"]


@contextlib.contextmanager
def taken(kind, port):
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("0.0.0.0", port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        yield


@pytest.mark.parametrize("kind, name", [(socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")])
def test_a_port_that_is_taken(start_agent, kind, name):
    agent = start_agent(settings(), start=False)
    port = agent.settings["streaming"]["webrtc"][f"{name}_port"]
    words = f"{name.upper()} port {port} is taken by another program"
    with taken(kind, port):
        agent.start()
        assert agent.api("GET", "/api/health").json()["status"] == "degraded"
        health = media(agent)
        assert health["status"] == "degraded" and words in health["detail"] and "ss -lntup" in health["detail"]
        assert agent.api("GET", "/broadcast.html").status == 200
        (line,) = agent.log_lines("webrtc_ports_not_bound")
        assert line["level"] == "error" and line["reason"] == words and f"{name}_port" in line["remedy"]
        token = key_for(agent, "early")
        refused = post(agent, "early", token, offer())
        assert words in is_problem(refused, 503, "unavailable")["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        agent.metrics()  # It serves those too.
    # Without an offer that asks for it.
    wait_for(lambda: media(agent)["status"] == "ok", "the port to be bound")
    assert agent.log_lines("webrtc_ports_bound")
    wait_for(lambda: agent.api("GET", "/api/health").json()["status"] == "ok", "health to be well again")
    with publishing(agent, "early", token=token):
        wait_for(lambda: status(agent, "early").get("resolution"), "pictures")
    assert len(agent.log_lines("webrtc_ports_not_bound")) == 1


def test_a_port_that_is_taken_at_one_address(start_agent):
    """The others are used meanwhile."""
    agent = start_agent(settings(), start=False)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        try:
            other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            other.bind(("::1", udp_port(agent)))
        except OSError:
            pytest.skip("there is no IPv6 here")
        agent.start()
        assert "at ::1:" in media(agent)["detail"]
        with publishing(agent, "half"):
            wait_for(lambda: status(agent, "half").get("resolution"), "pictures")


def test_a_certificate_that_cant_be_kept(tmp_path):
    with embedded(tmp_path) as target:
        agent = target.agent
        agent.stop()
        kept = agent.database.parent / "webrtc.pem"
        kept.unlink()
        kept.mkdir()
        agent.start()
        (line,) = agent.log_lines("webrtc_certificate_not_kept")
        assert line["level"] == "warning" and str(kept) in line["reason"] and "room" in line["remedy"]
        assert agent.api("GET", "/api/health").json()["status"] == "ok"
        with publishing(agent, "unkept"):
            wait_for(lambda: status(agent, "unkept").get("resolution"), "pictures")
        kept.rmdir()
