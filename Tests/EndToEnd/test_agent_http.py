"""What goes over the wire: malformed requests, limits, fields of every answer."""

import contextlib
import re
import struct
from pathlib import Path

import pytest
from asking import is_problem

LOGIN, ME = "/api/auth/login", "/api/auth/me"
NGINX = (Path(__file__).resolve().parents[2] / "templates/etc/nginx/nginx.conf.mustache").read_text(encoding="utf-8")
SECURITY = dict(re.findall(r'^ {8}add_header ([A-Za-z-]+) "?([^"\n]+?)"? always;$', NGINX, re.M))
# What is refused before anything is asked for.
BAD_JSON = {
    "nothing": b"",
    "blanks": b"  \n",
    "a brace": b"{",
    "a word": b"nul",
    "a quote": b'"',
    "single quotes": b"{'username':'a'}",
    "a comma": b'{"username":"a",}',
    "no colon": b'{"username" "a"}',
    "a comment": b'{"username":"a"/* */}',
    "two values": b"{}{}",
    "rest": b'{"username":"a","password":"b"}x',
    "not UTF-8": b'{"username":"\xff\xfe","password":"b"}',
    "UTF-16": '{"username":"a","password":"b"}'.encode("utf-16-le"),
    "half a surrogate": rb'{"username":"\ud800","password":"b"}',
    "a control character": b'{"username":"a\x01","password":"b"}',
    "a wrong escape": rb'{"username":"\x41","password":"b"}',
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"1e999",
    "null": b"null",
    "depth": b"[" * 60_000,
    "depth of objects": b'{"a":' * 10_000,
    "a long number": b'{"username":' + b"9" * 60_000 + b"}",
}


def head(method="GET", path=ME, *lines, version="HTTP/1.1"):
    return "\r\n".join([f"{method} {path} {version}", "Host: localhost", "Connection: close", *lines, "", ""]).encode()


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json(agent, name):
    answer = agent.api("POST", LOGIN, data=BAD_JSON[name], headers={"Content-Type": "application/json"})
    # Some readers take these: then it is a name that nobody has.
    if name in ("half a surrogate", "UTF-16") and answer.status == 401:
        return
    is_problem(answer, answer.status, {400: "invalid-json", 422: "invalid"}[answer.status])


def test_json_as_it_may_be_written(agent):
    name, password = agent.admin_name, agent.admin_password
    escaped = "".join(f"\\u{ord(character):04x}" for character in name)
    for body in (
        f'\r\n\t {{ "password" : "{password}" , "username":"{name}" }} \n',
        f'{{"username":"{escaped}","password":"{password}","other":[1,2.5e3,null,{{"a":true}}]}}',
    ):
        answer = agent.api(
            "POST", LOGIN, data=body.encode(), headers={"Content-Type": "application/json; charset=utf-8"}
        )
        assert answer.status == 200, answer.text
        agent.secrets.add(answer.json()["token"])


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", "application/jsonx", ""],
)
def test_other_media_types(agent, kind):
    """A form of another site's sends these without a preflight."""
    headers = {} if kind is None else {"Content-Type": kind}
    is_problem(
        agent.api("POST", LOGIN, data=b'{"username":"a","password":"b"}', headers=headers),
        415,
        "unsupported-media-type",
    )


@pytest.mark.parametrize("path", [LOGIN, "/api/users", "/api/keys", "/api/auth/password"])
def test_bodies_that_are_too_large(agent, path):
    token = None if path == LOGIN else agent.token
    large = b'{"username":"' + b"a" * (2 << 20) + b'"}'
    auth = [f"Authorization: Bearer {token}"] if token else []
    answer = agent.send(
        head("POST", path, "Content-Type: application/json", f"Content-Length: {len(large)}", *auth) + large
    )
    is_problem(answer, 413, "too-large")
    # Told before it is sent.
    answer = agent.send(head("POST", path, "Content-Type: application/json", "Content-Length: 99999999999", *auth))
    is_problem(answer, 413, "too-large")


def test_a_chunked_body_has_an_end(agent):
    chunks = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    is_problem(agent.send(head("POST", LOGIN, *lines) + chunks * 64), 413, "too-large")
    body = f'{{"username":"{agent.admin_name}","password":"{agent.admin_password}"}}'.encode()
    parts = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in body) + b"0\r\n\r\n"
    answer = agent.send(head("POST", LOGIN, *lines) + parts)
    assert answer.status == 200
    agent.secrets.add(answer.json()["token"])


def test_a_body_where_none_is_wanted(agent):
    for method in ("GET", "DELETE"):
        assert agent.api(method, "/api/nothing", data=b"x" * 1000).status == 404
    assert agent.api("GET", ME, agent.token, data=b"x" * 100_000).status in (200, 400, 413)
    assert agent.api("POST", "/api/auth/logout", agent.login(), data=b"not json").status == 200


