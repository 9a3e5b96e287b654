"""The tab of stream keys: create, the OBS settings to copy, revoke."""

import pytest
from pages import browser, context, errors, expect, fits, open_tab, page, screenshot, sign_in, tokens, unique

__all__ = ["browser", "context", "errors", "page", "tokens"]


@pytest.fixture
def owner(agent):
    """A streamer without keys."""
    return agent.new_account("streamer")


@pytest.fixture
def keys(context, agent, owner):
    """The owner's page at this tab."""
    page = context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    open_tab(page, agent, owner.token, "Keys")
    return page


def create(page, stream, label="", expires=None):
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog", name="New stream key")
    dialog.get_by_label("Stream name").fill(stream)
    dialog.get_by_label("Label").fill(label)
    if expires:
        dialog.get_by_label("Expires").select_option(label=expires)
    dialog.get_by_role("button", name="Create key").click()
    return dialog


def stored(agent, owner):
    return agent.api("GET", "/api/keys", owner.token).json()["keys"]


def test_none_yet(keys):
    expect(keys.get_by_text("No stream keys yet")).to_be_visible()
    screenshot(keys, "keys-none")


def test_create_shows_the_settings_of_obs(keys, agent, owner):
    label = unique("studio")
    create(keys, "show-1", label)
    dialog = keys.get_by_role("dialog", name="OBS settings")
    expect(dialog).to_be_visible()
    (key,) = stored(agent, owner)
    full = agent.api("GET", f"/api/keys/{key['id']}", owner.token).json()
    assert (key["stream"], key["label"], key["expires_at"]) == ("show-1", label, None)

    expect(dialog.get_by_label("Server", exact=True)).to_have_value(full["rtmp_server"])
    # Veiled until asked for.
    field = dialog.get_by_label("Stream Key", exact=True)
    expect(field).not_to_have_value(full["stream_key"])
    screenshot(keys, "keys-obs")
    dialog.get_by_role("button", name="Show Stream Key").click()
    expect(field).to_have_value(full["stream_key"])
    for text in ("Custom", "Keyframe interval", "2 s", "CBR", "zerolatency"):
        expect(dialog.get_by_text(text).first).to_be_visible()
    expect(dialog.get_by_role("link", name="watch page")).to_have_attribute("href", "/?stream=show-1")
    dialog.get_by_role("button", name="Done").click()

    line = keys.get_by_role("row", name="show-1")
    expect(line).to_contain_text(label)
    expect(line).to_contain_text("Active")
    # And again later.
    line.get_by_role("button", name=f"OBS settings of {label}").click()
    expect(dialog.get_by_label("Server", exact=True)).to_have_value(full["rtmp_server"])


def test_copy(keys, agent, owner):
    key = agent.new_key("copied", owner.token, label="camera")
    keys.reload()
    keys.get_by_role("button", name="OBS settings of camera").click()
    for label, value in (("Server", key["rtmp_server"]), ("Stream Key", key["stream_key"])):
        keys.get_by_role("button", name=f"Copy {label}").click()
        expect(keys.get_by_role("status").get_by_text(f"{label} copied")).to_be_visible()
        assert keys.evaluate("navigator.clipboard.readText()") == value


