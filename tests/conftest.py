"""What all tests share: how hypothesis draws its examples."""

from __future__ import annotations

import os

from hypothesis import settings

# On CI a landing must not depend on luck: the same examples every time. Elsewhere each run looks at new ones.
settings.register_profile("ci", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
