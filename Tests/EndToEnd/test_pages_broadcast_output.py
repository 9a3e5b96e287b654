"""What the page and the dashboard say while the media server is away: the picture arrives, and nobody sees it."""

import pytest
from broadcasting import (
    LONG, browser, go_live, name, on_air, state, status, stop, studio, wait_until_sent,
)  # fmt: skip
from pages import context, errors, expect, open_tab, page, screenshot, tokens
from webrtc import into_nginx

__all__ = ["browser", "context", "errors", "name", "page", "studio", "tokens"]


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with into_nginx(tmp_path_factory.mktemp("agent")) as one:
        yield one


@pytest.fixture(scope="module")
def agent(target):
    return target.agent


def test_a_media_server_that_is_away(studio, context, target, agent, tokens, name):
    target.server.kill()
    go_live(studio, name)
    wait_until_sent(studio)
    note = studio.get_by_role("alert").get_by_text("Viewers don't see you right now")
    expect(note).to_be_visible(timeout=LONG)
    expect(state(studio)).to_have_text("Live")
    screenshot(studio, "broadcast-output-lost")
    assert on_air(agent, name)["output_lost"] is True

    dashboard = context().new_page()
    open_tab(dashboard, agent, tokens["viewer"], "Overview")
    expect(dashboard.get_by_text("Not right now")).to_be_visible()
    dashboard.close()
    dashboard = context().new_page()
    open_tab(dashboard, agent, tokens["streamer"], "Broadcast")
    row = dashboard.get_by_role("row", name=name)
    expect(row.get_by_text("Not passed on")).to_be_visible()
    screenshot(dashboard, "dashboard-broadcast-output-lost")

    target.server.start()
    expect(note).to_be_hidden(timeout=LONG)
    assert status(agent, name)["output_lost"] is False
    expect(row.get_by_text("Not passed on")).to_have_count(0)
    stop(studio)
