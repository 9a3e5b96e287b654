"""System Health for admins: how true the host is to its config, in words; differences as text; who sees it."""

import time

import pytest
from drift import DAY, moment, report
from pages import (
    DESKTOP, PHONE, SMALL_PHONE, answer, browser, context, errors, expect, fits, open_tab, page, screenshot, settle,
    sign_in, tokens,
)  # fmt: skip

__all__ = ["browser", "context", "errors", "page", "tokens"]

DIFFERENCES = [
    {
        "kind": "content", "subject": "/etc/nginx/nginx.conf", "detail": "has another content", "cause": "edited",
        "outcome": "report",
        "diff": "@@ -12,3 +12,3 @@\n events {\n-    worker_connections 512;\n+    worker_connections 4096;\n }\n",
    },
    {
        "kind": "mode", "subject": "/etc/systemd/system/putlive-ffmpeg-cleanup.service",
        "detail": "has mode 0600 and should have 0644", "cause": "edited", "outcome": "repair", "diff": None,
    },
    {
        "kind": "unit", "subject": "fail2ban.service", "detail": "isn't active", "cause": "stopped",
        "outcome": "repair", "diff": None,
    },
    {
        "kind": "unit", "subject": "srs.service", "detail": "needs to be restarted: streaming.rtmp_port has changed",
        "cause": "config_changed", "outcome": "wait", "diff": None,
    },
]  # fmt: skip
FAILURE = {
    "stage": "native_checks",
    "message": "nginx -t refuses /etc/nginx/nginx.conf:\nunknown directive \"srever\" in line 40\n"
    "mend the template, then run putlive-agent reconcile --apply",
}  # fmt: skip
UNITS = [
    {"name": name, "state": state, "healthy": state == "active", "restarts": restarts, "gave_up": gave_up}
    for name, state, restarts, gave_up in [
        ("srs.service", "active", 0, False), ("putlive-agent.service", "active", 1, False),
        ("nginx.service", "active", 0, False), ("fail2ban.service", "inactive", 0, False),
        ("prometheus-node-exporter.service", "failed", 5, True), ("run-putlive\\x2dhls.mount", "active", 0, False),
        ("grafana-server.service", "not-installed", 0, False),
    ]
]  # fmt: skip


def bad():
    """A host with everything amiss."""
    return report(
        result="failed",
        failure=FAILURE,
        consecutive_failures=3,
        last_success_at=moment(time.time() - 900),
        duration_seconds=2.4,
        differences=DIFFERENCES,
        repaired=[dict(DIFFERENCES[1], subject="/etc/putlive/config.yaml")],
        pending_restarts=[
            {"unit": "srs.service", "reason": "streaming.rtmp_port has changed", "since": moment(time.time() - 600)}
        ],
        units=UNITS,
        notes=["grafana isn't installed: its files are written, and used once it is"],
        certificate={
            "self_signed": True,
            "not_after": moment(time.time() + 3_650 * DAY),
            "names": ["stream.example.com", "localhost"],
            "problem": "/etc/letsencrypt/live/stream.example.com/fullchain.pem isn't there: run certbot",
        },
    )


def show(page, agent, tokens, body):
    sign_in(page, agent, tokens["admin"])
    answer(page, "/api/drift", body)
    page.goto("/dashboard.html#health")
    settle(page)


def card(page, name):
    return page.locator(".card").filter(has=page.get_by_role("heading", name=name, exact=True))


def test_a_host_in_order(page, agent, tokens):
    show(page, agent, tokens, report(result="applied", repaired=DIFFERENCES[1:3]))
    config = card(page, "Host and config")
    expect(config).to_contain_text("Applied")
    expect(config).to_contain_text("The host is as config.yaml says.")
    expect(config).to_contain_text("took 48 ms")
    expect(config).to_contain_text("7, applied")
    expect(config.get_by_text("has mode 0600")).to_be_hidden()
    config.get_by_text("2 differences repaired by the last reconcile").click()
    expect(config.get_by_text("has mode 0600")).to_be_visible()
    expect(config.get_by_text("Repaired", exact=True)).to_have_count(2)
    certificate = card(page, "Certificate")
    expect(certificate).to_contain_text("Configured")
    expect(certificate).to_contain_text("60 days left")
    for name in ("stream.example.com", "www.stream.example.com"):
        expect(certificate.get_by_text(name, exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="Units").get_by_role("row", name="nginx")).to_contain_text("Active")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_host_with_everything_amiss(context, agent, tokens, scheme, viewport):
    page = context(viewport, color_scheme=scheme).new_page()
    show(page, agent, tokens, bad())
    config = card(page, "Host and config")
    expect(config).to_contain_text("Failed")
    expect(config).to_contain_text("Checking with the services' own tools failed 3 times in a row.")
    expect(config).to_contain_text('unknown directive "srever" in line 40')
    expect(config).to_contain_text("srs.service is restarted when the stream has ended")
    expect(config.get_by_role("heading", name="4 differences")).to_be_visible()
    for text, times in [
        ("Changed on the host by another hand.", 2), ("Stopped or disabled by another hand.", 1),
        ("config.yaml has changed since it was applied.", 1), ("Left to you", 1), ("To be repaired", 2),
        ("Waits for the stream to end", 1),
    ]:  # fmt: skip
        expect(config.get_by_role("list").first.get_by_text(text, exact=True)).to_have_count(times)
    # Its differences are there when asked for.
    diff = config.get_by_role("region", name="Differences of /etc/nginx/nginx.conf")
    expect(diff).to_be_hidden()
    config.get_by_text("Show what differs").click()
    # What is copied of it is the diff, to the blank.
    assert diff.inner_text() + "\n" == DIFFERENCES[0]["diff"]
    assert diff.locator(".diff-removed").all_inner_texts() == ["-    worker_connections 512;"]
    assert diff.locator(".diff-added").all_inner_texts() == ["+    worker_connections 4096;"]
    config.get_by_text("1 note").click()
    expect(card(page, "Certificate")).to_contain_text("Self-signed")
    expect(card(page, "Certificate")).to_contain_text("run certbot")
    units = page.get_by_role("table", name="Units")
    expect(units.get_by_role("row", name="prometheus-node-exporter")).to_contain_text("Given up")
    expect(units.get_by_role("row", name="grafana-server")).to_contain_text("Not installed")
    expect(units.get_by_role("row", name="/run/putlive-hls")).to_contain_text("Active")
    assert fits(page)
    screenshot(page, f"drift-{viewport['width']}-{scheme}")


