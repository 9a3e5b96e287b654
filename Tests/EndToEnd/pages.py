"""What the tests of the pages share: a browser, pages that notice every error, sessions, screenshots, a live stream."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from agent import PATIENCE
from playwright.sync_api import expect, sync_playwright

CHROMIUM = os.environ.get("PUTLIVE_CHROMIUM") or shutil.which("chromium")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "out" / "screenshots"
TABS = {
    "admin": ["Overview", "Broadcast", "Analytics", "System Health", "Keys", "Users"],
    "streamer": ["Overview", "Broadcast", "Analytics", "System Health", "Keys"],
    "viewer": ["Overview", "Analytics", "System Health"],
}
DESKTOP, PHONE, SMALL_PHONE = ({"width": width, "height": 860} for width in (1280, 390, 360))
expect.set_options(timeout=PATIENCE * 1000)

# What violates the policy is on the console as well; this tells more of it.
REPORT_VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} in ${event.sourceFile}`));
"""


EMPTY_PAGE = '<!DOCTYPE html><title>Nothing</title><link rel="icon" href="data:,">'


class Errors:
    """What the pages of one test complained of. A request that is meant to fail is allowed by its path and status."""

    def __init__(self):
        self.found = []
        # Chromium reports each request that fails; a stream that is off air is one.
        self.allowed = [(r"/live/.*", 404)]

    def allow(self, path, status):
        self.allowed.append((path, status))

    def watch(self, context):
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.found.append(f"thrown: {error.error}"))

    def on_console(self, message):
        if message.type not in ("error", "warning"):
            return
        path = urlsplit(message.location.get("url", "")).path
        failed = re.match(r"Failed to load resource: .*status of (\d+)", message.text)
        if failed and any(re.fullmatch(one, path) and status == int(failed[1]) for one, status in self.allowed):
            return
        self.found.append(f"{message.type}: {message.text} ({path})")


@pytest.fixture
def errors():
    """Fails the test at its end if a page complained."""
    collected = Errors()
    yield collected
    if collected.found:
        pytest.fail("the page complained:\n" + "\n".join(collected.found))


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root.
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield running
        running.close()


@pytest.fixture
def context(browser, agent, errors):
    """A function that makes browsers' contexts: each has a storage of its own."""
    made = []

    def make(viewport=DESKTOP, **options):
        one = browser.new_context(base_url=agent.url, viewport=viewport, locale="en-GB", **options)
        one.set_default_timeout(PATIENCE * 1000)
        one.add_init_script(REPORT_VIOLATIONS)
        errors.watch(one)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


@pytest.fixture
def page(context):
    return context().new_page()


@pytest.fixture(scope="module")
def tokens(agent):
    """A token of each role, by the role's name. Tests that end a session make a token of their own."""
    return {"admin": agent.token} | {role: agent.new_account(role).token for role in ("streamer", "viewer")}


def unique(prefix):
    """A name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def sign_in(page, agent, token, seconds=86400, age=0, role=None):
    """Stores a session as the login page does: `seconds` long, of which `age` are over, perhaps of another role."""
    user = agent.api("GET", "/api/auth/me", token=token).json()["user"]
    user["role"] = role or user["role"]
    begin = int(time.time() - age) * 1000
    session = {"token": token, "user": user, "issuedAt": begin, "expiresAt": begin + seconds * 1000}
    # Of the same origin, and runs nothing.
    page.route("**/nothing.html", lambda route: route.fulfill(body=EMPTY_PAGE, content_type="text/html"))
    page.goto("/nothing.html")
    page.evaluate("text => localStorage.setItem('putlive.session', text)", json.dumps(session))


def open_tab(page, agent, token, name):
    """Opens the dashboard at a tab, as somebody who is logged in."""
    sign_in(page, agent, token)
    page.goto("/dashboard.html")
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def answer(page, path, body, status=200):
    """Has a path of the API answered by the test instead of the server."""
    pattern = re.compile(rf"://[^/]+{path}(\?|$)")
    page.unroute(pattern)
    page.route(pattern, lambda route: route.fulfill(status=status, json=body))


class OwnRequests:
    """What a page asks of the API by itself, to be held back from a moment on, all but what a pattern of the path says.
    To be made before the page asks anything."""

    def __init__(self, page):
        self.page, self.under_way, self.pattern = page, set(), None
        page.on("request", lambda request: self.under_way.add(request))
        for event in ("requestfinished", "requestfailed"):
            page.on(event, lambda request: self.under_way.discard(request))

    def hold(self, but):
        """Those that are under way are answered first."""
        self.pattern = re.compile(rf"/api/(?!{but})")
        self.page.route(self.pattern, lambda route: self.under_way.discard(route.request))
        while self.under_way:
            self.page.wait_for_timeout(50)

    def let_go(self):
        self.page.unroute(self.pattern)


def log_in(page, name, password):
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def settle(page, but=0):
    """Waits until nothing on the page loads any more, but so many parts of it."""
    expect(page.locator('[aria-busy="true"]')).to_have_count(but)


def screenshot(page, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled")


def fits(page):
    """Whether nothing sticks out at the side."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class Stream:
    """A live stream of two renditions that ffmpeg writes where an engine would; the agent makes the master playlist."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        graph = "[0:v]split=2[source][copy];[copy]scale=256:144[small]"
        command = [
            "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-re",
            "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "sine=frequency=440",
            "-filter_complex", graph, "-map", "[source]", "-map", "1:a", "-map", "[small]", "-map", "1:a",
            "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25",
            "-b:v:0", "500k", "-b:v:1", "100k", "-c:a", "aac", "-b:a", "64k",
            "-f", "hls", "-hls_time", "1", "-hls_list_size", "6",
            "-hls_flags", "temp_file+delete_segments+independent_segments+omit_endlist",
            "-hls_segment_filename", f"{folder}/{name}_%v-{time.time_ns() // 1_000_000}-%d.ts",
            "-var_stream_map", "v:0,a:0,name:src v:1,a:1,name:144p", f"{folder}/{name}_%v.m3u8",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def end(self):
        """Stops as a publisher does; what is written stays until the agent takes it away."""
        self.process.terminate()
        self.process.wait()

    def vanish(self):
        """Stops, and every file goes away at once."""
        self.end()
        for file in self.folder.iterdir():
            if re.fullmatch(rf"{self.name}(_(src|144p)[0-9-]*)?\.(m3u8|ts)(\.tmp)?", file.name):
                file.unlink(missing_ok=True)


@contextlib.contextmanager
def starter(agent):
    """A function that starts a stream by its name; all end with the block."""
    if not shutil.which("ffmpeg"):
        pytest.skip("there is no ffmpeg")
    with contextlib.ExitStack() as stack:

        def start(name):
            stream = Stream(agent.live_folder, name)
            stack.callback(stream.vanish)
            return stream

        yield start


@pytest.fixture
def start_stream(agent):
    with starter(agent) as start:
        yield start


@pytest.fixture(scope="module")
def start_streams(agent):
    """As start_stream, for streams of a whole module."""
    with starter(agent) as start:
        yield start
