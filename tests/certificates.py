"""Certificates of our own, for servers of the tests that speak TLS."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def make_certificates(folder: Path) -> Path:
    """Put into the folder one for localhost ("ours"), and one of an authority that did not sign it ("other").

    Skips the test where the machine has no openssl, which Debian's python3 needs only as a library.
    """
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the test's certificate, is not on this machine")
    for name in ("ours", "other"):
        make = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]
        make += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        make += ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
        subprocess.run(make, cwd=folder, check=True, capture_output=True, timeout=30)
    return folder
