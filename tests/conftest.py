"""What all tests share: how hypothesis draws its examples, and in which order files are taken."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import browser

# No test judges a time: on a busy machine any example may take long.
settings.register_profile("any-pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# On CI a landing must not depend on luck: the same examples every time. Elsewhere each run looks at new ones.
settings.register_profile("ci", settings.get_profile("any-pace"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "any-pace")


@pytest.fixture(autouse=True, scope="module")
def _a_browser_ends_with_its_file() -> Iterator[None]:
    yield
    browser.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with pages in a browser first: they are the long ones, and one left for the end is waited for."""
    long = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)
