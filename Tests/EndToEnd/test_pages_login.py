"""The login page, and how sessions begin, are renewed and end."""

import re

import pytest
from pages import OwnRequests, browser, context, errors, expect, fits, log_in, page, screenshot, settle, sign_in, unique

__all__ = ["browser", "context", "errors", "page"]


def stored_token(page):
    return page.evaluate("JSON.parse(localStorage.getItem('putlive.session'))?.token")


def test_right_password(page, agent):
    page.goto("/login.html")
    expect(page).to_have_title("Log in · PutLive")
    expect(page.get_by_label("User name")).to_be_focused()
    log_in(page, agent.admin_name, agent.admin_password)
    expect(page).to_have_url(re.compile("/dashboard.html$"))
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    expect(page.get_by_role("button", name=f"Account: {agent.admin_name}, Admin")).to_be_visible()


def test_wrong_password(page, agent, errors):
    errors.allow("/api/auth/login", 401)
    page.goto("/login.html")
    log_in(page, unique("nobody"), "not-the-password")
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page).to_have_url(re.compile("/login.html$"))
    assert stored_token(page) is None
    screenshot(page, "login-wrong")
    # The form is still good for another attempt.
    log_in(page, agent.admin_name, agent.admin_password)
    expect(page).to_have_url(re.compile("/dashboard.html$"))


def test_empty_fields_are_not_sent(page):
    page.goto("/login.html")
    page.on("request", lambda request: pytest.fail("sent") if "/api/auth/login" in request.url else None)
    page.get_by_role("button", name="Log in").click()
    name = page.get_by_label("User name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile(r"\w"))
    expect(name).to_be_focused()
    name.fill("somebody")
    name.press("Enter")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    "detail, seconds, words",
    [
        (None, "7", "Too many requests. Try again in 7 seconds."),
        (None, None, "Too many requests. Wait a moment, then try again."),
        ("Too many failed logins; wait 883 s.", "883", "Too many failed logins; wait 15 minutes."),
        ("Wait 1 s; the limit counts requests by address.", "1",
         "Wait 1 second; the limit counts requests by address."),
        ("The proxy is busy.", "120", "The proxy is busy. Try again in 2 minutes."),
        ("The proxy is busy.", "119", "The proxy is busy. Try again in 119 seconds."),
    ],
)  # fmt: skip
def test_throttling_says_why_and_how_long(page, errors, detail, seconds, words):
    errors.allow("/api/auth/login", 429)
    problem = {"type": "urn:putlive:problem:too-many-requests", "title": "Too many requests", "status": 429}
    problem |= {"detail": detail} if detail else {}
    headers = {"Retry-After": seconds} if seconds else {}
    page.route("**/api/auth/login", lambda route: route.fulfill(status=429, json=problem, headers=headers))
    page.goto("/login.html")
    log_in(page, "somebody", "some-password")
    expect(page.get_by_role("alert")).to_have_text(words)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_that_is_not_there(context, errors, scheme, width):
    errors.allow("/dashbord.html", 404)
    page = context({"width": width, "height": 640}, color_scheme=scheme).new_page()
    answer = page.goto("/dashbord.html")
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1, name="There is no such page")).to_be_visible()
    assert fits(page)
    screenshot(page, f"not-found-{width}-{scheme}")
    page.get_by_role("link", name="Watch the live stream").click()
    expect(page).to_have_url(re.compile("/$"))


def test_no_answer(page, errors):
    page.route("**/api/auth/login", lambda route: route.abort())
    page.goto("/login.html")
    log_in(page, "somebody", "some-password")
    expect(page.get_by_role("alert")).to_have_text(re.compile("can't be reached"))
    errors.found = [one for one in errors.found if "net::ERR_FAILED" not in one]


def test_password_can_be_shown(page):
    page.goto("/login.html")
    field = page.get_by_label("Password", exact=True)
    field.fill("my-secret")
    show = page.get_by_role("button", name="Show password")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(field).to_have_attribute("type", "password")


@pytest.mark.parametrize(
    "target, arrives",
    [
        ("/dashboard.html#health", "/dashboard.html#health"),
        ("/?stream=other", "/?stream=other"),
        ("/broadcast.html", "/broadcast.html"),
        ("//example.com/dashboard.html", "/dashboard.html"),
        ("https://example.com/dashboard.html", "/dashboard.html"),
        ("/\\example.com", "/dashboard.html"),
        ("javascript:alert(1)", "/dashboard.html"),
        ("/api/openapi.json", "/dashboard.html"),
        ("/login.html?next=/login.html", "/dashboard.html"),
        ("", "/dashboard.html"),
    ],
)
def test_the_way_back_stays_here(page, agent, target, arrives):
    sign_in(page, agent, agent.token)
    # Whoever is logged in is sent on at once.
    page.goto("/login.html")
    expect(page).to_have_url(f"{agent.url}/dashboard.html")
    page.evaluate("next => location.assign('/login.html?' + new URLSearchParams({ next }))", target)
    expect(page).to_have_url(agent.url + arrives)


