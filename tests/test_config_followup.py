"""wallboard/config/followup.py: clocks that name what there is, and can hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configs import faults_of, warnings_of

CATEGORY = """
[[agency]]
code = "DPU"
name = "Pekerjaan Umum"
[[category]]
code = "jalan"
name = { id = "Jalan", en = "Road" }
agency = "DPU"
"""


@pytest.mark.parametrize(
    ("more", "key", "why"),
    [
        ('[[sla]]\ncategory = "jalna"', "sla[0].category", "is the code of no [[category]]; did you"),
        ('[[sla]]\nagency = "DPX"', "sla[0].agency", "is the code of no [[agency]]; did you mean 'DPU'?"),
        ('[[sla]]\nchannel = "x"', "sla[0].channel", "is the code of no [[channel]]; there are none"),
        ('[[sla]]\naccept = "6"', "sla[0].accept", "is no duration"),
        ('[[sla]]\naccept = "400d"', "sla[0].accept", "must not be longer than a year"),
        ('[[sla]]\naccept = "6h"\nstops_in = ["closed"]', "sla[0].stops_in[0]", "is no status in which"),
        ('[[sla]]\nsince = ""\naccept = "6h"', "sla[0].since", "is empty; leave it out"),
        ('[[sla]]\naccept = "6h"\n[[sla]]\nresolve = "6h"', "sla[1].since", "is that of sla[0], for"),
        ('[[holiday]]\nday = "2026-02-30"', "holiday[0].day", "is no day"),
        ("[[holiday]]\nday = 2026-08-17\n[[holiday]]\nday = 2026-08-17", "holiday[1].day", "stands in"),
        ('[[channel]]\ncode = "112"\nname = { id = "x" }', "channel[0].name.en", "is missing"),
        ('[[line]]\ncode = ""\nname = { id = "x", en = "x" }', "line[0].code", "is empty"),
        ('[[agency]]\ncode = "A|B"\nname = "x"', "agency[1].code", 'must not hold "|"'),
        ('[[feed]]\nname = "console"\ntype = "webhook"', "feed[0].name", "is kept for incidents"),
    ],
)  # fmt: skip
def test_what_cannot_hold_is_a_fault(tmp_path: Path, more: str, key: str, why: str) -> None:
    assert faults_of(tmp_path, f"{CATEGORY}{more}\n")[key].startswith(why)


@pytest.mark.parametrize(
    ("more", "key", "why"),
    [
        ('[[sla]]\nsince = "2026-01-01"', "sla[0]", "sets no clock"),
        ('[[sla]]\naccept = "6h"\nresolve = "5h"', "sla[0].accept", "is longer than resolve"),
        ('[[category]]\ncode = "x"\nname = { id = "x", en = "x" }\nchannel = "y"\n'
         '[[channel]]\ncode = "112"\nname = { id = "x", en = "x" }',
         "category[1].channel", "is the code of no [[channel]]"),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_so_is_a_warning(tmp_path: Path, more: str, key: str, why: str) -> None:
    assert warnings_of(tmp_path, f"{CATEGORY}{more}\n")[key].startswith(why)


def test_clocks_that_fit_are_no_fault(tmp_path: Path) -> None:
    more = """
[[sla]]
accept = "6h"
[[sla]]
category = "jalan"
accept = "6h"
resolve = "7d"
[[sla]]
category = "jalan"
since = "2027-01-01"
resolve = "3d"
working_days = true
stops_in = ["verified"]
[[holiday]]
day = "2027-01-01"
name = "Tahun baru"
"""
    assert warnings_of(tmp_path, f"{CATEGORY}{more}") == {}
