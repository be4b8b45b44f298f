"""[[ceiling]] and ready_ceilings: bands, zones, and what comes with the program."""

from __future__ import annotations

from pathlib import Path

from tests.cities import write_city
from tests.configs import BARE
from wallboard.city import CityConfig
from wallboard.config.findings import Findings
from wallboard.config.prices import check_prices
from wallboard.config.read import examine
from wallboard.config.ready import ready_ceilings
from wallboard.engine.prices.ceilings import ceiling_on


def city(
    folder: Path, more: str = "", *, zone: str = "I", head: str = "ready_ceilings = true"
) -> tuple[CityConfig, Findings]:
    path = write_city(folder)
    text = f"{head}\n" + BARE
    if zone:
        text = text.replace("[city]\n", f'[city]\nprice_zone = "{zone}"\n', 1)
    path.write_text(text + more)
    return examine(path)


def commodity(*codes: str) -> str:
    return "".join(
        f'\n[[commodity]]\ncode = "{code}"\nname = {{ id = "{code}", en = "{code}" }}\n' for code in codes
    )


def faults(found: Findings) -> list[str]:
    return [f"{fault.key}: {fault.why}" for fault in found.faults]


def test_the_ready_ceilings_are_sound_and_each_names_its_decree(tmp_path: Path) -> None:
    codes = sorted({each.commodity for each in ready_ceilings()})
    for zone in ("I", "II", "III"):
        read, found = city(tmp_path, commodity(*codes), zone=zone)
        check_prices(read, found)
        assert faults(found) == []
        assert {each.zone for each in read.ceiling} == {"", zone}
    assert all(each.decree and each.since for each in ready_ceilings())


def test_the_ceiling_of_rice_is_that_of_the_day_and_the_zone(tmp_path: Path) -> None:
    for zone, known in {
        "I": (10_900, 12_500, 13_500),
        "II": (11_500, 13_100, 14_000),
        "III": (11_800, 13_500, 15_500),
    }.items():
        read, _ = city(tmp_path, commodity("beras_medium"), zone=zone)
        days = ("2023-12-31", "2024-12-31", "2025-08-25")
        found = [ceiling_on(read.ceiling, "beras_medium", day, unit="kg", zone=zone) for day in days]
        assert tuple(each.price for each in found if each) == known
        assert ceiling_on(read.ceiling, "beras_medium", "2024-04-01", unit="kg", zone=zone) is None


def test_only_the_citys_own_commodities_have_one(tmp_path: Path) -> None:
    read, found = city(tmp_path, commodity("telur_ayam", "tahu"))
    assert [(each.commodity, each.rule, each.price) for each in read.ceiling] == [
        ("telur_ayam", "HAP", 30_000)
    ]
    assert faults(found) == []
    assert city(tmp_path, commodity("telur_ayam"), head="ready_ceilings = false")[0].ceiling == []


def test_an_own_ceiling_goes_before_all_ready_ones_of_its_thing(tmp_path: Path) -> None:
    own = '\n[[ceiling]]\ncommodity = "beras_medium"\nprice = 12000\nsince = 2026-01-01\n'
    read, _ = city(tmp_path, commodity("beras_medium", "beras_premium") + own)
    assert [each.price for each in read.ceiling if each.commodity == "beras_medium"] == [12_000]
    assert any(each.commodity == "beras_premium" for each in read.ceiling)


def test_without_a_zone_rice_has_none_and_check_says_why(tmp_path: Path) -> None:
    read, found = city(tmp_path, commodity("beras_medium", "telur_ayam"), zone="")
    assert [each.commodity for each in read.ceiling] == ["telur_ayam"]
    assert [warning.key for warning in found.warnings] == ["city.price_zone"]


def test_a_band_ends_above_its_beginning(tmp_path: Path) -> None:
    wrong = '\n[[ceiling]]\ncommodity = "x"\nlow = 5000\nprice = 4000\nsince = 2026-01-01\nrule = "HAP"\n'
    _, found = city(tmp_path, commodity("x") + wrong)
    assert faults(found) == ["ceiling[0].low (x): must lie below price = 4000, or be left out"]
