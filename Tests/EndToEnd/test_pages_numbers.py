"""The tabs of numbers: Overview, Analytics and System Health, with charts, gauges, failures and refreshing."""

import datetime
import re

import pytest
from pages import (
    PHONE, answer, browser, context, errors, expect, fits, open_tab, page, screenshot, settle, sign_in, start_stream,
    tokens,
)  # fmt: skip

__all__ = ["browser", "context", "errors", "page", "start_stream", "tokens"]

GIB = 1 << 30
# All that Chart.js drew on a canvas of this name.
DRAWN = """canvas => Chart.getChart(canvas).data.datasets.map(({ label, data }) => [label, data.map(({ y }) => y)])"""
SYSTEM = {
    "cpu_percent": 31.4, "cpu_count": 2, "load": [0.6, 0.5, 0.4], "uptime_seconds": 93784,
    "memory": {"total_bytes": GIB, "used_bytes": GIB // 2, "percent": 50.0},
    "swap": {"total_bytes": 0, "used_bytes": 0, "percent": 0.0},
    "disk": {"total_bytes": 20 * GIB, "used_bytes": 19 * GIB, "percent": 95.0},
    "network": {"received_bytes_per_second": 125000, "sent_bytes_per_second": 2500000},
    "services": [
        {"name": "api", "status": "ok", "detail": None}, {"name": "srs", "status": "down", "detail": "not running"},
    ],
}  # fmt: skip
HEALTH = {
    "status": "degraded", "timestamp": "2026-01-01T00:00:00Z",
    "components": {
        "api": {"status": "ok", "pid": 41, "memory_mb": 11.5},
        "database": {"status": "ok", "size_mb": 5.2},
        "disk": {"status": "degraded", "usage_percent": 95.0, "detail": "recordings have stopped"},
    },
}  # fmt: skip


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def numbers(count=24, step=3600):
    """An answer of /api/analytics: viewers 0, 1, 2, …"""
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    begin = end - datetime.timedelta(seconds=count * step)
    points = [
        {
            "time": text_of(begin + datetime.timedelta(seconds=index * step)), "viewers": index,
            "peak_viewers": 2 * index, "watch_seconds": index * step, "bytes_sent": index * step * 125_000,
        } for index in range(count)
    ]  # fmt: skip
    return {
        "from": text_of(begin), "to": text_of(end), "step_seconds": step, "points": points,
        "totals": {"peak_viewers": 46, "watch_seconds": 993600, "bytes_sent": 124_200_000_000, "sessions": 1234},
        "countries": [{"country": "DE", "watch_seconds": 750}, {"country": "-", "watch_seconds": 250}],
    }  # fmt: skip


def on_air(name, renditions, viewers=3):
    return {
        "active": True, "stream_name": name, "quality": "720p", "bitrate_kbps": 2480, "fps": 30,
        "resolution": "1280x720", "viewers": viewers, "uptime_seconds": 3725, "bytes_sent": 5_000_000,
        "output_lost": False, "no_picture": False, "source": "rtmp", "video_codec": "H.264", "audio_codec": "AAC",
        "peak_viewers": 9, "started_at": "2026-01-01T10:00:00Z", "renditions": renditions,
    }  # fmt: skip


def tile(page, name):
    return page.get_by_role("group", name=name, exact=True)


def test_overview_off_air(page, agent, tokens):
    open_tab(page, agent, tokens["streamer"], "Overview")
    expect(page.get_by_text("Nothing is on air")).to_be_visible()
    expect(tile(page, "Watching now")).to_contain_text("0")
    expect(tile(page, "On air for")).to_contain_text("Off air")
    # An idle server has numbers as well: zeros.
    chart = page.get_by_role("img", name="Viewers, last 24 hours")
    expect(chart).to_be_visible()
    ((label, values),) = chart.evaluate(DRAWN)
    assert label == "Viewers" and len(values) > 1
    page.get_by_role("link", name="Get your stream key").click()
    expect(page.get_by_role("heading", level=1, name="Keys")).to_be_visible()


def test_refreshing_leaves_alone_what_is_the_same(page, agent, tokens):
    """Neither the focus nor what was read aloud is disturbed."""
    page.clock.install()
    sign_in(page, agent, tokens["streamer"])
    page.goto("/dashboard.html")
    link = page.get_by_role("link", name="Get your stream key")
    link.focus()
    page.get_by_text("Off air", exact=True).first.evaluate("badge => { badge.dataset.first = '' }")
    for _ in range(2):
        with page.expect_response("**/api/streams"):
            page.clock.run_for(5_000)
    settle(page)
    expect(link).to_be_focused()
    assert page.locator("[data-first]").count() == 1


def test_overview_on_air(page, agent, tokens, start_stream):
    start_stream("preview")
    sign_in(page, agent, tokens["viewer"])
    answer(page, "/api/streams", {"streams": [on_air("preview", ["src", "480p", "144p"])], "total": 1, "limit": 5})
    answer(page, "/api/analytics", numbers())
    page.goto("/dashboard.html")
    expect(tile(page, "Watching now")).to_contain_text("3")
    expect(tile(page, "On air for")).to_contain_text("1 h 2 min")
    expect(tile(page, "Peak, 24 h")).to_contain_text("46")
    expect(tile(page, "Watched, 24 h")).to_contain_text("276 h")
    for text in ("1280x720, 30 fps", "2.5 Mbit/s", "H.264 and AAC", "Source, 480p, 144p"):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_label("Watch page", exact=True)).to_have_value(f"{agent.url}/?stream=preview")
    # The smallest rendition, without sound, and with pictures.
    video = page.locator("video")
    page.wait_for_function("() => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 5")
    assert video.evaluate("video => [video.videoHeight, video.muted]") == [144, True]
    settle(page)
    screenshot(page, "overview-on-air")
    assert page.get_by_role("img", name="Viewers, last 24 hours").evaluate(DRAWN) == [["Viewers", list(range(24))]]