@pytest.mark.parametrize("viewport", [SMALL_PHONE, {"width": 800, "height": 740}], ids=["phone", "tablet"])
def test_nothing_sticks_out(context, agent, tokens, viewport):
    page = context(viewport).new_page()
    show(page, agent, tokens, bad())
    card(page, "Host and config").get_by_text("Show what differs").click()
    assert fits(page)


def test_an_opened_diff_stays_open(page, agent, tokens):
    """The next run changes what it has to, and nothing that somebody is reading."""
    page.clock.install()
    show(page, agent, tokens, report(result="drift", differences=DIFFERENCES[:1]))
    config = card(page, "Host and config")
    config.get_by_text("Show what differs").click()
    diff = config.get_by_role("region", name="Differences of /etc/nginx/nginx.conf")
    expect(diff).to_be_visible()
    answer(page, "/api/drift", report(result="drift", differences=DIFFERENCES[:1], generation=8, duration_seconds=3))
    with page.expect_response("**/api/drift"):
        page.clock.run_for(10_000)
    expect(config).to_contain_text("8, applied")
    expect(diff).to_be_visible()
    answer(page, "/api/drift", report())
    with page.expect_response("**/api/drift"):
        page.clock.run_for(10_000)
    expect(diff).to_have_count(0)
    expect(config).to_contain_text("In order")


def test_a_long_diff_is_cut(page, agent, tokens):
    long = dict(DIFFERENCES[0], diff="".join(f"-line {number}\n" for number in range(1_000)))
    show(page, agent, tokens, report(result="drift", differences=[long]))
    page.get_by_text("Show what differs").click()
    expect(page.locator(".diff span")).to_have_count(300)
    expect(page.get_by_text("700 more lines")).to_be_visible()


def test_a_certificate_that_expires(page, agent, tokens):
    certificate = report()["report"]["certificate"]
    for days, words in [(-1, "expired"), (1.5, "1 day left"), (13.5, "13 days left")]:
        end = moment(time.time() + days * DAY)
        show(page, agent, tokens, report(certificate=dict(certificate, not_after=end)))
        expect(card(page, "Certificate")).to_contain_text(words)
    show(page, agent, tokens, report(certificate=None))
    expect(card(page, "Host and config")).to_be_visible()
    expect(card(page, "Certificate")).to_be_hidden()


def test_without_a_report(page, agent, tokens):
    """The agent of these tests is a laptop's."""
    open_tab(page, agent, tokens["admin"], "System Health")
    settle(page)
    expect(card(page, "Host and config")).to_contain_text("role local isn't reconciled")
    expect(card(page, "Certificate")).to_have_count(0)


def test_a_report_that_comes_and_goes(page, agent, tokens):
    page.clock.install()
    nothing = {"available": False, "reason": "No reconcile has ended since the host started.", "report": None}
    show(page, agent, tokens, nothing)
    for body, words in [(report(), "In order"), (nothing, "No reconcile has ended"), (report(), "In order")]:
        answer(page, "/api/drift", body)
        with page.expect_response("**/api/drift"):
            page.clock.run_for(10_000)
        expect(card(page, "Host and config")).to_have_count(1)
        expect(card(page, "Host and config")).to_contain_text(words)


def test_a_failure_leaves_the_rest_of_the_page(page, agent, tokens, errors):
    errors.allow("/api/drift", 503)
    sign_in(page, agent, tokens["admin"])
    answer(page, "/api/drift", {"type": "urn:putlive:problem:unavailable", "detail": "Away for a moment."}, 503)
    page.goto("/dashboard.html#health")
    expect(page.get_by_text("Away for a moment.")).to_be_visible()
    expect(page.get_by_role("table", name="Components")).to_be_visible()
    answer(page, "/api/drift", report())
    page.get_by_role("button", name="Try again").click()
    expect(card(page, "Host and config")).to_contain_text("In order")


@pytest.mark.parametrize("role", ["streamer", "viewer"])
def test_others_neither_see_nor_ask_for_it(page, agent, tokens, role):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/drift" in request.url else None)
    open_tab(page, agent, tokens[role], "System Health")
    settle(page)
    expect(page.get_by_role("table", name="Components")).to_be_visible()
    expect(card(page, "Host and config")).to_have_count(0)
    assert asked == []
