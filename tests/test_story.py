"""What is told around an incident: what is near in place and time, for who may see it, whatever changes."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wallboard.access import Viewer
from wallboard.entities import (
    KIND_OF,
    Alert,
    Call,
    Camera,
    Entity,
    Hazard,
    HazardCover,
    Incident,
    IncidentOurs,
    IncidentSource,
    Review,
)
from wallboard.place import Place, Ref
from wallboard.state import Replica, WireChange
from wallboard.web.nearby import METRES_PER_DEGREE, Nearby
from wallboard.web.story import CALL_S, CAMERA_M, MOST_CAMERAS, TWIN_M, TWIN_S, cameras_of, story_of

LON, LAT, NOW = 106.8, -6.2, 1_750_000_000.0
DISTRICT, ABOVE = "31.01.01", "31.01"
SUPERVISOR = Viewer(role="supervisor", clearance=True)


def north(metres: float) -> float:
    return LAT + metres / METRES_PER_DEGREE


def at(lat: float = LAT, lon: float = LON, district: str = DISTRICT) -> Place:
    return Place(
        lon=lon,
        lat=lat,
        district=district,
        name="Senen",
        parents=(Ref(ABOVE, "Pusat", 0),),
        confidence="inside",
    )


def incident(id: str, place: Place | None = None, **more: Any) -> Incident:
    source = IncidentSource(title=f"Title {id}", opened_at=more.pop("opened", NOW))
    return Incident(
        id=id,
        scope=more.pop("scope", (f"d:{DISTRICT}",)),
        source=source,
        ours=more.pop("ours", IncidentOurs()),
        place=place or at(),
        category=more.pop("category", "flood"),
        **more,
    )


def camera(id: str, metres: float, scope: tuple[str, ...] = (f"d:{DISTRICT}",)) -> Camera:
    return Camera(id=id, scope=scope, name=f"Camera {id}", place=at(north(metres)), state="online")


def call(id: str, joined_at: float) -> Call:
    return Call(
        id=id,
        scope=("city",),
        queue="112",
        state="talking",
        since=joined_at,
        joined_at=joined_at,
        caller="0812****99",
    )


def change(entity: Entity) -> WireChange:
    return KIND_OF[type(entity)], entity.id, msgspec.Raw(msgspec.json.encode(entity)), None


class World:
    """A replica, and stories told from it."""

    def __init__(self, *entities: Entity) -> None:
        self.replica = Replica()
        self.replica.reset("e", 0, NOW, 0, [])
        self.nearby = Nearby()
        self.put(*entities)

    def put(self, *entities: Entity) -> None:
        n = self.replica.n + 1
        self.replica.apply(n, NOW + n, n, [change(entity) for entity in entities])

    def remove(self, kind: str, id: str) -> None:
        n = self.replica.n + 1
        self.replica.apply(n, NOW + n, n, [(kind, id, None, ())])

    def story(self, id: str = "i", viewer: Viewer = SUPERVISOR) -> dict[str, Any] | None:
        return story_of(self.nearby, self.replica, viewer, id)

    def told(self, part: str, viewer: Viewer = SUPERVISOR) -> list[Any]:
        found = self.story("i", viewer)
        assert found is not None
        return [row["id"] for row in found[part]]


def test_the_nearest_cameras_come_first_with_their_distance_and_state() -> None:
    world = World(incident("i"), camera("b", 300), camera("a", 40), camera("far", CAMERA_M + 5))
    found = world.story()
    assert found is not None
    assert [(row["id"], row["m"]) for row in found["cameras"]] == [("a", 40), ("b", 300)]
    assert found["cameras"][0]["name"] == "Camera a"
    assert found["cameras"][0]["state"] == "online"


def test_a_wall_is_told_the_cameras_alone() -> None:
    world = World(incident("i"), camera("b", 300), camera("a", 40))
    found = cameras_of(world.nearby, world.replica, SUPERVISOR, "i")
    assert found == {"id": "i", "cameras": (world.story() or {})["cameras"]}
    assert cameras_of(world.nearby, world.replica, SUPERVISOR, "none") is None


def test_cameras_at_one_pole_are_all_told() -> None:
    world = World(incident("i"), camera("a", 0), camera("b", 0))
    assert world.told("cameras") == ["a", "b"]


def test_no_more_cameras_than_anybody_opens() -> None:
    world = World(incident("i"), *(camera(f"c{n:02}", n) for n in range(30)))
    assert world.told("cameras") == [f"c{n:02}" for n in range(MOST_CAMERAS)]


def test_an_incident_without_a_place_has_nothing_near_it() -> None:
    world = World(incident("i", Place()), camera("a", 0), incident("t"))
    assert world.told("cameras") == []
    assert world.told("twins") == []


def test_calls_of_its_minutes_are_told_live_or_marked_nearest_first() -> None:
    review = Review(id="old", scope=("city",), queue="112", agent="a", joined_at=NOW - 60, mark="emergency")
    world = World(
        incident("i"), call("late", NOW + CALL_S + 1), call("c", NOW + 120), review, call("d", NOW - CALL_S)
    )
    assert world.told("calls") == ["old", "c", "d"]


def test_a_call_that_is_also_a_review_is_told_once() -> None:
    review = Review(id="c", scope=("city",), queue="112", agent="a", joined_at=NOW)
    assert World(incident("i"), call("c", NOW), review).told("calls") == ["c"]


def test_the_masked_caller_is_for_those_with_clearance() -> None:
    world = World(incident("i"), call("c", NOW))
    cleared, leader = world.story(), world.story("i", Viewer(role="leader"))
    assert cleared is not None
    assert leader is not None
    assert cleared["calls"][0]["caller"] == "0812****99"
    assert "caller" not in leader["calls"][0]


def test_warnings_over_its_district_or_one_above_are_told() -> None:
    def hazard(id: str, code: str, state: Literal["active", "ended"] = "active") -> Hazard:
        return Hazard(
            id=id,
            state=state,
            scope=("city",),
            type="cap",
            category=("Met", "Geo"),
            texts={},
            districts=(HazardCover(code=code, name="x", share=1.0),),
        )

    world = World(
        incident("i"),
        hazard("own", DISTRICT),
        hazard("above", ABOVE),
        hazard("other", "32"),
        hazard("over", ABOVE, "ended"),
    )
    assert world.told("hazards") == ["own", "above"]


def test_alerts_about_it_come_before_those_of_its_district_and_what_is_normal_is_not_told() -> None:
    def alert(id: str, **more: Any) -> Alert:
        fields: dict[str, Any] = {"subject": "x:y", "severity": "severe", "state": "unacknowledged"}
        return Alert(id=id, scope=("city",), rule="r", **(fields | more))

    world = World(
        incident("i"),
        alert("district", district=DISTRICT, at=NOW + 5),
        alert("own", subject="incident:i", at=NOW),
        alert("over", subject="incident:i", state="normal"),
        alert("elsewhere", district="32"),
    )
    assert world.told("alerts") == ["own", "district"]


def test_twins_are_of_one_category_near_in_place_and_time_open_and_not_linked() -> None:
    world = World(
        incident("i"),
        incident("t", at(north(200))),
        incident("same", at()),
        incident("far", at(north(TWIN_M + 2))),
        incident("old", opened=NOW - TWIN_S - 1),
        incident("other", category="tree"),
        incident("closed", over_at=NOW),
        incident("linked", ours=IncidentOurs(status="duplicate", duplicate_of="t"), over_at=NOW),
    )
    assert world.told("twins") == ["same", "t"]


def test_what_it_is_linked_to_is_told_from_both_sides() -> None:
    world = World(incident("i"), incident("d", ours=IncidentOurs(status="duplicate", duplicate_of="i")))
    found, of = world.story(), world.story("d")
    assert found is not None
    assert of is not None
    assert [(row["id"], row["original"]) for row in found["linked"]] == [("d", False)]
    assert [(row["id"], row["original"]) for row in of["linked"]] == [("i", True)]


def test_who_may_not_see_the_incident_is_told_nothing() -> None:
    world = World(incident("i", scope=("d:31.01.01", "a:DPU")))
    assert world.story("i", Viewer(role="operator", districts=frozenset({"32"}))) is None
    assert world.story("i", Viewer(role="agency", agency="PLN")) is None
    assert world.story("i", Viewer(role="agency", agency="DPU")) is not None
    assert world.story("none") is None


def test_what_one_may_not_see_is_left_out_of_the_story() -> None:
    world = World(
        incident("i", scope=("d:31.01.01", "a:DPU")),
        camera("mine", 10),
        camera("theirs", 5, scope=("d:32",)),
        call("c", NOW),
        incident("t", scope=("d:32",)),
    )
    limited = Viewer(role="supervisor", districts=frozenset({DISTRICT}), clearance=True)
    assert world.told("cameras", limited) == ["mine"]
    assert world.told("twins", limited) == []
    assert world.told("calls", Viewer(role="agency", agency="DPU")) == []


def test_the_facts_follow_what_changes_leaves_and_starts_anew() -> None:
    world = World(incident("i"), camera("a", 10))
    assert world.told("cameras") == ["a"]
    world.put(camera("b", 5), camera("a", 20))
    assert world.told("cameras") == ["b", "a"]
    world.remove("camera", "b")
    assert world.told("cameras") == ["a"]
    raw = msgspec.json.encode(incident("i"))
    world.replica.reset("other", 900, NOW, 900, [("incident", "i", raw)])
    assert world.told("cameras") == []


STEPS = st.lists(st.tuples(st.sampled_from("abcde"), st.one_of(st.none(), st.integers(0, 2000))), max_size=30)


@given(STEPS, st.integers(1, 7))
def test_facts_kept_along_are_those_of_a_fresh_look(steps: list[tuple[str, int | None]], every: int) -> None:
    world = World(incident("i"))
    for count, (id, metres) in enumerate(steps):
        if metres is None:
            world.remove("camera", id)
        else:
            world.put(camera(id, metres))
        if count % every == 0:
            world.story()
    kept = world.story()
    world.nearby = Nearby()
    assert kept == world.story()


def test_a_full_city_is_searched_within_a_bound() -> None:
    """The answer is small however many there are."""
    crowd = [incident(f"x{n}", at(north(n % 200), LON + n * 1e-7)) for n in range(2000)]
    world = World(incident("i"), *crowd, *(camera(f"c{n}", n % 1000) for n in range(2000)))
    found = world.story()
    assert found is not None
    assert len(found["twins"]) == 10
    assert len(msgspec.json.encode(found)) < 32 * 1024
