"""A show outlasts the login that began it, and a device its permission: what the broadcaster is told then."""

from broadcasting import (
    LONG, agent, browser, go_live, name, on_air, open_studio, state, status, stop, studio, wait_until_sent,
)  # fmt: skip
from pages import OwnRequests, context, errors, expect, page, sign_in, tokens

__all__ = ["agent", "browser", "context", "errors", "name", "page", "studio", "tokens"]

ENDED = "Your login has ended"


def end_login(agent, account):
    assert agent.api("POST", "/api/auth/logout", account.token).status == 200


def test_a_login_that_ends_while_live(context, agent, name, errors):
    """The page stays, viewers notice nothing, and a login in another tab makes all well again."""
    errors.allow("/api/(stream/status|webrtc/probe)", 401)
    account = agent.new_account("streamer")
    tabs = context()
    page = tabs.new_page()
    open_studio(page, agent, account.token)
    go_live(page, name)
    wait_until_sent(page)
    end_login(agent, account)
    note = page.get_by_role("alert").get_by_text(ENDED)
    expect(note).to_be_visible(timeout=LONG)
    expect(state(page)).to_have_text("Live")
    assert on_air(agent, name)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Log in in another tab").click()
    other = opened.value
    other.get_by_label("User name").fill(account.name)
    other.get_by_label("Password", exact=True).fill(account.password)
    other.get_by_role("button", name="Log in").click()
    other.wait_for_url("**/dashboard.html*")
    other.close()
    # Now the page asks with the new token; as one who comes back to it.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(note).to_be_hidden(timeout=LONG)
    connections = page.evaluate("connections.length")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(state(page)).to_have_text("Live", timeout=LONG)
    assert page.evaluate("connections.length") == connections and status(agent, name)["active"]
    stop(page)


def test_stopping_without_a_login(page, agent, name, errors):
    """Then there is nothing to stay for."""
    errors.allow("/api/(stream/status|webrtc/probe)", 401)
    account = agent.new_account("streamer")
    open_studio(page, agent, account.token)
    go_live(page, name)
    end_login(agent, account)
    expect(page.get_by_role("alert").get_by_text(ENDED)).to_be_visible(timeout=LONG)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop Broadcast").click()
    page.wait_for_url("**/login.html?*reason=expired*")
    assert not status(agent, name)["active"]


def test_a_login_that_ends_before(page, agent, errors):
    errors.allow("/api/webrtc/offer", 401)
    account = agent.new_account("streamer")
    own = OwnRequests(page)
    open_studio(page, agent, account.token)
    # The probe of UDP must not be the first to hear of it.
    own.hold(but="webrtc/offer")
    end_login(agent, account)
    page.get_by_role("button", name="Go Live").click()
    page.wait_for_url("**/login.html?*reason=expired*")


def test_a_permission_that_is_taken_back(studio, name):
    """It isn't told as a camera that was unplugged."""
    go_live(studio, name)
    studio.evaluate("""() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
        const [track] = connections.at(-1).getSenders().map((one) => one.track).filter((one) => one?.kind === 'video');
        track.stop();
        track.dispatchEvent(new Event('ended'));
    }""")
    expect(studio.get_by_role("alert").get_by_text("This page may not use the camera")).to_be_visible()
    expect(state(studio)).to_have_text("Live")
    stop(studio)


def test_the_focus_of_a_show_that_ends_by_itself(studio, name, errors):
    """It isn't left on a button that is gone."""
    errors.allow("/api/webrtc/offer", 409)
    go_live(studio, name)
    expect(studio.get_by_role("button", name="Stop Broadcast")).to_be_focused()
    studio.route("**/api/webrtc/offer", lambda route: route.fulfill(status=409, json={"detail": "Another has it."}))
    studio.evaluate("connections.at(-1).close()")
    studio.evaluate("dispatchEvent(new Event('online'))")
    expect(studio.get_by_role("button", name="Go Live")).to_be_focused(timeout=LONG)
