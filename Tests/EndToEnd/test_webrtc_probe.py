"""Whether UDP leads to the agent, asked by hand: STUN (RFC 8489) over a socket, with the credentials of /api/webrtc/probe."""

import binascii
import contextlib
import hashlib
import hmac
import secrets
import socket
import struct

import pytest
from agent import running
from asking import LOOPBACK, is_problem
from offers import attributes, offer
from webrtc import key_for, post, settings, udp_port

MAGIC_COOKIE = 0x2112A442
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME, INTEGRITY, XOR_MAPPED_ADDRESS, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x8028


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    with running(tmp_path_factory.mktemp("probe"), settings()) as one:
        yield one


def probe(agent):
    answer = agent.api("GET", "/api/webrtc/probe", agent.token)
    assert answer.status == 200, answer.text
    return answer.json()


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def head(kind, length, transaction):
    return struct.pack("!HHI", kind, length, MAGIC_COOKIE) + transaction


def sealed(kind, body, password, transaction):
    """A message with MESSAGE-INTEGRITY and FINGERPRINT (sections 14.5 and 14.7)."""
    code = hmac.new(password.encode(), head(kind, len(body) + 24, transaction) + body, hashlib.sha1).digest()
    body += attribute(INTEGRITY, code)
    check = binascii.crc32(head(kind, len(body) + 8, transaction) + body) ^ 0x5354554E
    return head(kind, len(body) + 8, transaction) + body + attribute(FINGERPRINT, struct.pack("!I", check))


def check(ufrag, password, transaction=None):
    """The least that a check can be."""
    return sealed(REQUEST, attribute(USERNAME, f"{ufrag}:".encode()), password, transaction or secrets.token_bytes(12))


def asked(agent, packets, waits=5):
    """The first answer to these packets, and where they came from; None if nothing comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((LOOPBACK, 0))
        one.settimeout(waits)
        for packet in packets:
            one.sendto(packet, (LOOPBACK, udp_port(agent)))
        with contextlib.suppress(TimeoutError):
            return one.recv(2048), one.getsockname()
    return None


def test_a_check_is_answered(agent):
    given = probe(agent)
    assert given["udp_port"] == udp_port(agent)
    candidates = [one.split() for one in given["candidates"]]
    assert [LOOPBACK, str(udp_port(agent))] in [one[4:6] for one in candidates]
    assert all(one[2] == "udp" for one in candidates)
    transaction = secrets.token_bytes(12)
    packet = check(given["ice_ufrag"], given["ice_pwd"], transaction)
    answer, (address, port) = asked(agent, [packet])
    host = int.from_bytes(socket.inet_aton(address), "big") ^ MAGIC_COOKIE
    mapped = attribute(XOR_MAPPED_ADDRESS, struct.pack("!HHI", 1, port ^ (MAGIC_COOKIE >> 16), host))
    assert answer == sealed(SUCCESS, mapped, given["ice_pwd"], transaction)
    assert len(answer) < len(packet), "it would be worth sending with a forged address"


def test_strangers_get_nothing(agent):
    given = probe(agent)
    ufrag, password = given["ice_ufrag"], given["ice_pwd"]
    # The one after it is answered alone, for it has another transaction.
    strangers = [
        check(ufrag, password[::-1]),
        check(ufrag[:5] + "7fffffff" + ufrag[13:], password),
        check(ufrag[:-1] + ("a" if ufrag[-1] != "a" else "b"), password),
        check("probe", password),
        check(ufrag, password)[:-8],
        # As after the handshake that never comes.
        b"\x16\xfe\xfd" + bytes(60),
        b"\x80\x66" + bytes(60),
    ]
    transaction = secrets.token_bytes(12)
    answer, _ = asked(agent, [*strangers, check(ufrag, password, transaction)])
    assert answer[8:20] == transaction


def test_a_session_is_no_probe(agent):
    """The name of the one with the password of the other is neither."""
    given, token = probe(agent), key_for(agent, "own")
    begun = post(agent, "own", token, offer())
    (ufrag,), (password,) = (set(attributes(begun.text, name)) for name in ("ice-ufrag", "ice-pwd"))
    transaction = secrets.token_bytes(12)
    packets = [check(ufrag, given["ice_pwd"]), check(given["ice_ufrag"], password), check(ufrag, password, transaction)]
    answer, _ = asked(agent, packets)
    assert answer[8:20] == transaction
    assert agent.api("DELETE", begun.headers["Location"], token).status == 200


def test_not_over_tcp(agent):
    """What it is to tell is whether UDP gets through: there it counts as a stranger, who is sent away before long."""
    given = probe(agent)
    packet = check(given["ice_ufrag"], given["ice_pwd"])
    port = agent.settings["streaming"]["webrtc"]["tcp_port"]
    with socket.create_connection((LOOPBACK, port), timeout=15) as connection:
        connection.sendall(struct.pack("!H", len(packet)) + packet)
        assert connection.recv(1) == b""


def test_nothing_is_kept(agent):
    before = agent.metrics()
    for _ in range(200):
        given = probe(agent)
    assert asked(agent, [check(given["ice_ufrag"], given["ice_pwd"])])
    after = agent.metrics()
    for state in ("connecting", "connected"):
        name = f'putlive_webrtc_sessions_active{{state="{state}"}}'
        assert after[name] == before[name] == 0


def test_who_may(agent, tmp_path):
    is_problem(agent.api("GET", "/api/webrtc/probe"), 401, "unauthorized")
    viewer = agent.new_account("viewer").token
    is_problem(agent.api("GET", "/api/webrtc/probe", viewer), 403, "forbidden")
    with running(tmp_path, {"streaming.webrtc.enabled": "false"}) as off:
        is_problem(off.api("GET", "/api/webrtc/probe", off.token), 404, "not-found")