def test_copy_without_the_clipboards_interface(context, agent, owner):
    """As over plain HTTP from another machine, where browsers offer none."""
    key = agent.new_key("copied-too", owner.token, label="camera")
    browser_context = context(permissions=["clipboard-read"])
    browser_context.add_init_script("delete globalThis.Clipboard?.prototype.writeText")
    page = browser_context.new_page()
    open_tab(page, agent, owner.token, "Keys")
    page.get_by_role("button", name="OBS settings of camera").click()
    page.get_by_role("button", name="Copy Stream Key").click()
    expect(page.get_by_text("Stream Key copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key["stream_key"]
    expect(page.get_by_label("Stream Key", exact=True)).not_to_have_value(key["stream_key"])


def test_expiry(keys, agent, owner):
    create(keys, "passing", expires="In 7 days")
    keys.get_by_role("button", name="Done").click()
    (key,) = stored(agent, owner)
    assert key["created_at"] < key["expires_at"]
    expect(keys.get_by_role("row", name="passing").get_by_text("Never")).to_have_count(1)


def test_a_wrong_name_is_not_sent(keys, agent, owner):
    dialog = create(keys, "Not_A_Name")
    field = dialog.get_by_label("Stream name")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert stored(agent, owner) == []


def test_errors_of_the_server(keys, errors):
    errors.allow("/api/keys", 422)
    problem = {
        "type": "urn:putlive:problem:invalid", "title": "Invalid", "status": 422, "detail": "Some fields are wrong.",
        "errors": [{"field": "stream", "message": "is taken"}, {"field": "label", "message": "is too long"}],
    }  # fmt: skip
    keys.route(
        "**/api/keys",
        lambda route: route.fulfill(status=422, json=problem) if route.request.method == "POST" else route.fallback(),
    )
    dialog = create(keys, "show", "camera")
    for label, message in (("Stream name", "is taken"), ("Label", "is too long")):
        expect(dialog.get_by_label(label)).to_have_attribute("aria-invalid", "true")
        expect(dialog.get_by_text(message)).to_be_visible()


def test_revoke(keys, agent, owner):
    agent.new_key("ended", owner.token, label="camera")
    keys.reload()
    keys.get_by_role("button", name="Revoke camera").click()
    dialog = keys.get_by_role("dialog", name="Revoke this key?")
    dialog.get_by_role("button", name="Cancel").click()
    assert stored(agent, owner)[0]["status"] == "active"
    keys.get_by_role("button", name="Revoke camera").click()
    dialog.get_by_role("button", name="Revoke key").click()
    expect(keys.get_by_role("status").get_by_text("Key revoked")).to_be_visible()
    line = keys.get_by_role("row", name="ended")
    expect(line).to_contain_text("Revoked")
    # The button that was pressed is gone.
    expect(keys.get_by_role("heading", level=1, name="Keys")).to_be_focused()
    expect(line.get_by_role("button")).to_have_count(0)
    assert stored(agent, owner)[0]["status"] == "revoked"


def test_a_notice_outlives_its_dialog(keys, agent, owner):
    agent.new_key("copied-last", owner.token, label="camera")
    keys.reload()
    keys.get_by_role("button", name="OBS settings of camera").click()
    keys.get_by_role("button", name="Copy Server").click()
    notice = keys.get_by_role("status").get_by_text("Server copied")
    expect(notice).to_be_visible()
    keys.get_by_role("button", name="Done").click()
    expect(keys.get_by_role("dialog")).to_have_count(0)
    expect(notice).to_be_visible(timeout=1000)


def test_streamers_see_their_own_keys(keys, agent, owner):
    agent.new_key("own", owner.token)
    other = agent.new_account("streamer")
    agent.new_key("anothers", other.token)
    keys.reload()
    expect(keys.get_by_role("row", name="own")).to_be_visible()
    expect(keys.get_by_role("row", name="anothers")).to_have_count(0)
    expect(keys.get_by_role("columnheader", name="User")).to_have_count(0)


def test_admins_make_keys_for_others(page, agent, owner, tokens):
    open_tab(page, agent, tokens["admin"], "Keys")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog", name="New stream key")
    dialog.get_by_label("Stream name").fill("for-another")
    dialog.get_by_label("For").select_option(label=owner.name)
    dialog.get_by_role("button", name="Create key").click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name="for-another").filter(has_text=owner.name)).to_be_visible()
    assert stored(agent, owner)[0]["stream"] == "for-another"


def test_on_a_phone(context, agent, owner):
    agent.new_key("s" * 64, owner.token, label="l" * 100)
    page = context({"width": 360, "height": 740}).new_page()
    sign_in(page, agent, owner.token)
    page.goto("/dashboard.html#keys")
    page.get_by_role("button", name="OBS settings of").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert fits(page)
    screenshot(page, "keys-obs-phone")
