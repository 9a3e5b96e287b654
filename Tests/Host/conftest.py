"""Fixtures of the tests on a real host. scripts/test-host runs them, in namespaces of their own."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEnd"))

pytest.register_assert_rewrite("host", "live", "machine", "asking", "outputs")

from host import Installation, discard, new_folder  # noqa: E402
from network import Network  # noqa: E402

TIMES = {}


def pytest_collection_modifyitems(items):
    if "PUTLIVE_HOST_RUN" not in os.environ:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="run these by scripts/test-host, which needs root"))


def pytest_terminal_summary(terminalreporter):
    if TIMES:
        terminalreporter.section("times on the host")
        for what, value in TIMES.items():
            terminalreporter.write_line(f"{what}: {value}")


@pytest.fixture(scope="session")
def times():
    """What is told at the end: nothing fails for want of speed, since the machine may do much else."""
    return TIMES


@pytest.fixture(scope="session")
def network():
    return Network()


@pytest.fixture(scope="session")
def package():
    return Path(os.environ["PUTLIVE_DEB"])


@pytest.fixture(scope="session")
def installation(network, package, times):
    """The package, installed on a bare machine and reconciled once."""
    made = Installation(network, os.environ["PUTLIVE_HOST_IMAGE"], package, new_folder("bare"))
    for what, seconds in made.times.items():
        times[what] = f"{seconds:.1f} s"
    times["from apt install to everything active (at most 60 s)"] = f"{sum(made.times.values()):.1f} s"
    return made


@pytest.fixture(scope="module")
def host(installation, network):
    """A host of a module's tests, reconciled, in order."""
    one = installation.boot(network, "host", new_folder("host"))
    yield one
    discard(one)


@pytest.fixture
def fresh_host(installation, network):
    """A host of one test's own."""
    one = installation.boot(network, "fresh", new_folder("fresh"))
    yield one
    discard(one)


@pytest.fixture
def in_order(host):
    """The module's host, which is in order before the test and must be after it."""
    if host.check():
        # A test before this one failed.
        host.reconcile()
    host.assert_in_order()
    yield host
    host.assert_in_order()


@pytest.fixture
def peer(network):
    with network.peer() as one:
        yield one