MALFORMED = {
    "noise": bytes(range(256)),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a method of blanks": b"  /api/health HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /api/health\r\n\r\n",
    "another version": b"GET /api/health HTTP/9.9\r\nHost: x\r\n\r\n",
    "a NUL in the path": b"GET /api/\x00health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank in the path": b"GET /api/ health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank before the colon": b"GET /api/health HTTP/1.1\r\nHost : x\r\n\r\n",
    "a folded line": b"GET /api/health HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\nConnection: close\r\n\r\n",
    "a field without name": b"GET /api/health HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n",
    "a field without colon": b"GET /api/health HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n",
    "two lengths": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a length below zero": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
    "a length in words": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n{}",
    "length and chunks": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk that is none": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n",
    "a chunk past all numbers": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "an unknown coding": b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n{}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests(agent, name):
    """Refused, or the connection closed; never a good answer to what two readers would read in two ways."""
    answer = agent.send(MALFORMED[name])
    if name == "a folded line":
        assert answer is None or answer.status in (200, 400)
    else:
        assert answer is None or 400 <= answer.status <= 505, answer.text
    assert agent.api("GET", "/api/health").status == 200


@pytest.mark.parametrize("size", [20_000, 100_000, 1_000_000])
@pytest.mark.parametrize("where", ["path", "field", "fields", "name"])
def test_heads_that_are_too_large(agent, where, size):
    request = {
        "path": lambda: head("GET", "/api/health?" + "a" * size),
        "field": lambda: head("GET", "/api/health", "X-Long: " + "a" * size),
        "fields": lambda: head("GET", "/api/health", *(f"X-{n}: a" for n in range(size // 10))),
        "name": lambda: head("GET", "/api/health", "X" * size + ": a"),
    }[where]()
    answer = agent.send(request)
    limit = size >= 100_000
    assert answer is None or answer.status in (400, 413, 414, 431) or (not limit and answer.status == 200), answer.text
    assert agent.api("GET", "/api/health").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/health/",
        "/api//health",
        "/api/health/detailed/more",
        "/API/health",
        "/api/health%00",
        "/api/webrtc",
        "/api/webrtc/nothing",
        "/whip",
        "/whip/session/one/more",
        "/api/videos",
        "/api/videos/upload",
        "/api/schedule",
        "/api/stream/start",
        "/api/stream/stop",
        "/nothing",
        "/nothing.html",
        "/metrics/",
        "/api/srs",
        "/api/srs/on_nothing",
    ],
)
def test_paths_that_are_not_there(agent, path):
    is_problem(agent.api("GET", path, agent.token), 404, "not-found")


METHODS = {
    "/api/health": "GET HEAD",
    "/health": "GET HEAD",
    LOGIN: "POST",
    "/api/streams": "GET",
    "/metrics": "GET",
    "/api/users": "GET POST",
    "/api/users/x": "DELETE GET PATCH",
    "/api/keys/x": "DELETE GET",
    "/api/openapi.json": "GET",
}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "WHATEVER"])
@pytest.mark.parametrize("path", METHODS)
def test_other_methods(agent, path, method):
    allowed = METHODS[path].split()
    if method in allowed:
        return
    for token in (None, agent.token):
        answer = agent.api(method, path, token)
        # What isn't a method of any standard isn't read at all.
        if method == "WHATEVER" and answer.status == 400:
            return
        is_problem(answer, 405, "method-not-allowed")
        assert set(allowed) <= set(re.split(r",\s*", answer.headers["Allow"])) <= {*allowed, "HEAD", "OPTIONS"}


def test_pages_have_methods_too(agent):
    for path in ("/", "/login.html", "/live/stream.m3u8"):
        answer = agent.api("POST", path, json={})
        is_problem(answer, answer.status, {404: "not-found", 405: "method-not-allowed"}[answer.status])


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/", 200),
        ("GET", "/login.html", 200),
        ("GET", "/dashboard.html", 200),
        ("GET", "/nothing", 404),
        ("GET", "/live/x.m3u8", 404),
        ("GET", "/api/health", 200),
        ("GET", ME, 401),
        ("POST", LOGIN, 415),
        ("DELETE", LOGIN, 405),
        ("GET", "/api/nothing", 404),
        ("GET", "/metrics", 200),
        ("GET", "/api/openapi.json", 200),
        ("POST", "/api/srs/on_play", 403),
    ],
)
def test_fields_of_every_answer(agent, method, path, status):
    answer = agent.api(method, path)
    assert answer.status == status or path.startswith("/api/srs/")
    # The same as nginx's, which hides the agent's.
    assert len(SECURITY) == 5
    for name, value in SECURITY.items():
        if answer.headers["Content-Type"].startswith("text/html"):
            assert answer.headers.get_all(name) == [value], name
        else:
            # What is no page needs no more than that it is none.
            assert answer.headers.get_all(name) in (None, [value], ["default-src 'none'; frame-ancestors 'none'"]), name
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] is None
    assert len(answer.headers.get_all("X-Request-Id")) == 1
    if path.startswith("/api/") and path != "/api/openapi.json":
        assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_request_ids_differ(agent):
    ids = [agent.api("GET", "/api/health").headers["X-Request-Id"] for _ in range(20)]
    assert len(set(ids)) == 20 and all(re.fullmatch(r"[\w-]{8,64}", id) for id in ids)


def test_a_connection_takes_many_requests(agent):
    one = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /api/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with agent.connect() as connection:
        connection.sendall(one * 20 + last)
        text = b""
        while piece := connection.recv(65536):
            text += piece
    assert re.findall(rb"HTTP/1\.1 (\d+)", text) == [b"200"] * 20 + [b"404"]


def test_what_follows_an_unread_body_is_no_request(agent):
    """The rest of a body that was refused isn't taken for a request."""
    smuggled = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    body = smuggled * 4000
    request = (
        b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    answer = agent.send(request + body)
    is_problem(answer, 413, "too-large")
    # It is closed long before the 30 s of a connection that nobody uses.
    with agent.connect(seconds=10) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(request + body)
        text = b""
        while piece := connection.recv(65536):
            text += piece
            assert b"openapi" not in text and text.count(b"HTTP/1.1 ") == 1


def test_connections_that_are_reset(agent):
    for count in range(50):
        connection = agent.connect()
        connection.sendall(head("GET", "/api/openapi.json")[: 10 + count * 3])
        connection.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER: close resets
        connection.close()
    assert agent.api("GET", "/api/health").status == 200