def test_overview_of_several_streams(page, agent, tokens):
    sign_in(page, agent, tokens["viewer"])
    streams = [on_air("one", ["src"], 1), on_air("two", ["src", "360p"], 2222)]
    answer(page, "/api/streams", {"streams": streams, "total": 2, "limit": 5})
    page.goto("/dashboard.html")
    choice = page.get_by_label("Stream", exact=True)
    expect(choice).to_have_value("one")
    with page.expect_request(re.compile(r"/api/analytics\?.*stream=two")), page.expect_request("**/live/two_360p.m3u8"):
        choice.select_option("two")
    expect(tile(page, "Watching now")).to_contain_text("2,222")


def test_charts_as_tables(page, agent, tokens):
    sign_in(page, agent, tokens["viewer"])
    answer(page, "/api/analytics", numbers())
    page.goto("/dashboard.html")
    page.get_by_text("Show as a table").click()
    table = page.get_by_role("table", name="Viewers, last 24 hours")
    expect(table.get_by_role("row")).to_have_count(25)
    # The newest first.
    expect(table.get_by_role("row").nth(1)).to_contain_text("23")


def test_analytics(page, agent, tokens):
    sign_in(page, agent, tokens["viewer"])
    answer(page, "/api/analytics", numbers())
    page.goto("/dashboard.html#analytics")
    tiles = {"Peak viewers": "46", "Time watched": "276 h", "Data sent": "124 GB", "Viewer sessions": "1,234"}
    for name, text in tiles.items():
        expect(tile(page, name)).to_contain_text(text)
    viewers = page.get_by_role("img", name=re.compile("^Viewers. .*46"))
    assert viewers.evaluate(DRAWN) == [["Average", list(range(24))], ["Peak", list(range(0, 48, 2))]]
    bandwidth = page.get_by_role("img", name=re.compile("^Bandwidth. .*23 Mbit"))
    assert bandwidth.evaluate(DRAWN) == [["Bandwidth", [index * 1_000_000 for index in range(24)]]]
    countries = page.get_by_role("table", name=re.compile("by country"))
    expect(countries.get_by_role("row", name="Germany")).to_contain_text("75 %")
    expect(countries.get_by_role("row", name="Unknown")).to_contain_text("25 %")
    # The agent's own start at least.
    expect(page.get_by_role("table", name="Recent events").get_by_role("row").nth(1)).to_be_visible()


@pytest.mark.parametrize("name, hours", [("1 hour", 1), ("24 hours", 24), ("7 days", 168), ("30 days", 720)])
def test_ranges(page, agent, tokens, name, hours):
    """Against the server itself: it answers each range with points that cover it."""
    open_tab(page, agent, tokens["viewer"], "Analytics")
    settle(page)
    # Another one first, so that each is a change.
    for choice in ("7 days" if hours != 168 else "1 hour", name):
        with page.expect_response(lambda response: "/api/analytics?" in response.url) as got:
            page.get_by_role("radio", name=choice).check()
        settle(page)
    body = got.value.json()
    begin, end = (datetime.datetime.fromisoformat(body[key].replace("Z", "+00:00")) for key in ("from", "to"))
    assert abs((end - begin).total_seconds() - hours * 3600) <= 2 * body["step_seconds"]
    settle(page)
    chart = page.get_by_role("img", name=re.compile("^Viewers"))
    expect(chart).to_be_visible()
    page.wait_for_function(
        "count => Chart.getChart(document.querySelector('canvas')).data.datasets[0].data.length === count",
        arg=len(body["points"]),
    )


