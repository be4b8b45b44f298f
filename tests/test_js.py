"""The page's pure modules under Node's own test runner, where Node is."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.running import ROOT, WAIT_S


def test_the_javascript_tests_pass() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; .ci/run installs it")
    files = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.js"))
    assert files
    # One process for all: to start one a file (`node --test`) takes more than the tests do.
    each = "for (const file of process.argv.slice(1)) await import(file)"
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", each, *files],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=3 * WAIT_S,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
