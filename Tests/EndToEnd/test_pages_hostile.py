"""Texts that would be code if a page took them for HTML, in every place where a text of somebody else's is shown."""

from urllib.parse import urlencode

import pytest
from pages import answer, browser, context, errors, expect, fits, page, settle, sign_in, tokens

__all__ = ["browser", "context", "errors", "page", "tokens"]

# Each would run `hit()` if it were read as HTML, an attribute or an address.
HOSTILE = [
    "<img src=x onerror=hit()>",
    "<script>hit()</script>",
    "\"><svg onload=hit()>",
    "' onfocus=hit() autofocus '",
    "javascript:hit()",
    "{{constructor.constructor('hit()')()}}",
    "</title><script>hit()</script>",
    "\u202eevil\u0000\u2028<b>",
]
COUNT_HITS = "globalThis.hits = 0; globalThis.hit = () => { globalThis.hits += 1; };"
TIME = "2026-01-01T00:00:00Z"


def answers(text):
    """What the API could say, with `text` wherever it says a text."""
    user = {"id": text, "username": text, "role": text, "disabled": False, "created_at": text, "last_login_at": text}
    key = {
        "id": text, "user_id": text, "username": text, "stream": text, "label": text, "created_at": TIME,
        "expires_at": text, "revoked_at": None, "last_used_at": text, "status": "active",
    }  # fmt: skip
    difference = {
        "kind": text, "subject": text, "detail": text, "cause": text, "outcome": text, "diff": f"-{text}\n+{text}\n",
    }  # fmt: skip
    return {
        "/api/auth/me": {"user": {"id": "me", "username": text, "role": "admin"}, "expires_at": TIME},
        "/api/users": {"users": [user], "total": 1},
        "/api/keys": {"keys": [key], "total": 1},
        "/api/keys/[^/]+": key | {"rtmp_server": text, "stream_key": text},
        "/api/analytics/events": {
            "events": [{"id": 1, "time": text, "kind": text, "stream": text, "detail": text}], "total": 1,
        },
        "/api/analytics": {
            "from": TIME, "to": "2026-01-02T00:00:00Z", "step_seconds": 3600,
            "points": [{"time": TIME, "viewers": 1, "peak_viewers": 1, "watch_seconds": 1, "bytes_sent": 1}],
            "totals": {"peak_viewers": text, "watch_seconds": text, "bytes_sent": text, "sessions": text},
            "countries": [{"country": text, "watch_seconds": 1}],
        },
        "/api/streams": {
            "streams": [{
                "active": True, "stream_name": name, "quality": text, "bitrate_kbps": text, "fps": text,
                "resolution": text, "viewers": text, "uptime_seconds": text, "bytes_sent": text, "source": text,
                "output_lost": text, "no_picture": text,
                "video_codec": text, "audio_codec": text, "peak_viewers": text, "started_at": text,
                "renditions": [text],
            } for name in (text, "other")],
            "total": 2, "limit": 5,
        },
        "/api/health/detailed": {
            "status": text, "timestamp": text, "components": {text: {"status": text, "detail": text, "pid": text}},
        },
        "/api/system": {
            "cpu_percent": text, "cpu_count": text, "load": [text], "uptime_seconds": text,
            "memory": {"total_bytes": text, "used_bytes": text, "percent": text},
            "swap": {"total_bytes": text, "used_bytes": text, "percent": text},
            "disk": {"total_bytes": text, "used_bytes": text, "percent": text},
            "network": {"received_bytes_per_second": text, "sent_bytes_per_second": text},
            "services": [{"name": text, "status": text, "detail": text}],
        },
        "/api/drift": {
            "available": True, "reason": None,
            "report": {
                "result": text, "started_at": text, "ended_at": text, "duration_seconds": text,
                "last_success_at": text, "consecutive_failures": text, "generation": 1, "generation_applied_at": text,
                "tool_version": text, "failure": {"stage": text, "message": text},
                "differences": [difference], "repaired": [difference],
                "pending_restarts": [{"unit": text, "reason": text, "since": text}],
                "units": [{"name": text, "state": text, "healthy": text, "restarts": text, "gave_up": False}],
                "notes": [text],
                "certificate": {"self_signed": False, "not_after": text, "names": [text], "problem": text},
            },
        },
    }  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(context, agent, tokens, errors, text):
    # The hostile stream's own playlist isn't there.
    errors.allow(r"/.*m3u8.*", 404)
    page = context({"width": 360, "height": 740}).new_page()
    page.add_init_script(COUNT_HITS)
    page.on("dialog", lambda dialog: pytest.fail("a dialog"))
    sign_in(page, agent, tokens["admin"])
    for path, body in answers(text).items():
        answer(page, path, body)
    page.goto("/dashboard.html")
    for name in ("Overview", "Analytics", "System Health", "Keys", "Users"):
        page.get_by_role("tab", name=name).click()
        settle(page)
        expect(page.get_by_text("Try again")).to_have_count(0)
        assert fits(page), name
    page.get_by_role("button", name="Edit").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Keys").click()
    page.get_by_role("button", name="OBS settings").click()
    expect(page.get_by_label("Server", exact=True)).to_be_visible()
    assert page.evaluate("hits") == 0
    assert page.locator("img[src='x'], b, script:not([src])").count() == 0


def test_errors_stay_texts(page, errors):
    errors.allow("/api/auth/login", 422)
    page.add_init_script(COUNT_HITS)
    page.goto("/login.html")
    for text in HOSTILE:
        problem = {"type": text, "title": text, "detail": text, "errors": [{"field": text, "message": text}]}
        answer(page, "/api/auth/login", problem, 422)
        page.get_by_label("User name").fill(text)
        page.get_by_label("Password", exact=True).fill("a-password")
        with page.expect_response("**/api/auth/login"):
            page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).not_to_be_empty()
        assert page.evaluate("hits") == 0


def test_names_in_the_address_stay_texts(page):
    page.add_init_script(COUNT_HITS)
    page.on("request", lambda request: pytest.fail("asked for") if "/live/" in request.url else None)
    for text in HOSTILE:
        page.goto("/?" + urlencode({"stream": text}))
        expect(page.get_by_text("There is no such stream")).to_be_visible()
        assert page.evaluate("hits") == 0