def test_health(page, agent, tokens):
    """The server's own numbers."""
    open_tab(page, agent, tokens["viewer"], "System Health")
    settle(page)
    for name in ("CPU", "Memory", "Disk"):
        meter = page.get_by_role("meter", name=name)
        assert 0 <= float(meter.evaluate("meter => meter.value")) <= 100
        expect(meter).to_have_attribute("aria-valuetext", re.compile(r"^\d+ %$"))
    for name in ("Received", "Sent"):
        expect(page.get_by_role("group", name=name)).to_contain_text(re.compile(r"\d bit/s|\d [kMG]bit/s"))
    expect(page.get_by_role("table", name="Services").get_by_role("row", name="API")).to_contain_text("OK")
    components = page.get_by_role("table", name="Components")
    for name in ("API", "Database", "Disk"):
        expect(components.get_by_role("row", name=name)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_health_that_needs_attention(context, agent, tokens, scheme):
    page = context(PHONE, color_scheme=scheme).new_page()
    sign_in(page, agent, tokens["viewer"])
    answer(page, "/api/system", SYSTEM)
    answer(page, "/api/health/detailed", HEALTH)
    page.goto("/dashboard.html#health")
    expect(page.get_by_role("status").filter(has_text="Needs attention: Disk, SRS")).to_be_visible()
    expect(page.get_by_role("row", name="SRS")).to_contain_text("not running")
    expect(page.get_by_role("row", name="Disk")).to_contain_text("recordings have stopped")
    # Not by colour alone.
    expect(page.get_by_text("19 GiB of 20 GiB, nearly full")).to_be_visible()
    expect(page.get_by_role("meter", name="Disk")).to_have_attribute("aria-valuetext", "95 %")
    expect(page.get_by_role("group", name="Sent")).to_contain_text("20 Mbit/s")
    expect(page.get_by_text("1 d 2 h")).to_be_visible()
    assert fits(page)
    screenshot(page, f"health-attention-{scheme}")


def test_health_is_refreshed_only_while_it_is_seen(page, agent, tokens):
    page.clock.install()
    sign_in(page, agent, tokens["viewer"])
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/system" in request.url else None)
    page.goto("/dashboard.html#health")
    settle(page)
    for _ in range(3):
        with page.expect_response("**/api/system"), page.expect_response("**/api/health/detailed"):
            page.clock.run_for(5_000)
        # The next turn is planned when the answers are shown.
        expect(page.get_by_text(re.compile("^Updated "))).to_be_visible()
    look = "isHidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });" \
        " document.dispatchEvent(new Event('visibilitychange')); }"  # fmt: skip
    page.evaluate(look, True)
    before = len(asked)
    page.clock.run_for(600_000)
    assert len(asked) == before
    with page.expect_response("**/api/system"):
        page.evaluate(look, False)
    # Nor is it when another tab is shown.
    page.get_by_role("tab", name="Analytics").click()
    before = len(asked)
    page.clock.run_for(600_000)
    assert len(asked) == before


def test_what_was_shown_stays_when_the_server_fails(page, agent, tokens, errors):
    errors.allow("/api/system", 503)
    page.clock.install()
    sign_in(page, agent, tokens["viewer"])
    answer(page, "/api/system", SYSTEM)
    page.goto("/dashboard.html#health")
    settle(page)
    answer(page, "/api/system", {"type": "urn:putlive:problem:unavailable", "detail": "Away for a moment."}, 503)
    with page.expect_response("**/api/system"):
        page.clock.run_for(5_000)
    note = page.get_by_role("status").filter(has_text="Away for a moment.")
    expect(note).to_contain_text("may be out of date")
    expect(page.get_by_role("meter", name="Disk")).to_have_attribute("aria-valuetext", "95 %")
    answer(page, "/api/system", SYSTEM)
    page.get_by_role("button", name="Try again").click()
    expect(note).to_have_count(0)


def test_without_the_chart_library(page, agent, tokens, errors):
    """As on a host where it was not installed: the numbers are there as a table."""
    errors.allow("/assets/vendor/chart.js", 404)
    page.route("**/vendor/chart.js", lambda route: route.fulfill(status=404, body=""))
    sign_in(page, agent, tokens["viewer"])
    answer(page, "/api/analytics", numbers())
    page.goto("/dashboard.html#analytics")
    expect(page.get_by_role("table", name="Viewers", exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="Bandwidth", exact=True)).to_be_visible()