def test_without_a_session_the_dashboard_leads_to_the_login(page, agent):
    page.goto("/dashboard.html#analytics")
    expect(page).to_have_url(re.compile(r"/login\.html\?next="))
    log_in(page, agent.admin_name, agent.admin_password)
    expect(page).to_have_url(f"{agent.url}/dashboard.html#analytics")
    expect(page.get_by_role("tab", name="Analytics")).to_have_attribute("aria-selected", "true")


def test_an_ended_session_leads_to_the_login_and_back(page, agent, errors):
    errors.allow("/api/.*", 401)
    account = agent.new_account("streamer")
    sign_in(page, agent, account.token)
    own = OwnRequests(page)
    page.goto("/dashboard.html#health")
    expect(page.get_by_role("heading", level=1, name="System Health")).to_be_visible()
    # What the page asks by itself, every few seconds, must not be the first to hear of the end.
    own.hold(but="keys")
    assert agent.api("POST", "/api/auth/logout", token=account.token).status == 200
    page.get_by_role("tab", name="Keys").click()
    expect(page).to_have_url(re.compile(r"/login\.html\?"))
    own.let_go()
    expect(page.get_by_role("status")).to_have_text(re.compile("session has ended"))
    log_in(page, account.name, account.password)
    expect(page).to_have_url(f"{agent.url}/dashboard.html#keys")
    expect(page.get_by_role("tab", name="Keys")).to_have_attribute("aria-selected", "true")


def test_a_session_that_expired_here_is_not_used(page, agent):
    account = agent.new_account("viewer")
    sign_in(page, agent, account.token, seconds=100, age=101)
    page.on("request", lambda request: pytest.fail("used") if "authorization" in request.headers else None)
    page.goto("/dashboard.html")
    expect(page).to_have_url(re.compile(r"/login\.html\?"))


def test_a_token_is_renewed_before_it_expires(page, agent):
    account = agent.new_account("viewer")
    sign_in(page, agent, account.token, seconds=86400, age=80000)
    with page.expect_response("**/api/auth/refresh") as renewal:
        page.goto("/dashboard.html")
    assert renewal.value.status == 200
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    assert stored_token(page) not in (None, account.token)
    assert agent.api("GET", "/api/auth/me", token=account.token).status == 401


def test_a_token_that_another_tab_renewed_meanwhile(page, agent, errors):
    """A request under way with the old token fails, and is sent again with the new one."""
    errors.allow("/api/streams", 401)
    account = agent.new_account("viewer")
    sign_in(page, agent, account.token)
    held = []
    page.route("**/api/streams", lambda route: route.fallback() if held else held.append(route))
    with page.expect_request("**/api/streams"):
        page.goto("/dashboard.html")
    settle(page, but=1)
    renewed = agent.api("POST", "/api/auth/refresh", account.token).json()["token"]
    page.evaluate(
        "token => localStorage.setItem('putlive.session',"
        " JSON.stringify({ ...JSON.parse(localStorage.getItem('putlive.session')), token }))",
        renewed,
    )
    held[0].continue_()
    expect(page.get_by_text("Nothing is on air")).to_be_visible()
    expect(page).to_have_url(re.compile("/dashboard.html$"))


def test_log_out(page, context, agent):
    account = agent.new_account("viewer")
    sign_in(page, agent, account.token)
    page.goto("/dashboard.html")
    other = page.context.new_page()
    other.goto("/dashboard.html#health")
    expect(other.get_by_role("heading", level=1, name="System Health")).to_be_visible()
    page.get_by_role("button", name="Account").click()
    with page.expect_response("**/api/auth/logout") as answer:
        page.get_by_role("button", name="Log out").click()
    assert answer.value.status == 200
    expect(page).to_have_url(re.compile(r"/login\.html"))
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    assert stored_token(page) is None
    assert agent.api("GET", "/api/auth/me", token=account.token).status == 401
    # The other tab knows of it.
    expect(other).to_have_url(re.compile(r"/login\.html"))
    page.goto("/dashboard.html")
    expect(page).to_have_url(re.compile(r"/login\.html"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_looks(context, scheme):
    page = context(color_scheme=scheme).new_page()
    page.goto("/login.html")
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
    screenshot(page, f"login-{scheme}")
