"""The tab of users: list, add, change, disable, set a password, delete."""

import re

import pytest
from pages import browser, context, errors, expect, fits, open_tab, page, screenshot, sign_in, tokens, unique

__all__ = ["browser", "context", "errors", "page", "tokens"]

PASSWORD = "password-of-a-user"
# How many lines the text of an element has.
LINES = """
element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return new Set([...range.getClientRects()].map(({ top }) => top)).size;
}
"""


@pytest.fixture
def users(page, agent, tokens):
    """The page at this tab."""
    open_tab(page, agent, tokens["admin"], "Users")
    return page


def row(page, name):
    return page.get_by_role("row", name=name)


def stored(agent, name):
    """The user as the API has it, or None."""
    users = agent.api("GET", "/api/users", agent.token).json()["users"]
    return next((user for user in users if user["username"] == name), None)


def add(page, name, password, role="viewer"):
    page.get_by_role("button", name="Add user").click()
    dialog = page.get_by_role("dialog", name="Add a user")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_label("Role").select_option(role)
    dialog.get_by_role("button", name="Add user").click()
    return dialog


def test_list(users, agent):
    table = users.get_by_role("table", name="Users")
    expect(table).to_be_visible()
    titles = table.get_by_role("columnheader").all_inner_texts()
    assert titles == ["User name", "Role", "State", "Added", "Last login", "Actions"]
    own = row(users, agent.admin_name)
    expect(own).to_contain_text("You")
    # Nobody deletes the account that they are using.
    expect(own.get_by_role("button", name="Delete")).to_have_count(0)


@pytest.mark.parametrize("role", ["admin", "streamer", "viewer"])
def test_add(users, agent, role):
    name = unique(role)
    dialog = add(users, name, PASSWORD, role)
    expect(dialog).to_be_hidden()
    expect(users.get_by_role("status").get_by_text(f"{name} added")).to_be_visible()
    expect(row(users, name)).to_contain_text(role.capitalize())
    expect(row(users, name)).to_contain_text("Never")
    assert stored(agent, name)["role"] == role
    assert agent.login(name, PASSWORD)


def test_add_with_wrong_fields(users, agent, errors):
    errors.allow("/api/users", 422)
    dialog = add(users, "not a name!", "short")
    for label in ("User name", "Password"):
        field = dialog.get_by_label(label, exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        # The server's words, told together with the field.
        expect(field).to_have_accessible_description(re.compile(r"\w+.*\. ?.*\w+"))
    expect(dialog.get_by_label("User name")).to_be_focused()
    screenshot(users, "users-add-wrong")
    # What is right is no longer marked, and the rest is kept.
    name = unique("mended")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Add user").click()
    expect(dialog).to_be_hidden()
    expect(row(users, name)).to_be_visible()


def test_add_a_name_that_is_taken(users, agent, errors):
    errors.allow("/api/users", 409)
    account = agent.new_account("viewer")
    dialog = add(users, account.name.upper(), PASSWORD)
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_change_the_role(users, agent):
    account = agent.new_account("viewer")
    users.reload()
    users.get_by_role("button", name=f"Edit {account.name}", exact=True).click()
    dialog = users.get_by_role("dialog", name=f"Edit {account.name}")
    expect(dialog.get_by_label("Role")).to_have_value("viewer")
    dialog.get_by_label("Role").select_option("streamer")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(users.get_by_role("status").get_by_text(f"{account.name} saved")).to_be_visible()
    expect(row(users, account.name)).to_contain_text("Streamer")
    # The list is a new one; whoever works by keyboard is still at the same button.
    expect(users.get_by_role("button", name=f"Edit {account.name}", exact=True)).to_be_focused()
    assert stored(agent, account.name)["role"] == "streamer"


def test_disable_and_enable(users, agent):
    account = agent.new_account("viewer")
    token = account.token
    users.reload()
    for state in ("Disabled", "Active"):
        users.get_by_role("button", name=f"Edit {account.name}", exact=True).click()
        dialog = users.get_by_role("dialog")
        dialog.get_by_label("Disabled").set_checked(state == "Disabled")
        dialog.get_by_role("button", name="Save").click()
        expect(row(users, account.name)).to_contain_text(state)
        assert stored(agent, account.name)["disabled"] == (state == "Disabled")
        if state == "Disabled":
            assert agent.api("GET", "/api/auth/me", token=token).status == 401


def test_the_last_admin_stays(users, agent, errors):
    """The server refuses, and the dialog says why."""
    errors.allow("/api/users/.*", 409)
    others = [
        user for user in agent.api("GET", "/api/users", agent.token).json()["users"]
        if user["role"] == "admin" and user["username"] != agent.admin_name
    ]  # fmt: skip
    for user in others:
        assert agent.api("DELETE", f"/api/users/{user['id']}", agent.token).status == 200
    users.reload()
    users.get_by_role("button", name=f"Edit {agent.admin_name}", exact=True).click()
    dialog = users.get_by_role("dialog")
    dialog.get_by_label("Role").select_option("viewer")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile("admin", re.I))
    assert stored(agent, agent.admin_name)["role"] == "admin"


