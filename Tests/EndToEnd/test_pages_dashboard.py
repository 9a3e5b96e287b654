"""The dashboard's frame: what each role sees, tabs by keyboard, the account menu, widths, light and dark."""

import re

import pytest
from pages import (
    DESKTOP, PHONE, SMALL_PHONE, TABS, browser, context, errors, expect, fits, open_tab, page, screenshot, settle,
    sign_in, tokens,
)  # fmt: skip

__all__ = ["browser", "context", "errors", "page", "tokens"]


def tab_names(page):
    expect(page.get_by_role("tab").first).to_be_visible()
    return page.get_by_role("tab").all_inner_texts()


@pytest.mark.parametrize("role", TABS)
def test_tabs_of_a_role(page, agent, tokens, role):
    """What a role may not see is absent, and each tab that it has works."""
    sign_in(page, agent, tokens[role])
    page.goto("/dashboard.html")
    assert tab_names(page) == TABS[role]
    for name in TABS[role]:
        page.get_by_role("tab", name=name).click()
        expect(page).to_have_title(f"{name} · PutLive")
        panel = page.get_by_role("tabpanel", name=name)
        expect(panel.get_by_role("heading", level=1, name=name)).to_be_visible()
        settle(page)
        expect(panel.get_by_text("Try again")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile(rf"Account: .+, {role.capitalize()}"))).to_be_visible()


@pytest.mark.parametrize("name", ["broadcast", "keys", "users", "no-such-tab"])
def test_an_address_of_another_role_shows_the_overview(page, agent, tokens, name):
    sign_in(page, agent, tokens["viewer"])
    page.goto(f"/dashboard.html#{name}")
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")
    for link in ("Get your stream key", "Go Live"):
        expect(page.get_by_role("link", name=link)).to_have_count(0)


def test_the_role_is_the_servers_word(page, agent, tokens):
    """Who is said to be an admin by what the browser has stored alone sees no users."""
    sign_in(page, agent, tokens["viewer"], role="admin")
    page.goto("/dashboard.html#users")
    assert tab_names(page) == TABS["viewer"]


def test_tabs_by_keyboard(page, agent, tokens):
    sign_in(page, agent, tokens["admin"])
    page.goto("/dashboard.html")
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="PutLive")).to_be_focused()
    page.keyboard.press("Tab")
    names = TABS["admin"]
    steps = ("", 0), ("ArrowDown", 1), ("ArrowRight", 2), ("End", 5), ("ArrowRight", 0), ("ArrowLeft", 5), ("Home", 0)
    for key, index in steps:
        if key:
            page.keyboard.press(key)
        tab = page.get_by_role("tab", name=names[index])
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tab", selected=True)).to_have_count(1)
        expect(page.get_by_role("tabpanel", name=names[index])).to_be_visible()
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        assert tab.evaluate("tab => getComputedStyle(tab).outlineStyle") == "solid"
    # One tab alone is in the tab order; behind it comes the account.
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Account")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()


def test_a_tab_is_kept_in_the_address(page, agent, tokens):
    open_tab(page, agent, tokens["admin"], "System Health")
    expect(page).to_have_url(re.compile("#health$"))
    page.reload()
    expect(page.get_by_role("tab", name="System Health")).to_have_attribute("aria-selected", "true")


def test_skipping_to_the_content(page, agent, tokens):
    open_tab(page, agent, tokens["admin"], "Analytics")
    page.get_by_role("link", name="Skip to the content").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("tab", name="Analytics")).to_have_attribute("aria-selected", "true")


def test_changing_the_password(page, agent, errors):
    errors.allow("/api/auth/password", 401)
    errors.allow("/api/auth/password", 422)
    account = agent.new_account("viewer")
    other = agent.login(account.name, account.password)
    sign_in(page, agent, account.token)
    page.goto("/dashboard.html")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Change password").click()
    dialog = page.get_by_role("dialog", name="Change your password")
    current = dialog.get_by_label("Current password", exact=True)
    wanted = dialog.get_by_label("New password", exact=True)
    save = dialog.get_by_role("button", name="Change password")
    expect(current).to_be_focused()

    current.fill("not-the-password")
    wanted.fill("a-new-password-1")
    save.click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()

    current.fill(account.password)
    wanted.fill("short")
    save.click()
    expect(wanted).to_have_attribute("aria-invalid", "true")

    wanted.fill("a-new-password-1")
    save.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Password changed")).to_be_visible()
    assert agent.api("GET", "/api/auth/me", token=account.token).status == 200
    assert agent.api("GET", "/api/auth/me", token=other).status == 401
    assert agent.login(account.name, "a-new-password-1")


def test_landmarks(page, agent, tokens):
    open_tab(page, agent, tokens["admin"], "Overview")
    for role in ("banner", "main"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("tablist", name="Dashboard")).to_have_attribute("aria-orientation", "vertical")
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_looks(context, agent, tokens, scheme, viewport):
    page = context(viewport, color_scheme=scheme).new_page()
    sign_in(page, agent, tokens["admin"])
    page.goto("/dashboard.html")
    # The page's brightness follows the system's.
    red = int(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"))
    assert (red > 200) == (scheme == "light")
    for name in TABS["admin"]:
        page.get_by_role("tab", name=name).click()
        settle(page)
        screenshot(page, f"{name.lower().replace(' ', '-')}-{viewport['width']}-{scheme}")


@pytest.mark.parametrize("width", [SMALL_PHONE["width"], 768, 1024, 1152])
def test_nothing_sticks_out(context, agent, tokens, width):
    page = context({"width": width, "height": 740}).new_page()
    sign_in(page, agent, tokens["admin"])
    page.goto("/dashboard.html")
    for name in TABS["admin"]:
        page.get_by_role("tab", name=name).click()
        settle(page)
        assert fits(page), name
    for opened in ("Add user", "Account"):
        page.get_by_role("button", name=opened).click()
        assert fits(page), opened
        page.keyboard.press("Escape")
    page.evaluate("localStorage.clear()")
    for path in ("/?stream=nothing", "/login.html?reason=expired"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert fits(page), path


def test_less_motion(context, agent, tokens):
    page = context(reduced_motion="reduce").new_page()
    open_tab(page, agent, tokens["viewer"], "System Health")
    settle(page)
    ring = page.locator(".ring-value").first
    assert ring.evaluate("ring => getComputedStyle(ring).transitionDuration") == "0s"


def test_without_the_server(page, agent, tokens, errors):
    """The page says what is wrong and goes on when asked to."""
    errors.allow("/api/auth/me", 503)
    sign_in(page, agent, tokens["viewer"])
    problem = {"type": "urn:putlive:problem:unavailable", "title": "Unavailable", "detail": "The database is away."}
    page.route("**/api/auth/me", lambda route: route.fulfill(status=503, json=problem))
    page.goto("/dashboard.html")
    expect(page.get_by_text("The database is away.")).to_be_visible()
    page.unroute("**/api/auth/me")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
