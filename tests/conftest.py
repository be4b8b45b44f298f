"""What all tests share: how hypothesis draws its examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No test judges a time: on a busy machine any example may take long.
settings.register_profile("any-pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# On CI a landing must not depend on luck: the same examples every time. Elsewhere each run looks at new ones.
settings.register_profile("ci", settings.get_profile("any-pace"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "any-pace")