def test_set_a_password(users, agent, errors):
    errors.allow("/api/users/.*", 422)
    account = agent.new_account("viewer")
    users.reload()
    users.get_by_role("button", name=f"Set password of {account.name}", exact=True).click()
    dialog = users.get_by_role("dialog", name=f"Set the password of {account.name}")
    field, save = dialog.get_by_label("New password", exact=True), dialog.get_by_role("button", name="Set password")
    field.fill("short")
    save.click()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("another-password-1")
    save.click()
    expect(dialog).to_be_hidden()
    assert agent.login(account.name, "another-password-1")


def test_delete_needs_a_yes(users, agent):
    account = agent.new_account("streamer")
    users.reload()
    delete = users.get_by_role("button", name=f"Delete {account.name}", exact=True)
    delete.click()
    dialog = users.get_by_role("dialog", name=f"Delete {account.name}?")
    # What comes first to hand is harmless.
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    users.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    assert stored(agent, account.name)
    delete.click()
    dialog.get_by_role("button", name="Delete user").click()
    expect(dialog).to_be_hidden()
    expect(users.get_by_role("status").get_by_text(f"{account.name} deleted")).to_be_visible()
    expect(row(users, account.name)).to_have_count(0)
    # The button that was pressed is gone.
    expect(users.get_by_role("heading", level=1, name="Users")).to_be_focused()
    assert stored(agent, account.name) is None


def test_long_names_fit_a_phone(context, agent, tokens):
    name = "a" * 64
    agent.new_account("viewer", name)
    page = context({"width": 360, "height": 740}).new_page()
    sign_in(page, agent, tokens["admin"])
    page.goto("/dashboard.html#users")
    expect(row(page, name)).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name=f"Edit {name}", exact=True).click()
    assert fits(page)


def test_a_long_name_leaves_words_whole(context, agent, tokens):
    """Beside it the other columns still break between words only."""
    name = "b" * 64
    agent.new_account("streamer", name)
    page = context().new_page()
    open_tab(page, agent, tokens["admin"], "Users")
    role = row(page, name).get_by_role("cell", name="Streamer")
    assert role.evaluate(LINES) == 1
    assert fits(page)
    screenshot(page, "users-long-name")


def test_a_list_that_cannot_be_loaded(users, errors):
    errors.allow("/api/users", 500)
    problem = {"type": "urn:putlive:problem:internal", "title": "Internal error", "detail": "Something broke."}
    users.route("**/api/users", lambda route: route.fulfill(status=500, json=problem))
    users.reload()
    expect(users.get_by_text("Something broke.")).to_be_visible()
    users.unroute("**/api/users")
    users.get_by_role("button", name="Try again").click()
    expect(users.get_by_role("table", name="Users")).to_be_visible()
    expect(users.get_by_text("Something broke.")).to_have_count(0)
