"""Imports go down only (DESIGN.md, section 9): who may import whom, over the source of every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.running import ROOT

#: Room → its modules; a package stands for all that is in it.
ROOMS: dict[str, set[str]] = {
    "base": {
        *("wallboard", "wallboard.bootstrap", "wallboard.errors", "wallboard.text", "wallboard.events"),
        *(
            "wallboard.clock",
            "wallboard.turns",
            "wallboard.keyfile",
            "wallboard.audit",
            "wallboard.audit_check",
            "wallboard.protocol",
            "wallboard.layouts",
            "wallboard.tokens",
            "wallboard.private",
            "wallboard.stills",
        ),
    },
    "land": {
        "wallboard.place",
        *(
            "wallboard.plane",
            "wallboard.geofence.cellgrid",
            "wallboard.geofence.edgefield",
            "wallboard.geofence.cover",
        ),
        *("wallboard.boundaries", "wallboard.boundaries.features", "wallboard.boundaries.report"),
        "wallboard.boundaries.drawing",
        *("wallboard.geofence", "wallboard.gazetteer", "wallboard.gazetteer.spelling", "wallboard.locate"),
        *("wallboard.scope", "wallboard.pmtiles", "wallboard.gazetteer.crosswalk"),
    },
    "words": {
        "wallboard.entities",
        "wallboard.city",
        "wallboard.access",
        "wallboard.walls",
        "wallboard.status",
        "wallboard.life",
        "wallboard.stints",
    },
    "state": {"wallboard.state"},
    "store": {"wallboard.store", "wallboard.people"},
    "engine": {"wallboard.engine"},
    "hub": {
        "wallboard.hub",
        "wallboard.views",
        "wallboard.frames",
        "wallboard.heads",
        "wallboard.follow",
        "wallboard.history",
        "wallboard.audit_files",
    },
    "web": {"wallboard.web"},
    "feeds": {"feeds"},
    "config": {"wallboard.config", "wallboard.ground", "wallboard.settings"},
    "notify": {"wallboard.notify"},
    "run": {
        *(
            "wallboard.app",
            "wallboard.commands",
            "wallboard.init",
            "wallboard.audit_command",
            "wallboard.reach",
            "wallboard.users",
            "wallboard.screens",
            "wallboard.check",
            "wallboard.rule_words",
            "wallboard.rules_try",
            "wallboard.supervisor",
            "wallboard.parts",
            "wallboard.process",
            "wallboard.ingest",
        ),
    },
    "server": {"server"},
}

#: Room → what it may import beside itself. What is not here is forbidden.
ALLOWED: dict[str, set[str]] = {
    "base": set(),
    "land": {"base"},
    "words": {"base", "land"},
    "state": set(),
    "store": {"base", "words"},
    "engine": {"base", "land", "words", "state", "store"},
    "hub": {"base", "words", "state", "store"},
    "web": {"base", "land", "words", "state", "store", "hub"},
    "feeds": {"base"},
    "config": {"base", "land", "words", "feeds"},
    "notify": {"base", "land", "words", "store", "feeds", "config"},
    "run": {"base", "land", "words", "state", "store", "engine", "hub", "web", "feeds", "config", "notify"},
    "server": {"base", "run"},
}

#: Of the base, feeds take only what an event is made of.
FEEDS_TAKE = {
    *("wallboard", "wallboard.errors", "wallboard.events", "wallboard.text", "wallboard.private"),
    "wallboard.stills",
}


def modules() -> dict[str, Path]:
    files = [ROOT / "server.py", *(ROOT / "wallboard").rglob("*.py"), *(ROOT / "feeds").rglob("*.py")]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
    }


MODULES = modules()


def imports(source: str, *, top: bool = False) -> Iterator[str]:
    """Modules that `source` imports, in functions too unless `top`; what is only for types is left out."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        elif not (top and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def room_of(module: str) -> str:
    """The room of a module, by its longest name in the table."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        # "wallboard" itself is only its own __init__: a new module needs a room.
        if name == "wallboard" and module != "wallboard":
            break
        for room, members in ROOMS.items():
            if name in members:
                return room
    return ""


def forbidden(module: str, source: str) -> list[str]:
    """Each import of `module` that goes up or sideways, as "module → import"."""
    own = room_of(module)
    if not own:
        return [f"{module} → has no room in ROOMS of tests/test_imports.py"]
    wrong = []
    for name in imports(source):
        if name.partition(".")[0] not in ("wallboard", "feeds", "server"):
            continue
        room = room_of(name)
        taken = own != "feeds" or room == "feeds" or name in FEEDS_TAKE
        if not taken or (room != own and room not in ALLOWED[own]):
            wrong.append(f"{module} → {name} ({own} → {room or 'no room'})")
    return sorted(wrong)


def test_imports_go_down_only() -> None:
    wrong = [line for module, path in MODULES.items() for line in forbidden(module, path.read_text())]
    assert wrong == [], "\n".join(["forbidden imports:", *wrong])


def test_every_room_is_lived_in() -> None:
    named = {name for members in ROOMS.values() for name in members}
    assert named <= MODULES.keys()
    assert ROOMS.keys() == ALLOWED.keys()


def test_the_rooms_have_an_order() -> None:
    """No two rooms need each other, at any distance: what is allowed is itself downward."""
    below: set[str] = set()
    waiting = dict(ALLOWED)
    while waiting:
        ready = {room for room, needs in waiting.items() if needs <= below}
        assert ready, f"these rooms need each other: {sorted(waiting)}"
        below |= ready
        for room in ready:
            del waiting[room]


def test_a_forbidden_import_is_found_wherever_it_hides() -> None:
    assert forbidden("feeds.cap", "def f():\n    from wallboard.engine import reduce\n") == [
        "feeds.cap → wallboard.engine.reduce (feeds → engine)"
    ]
    assert forbidden("wallboard.engine.rules", "import feeds.cap\nfrom wallboard import web\n") == [
        "wallboard.engine.rules → feeds.cap (engine → feeds)",
        "wallboard.engine.rules → wallboard.web (engine → web)",
    ]
    assert forbidden("feeds.cap", "from wallboard.clock import Clock\n") != []
    assert forbidden("wallboard.hub", "import wallboard.brand_new\n") != []
    assert forbidden("wallboard.brand_new", "") != []


def test_what_runs_before_the_set_up_needs_the_standard_library_only() -> None:
    for module in ("wallboard", "wallboard.bootstrap"):
        for name in imports(MODULES[module].read_text()):
            head = name.partition(".")[0]
            assert head in sys.stdlib_module_names or head == "wallboard", f"{module} imports {name}"
    for name in imports(MODULES["server"].read_text(), top=True):
        head = name.partition(".")[0]
        assert head in sys.stdlib_module_names or name == "wallboard.bootstrap", f"server imports {name}"


def test_a_web_node_does_without_what_takes_longest_to_import() -> None:
    """The first wall waits for the first node; geometry and the adapters are the engine's and the feeds'."""
    code = (
        "import sys; from wallboard.parts import load_web; load_web();"
        " print(*{'numpy', 'shapely', 'httpx2', 'feeds.registry'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout == "\n"
