"""Files of the pages: hashed addresses, kept for a year, compressed, and what a page asks for at once."""

from __future__ import annotations

import asyncio
import gzip
import posixpath
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.exceptions import HTTPException

from wallboard.web.assets import LOOK_S, STATIC, Assets

YEAR = "public, max-age=31536000, immutable"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(assets: Assets, address: str, method: str = "GET", **headers: str) -> Answer:
    sent: list[Any] = []

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": address, "root_path": "/static", "headers": raw}
        await assets(scope, receive, send)

    asyncio.run(run())
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def assets(tmp_path: Path, time: Time) -> Assets:
    files = {
        "js/one.js": 'import { two } from "./deep/two.js";\nimport * as v from "../vendor/v/v.js";\n'
        + "// x\n" * 500,
        "js/deep/two.js": 'import {\n  three,\n} from "../three.js";\nexport { four } from "../four.js";\n',
        "js/three.js": 'import "./one.js";\nconst text = "import x from \'./none.js\'";\n',
        "js/four.js": "export const four = 4;\n",
        "css/a.css": "b { color: red }",
        "css/panels/p.css": "i { color: red }",
        "vendor/v/v.js": "export {};",
        "vendor/.stamp": "secret",
        "notes.txt": "none of the page",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Assets(tmp_path, time)


def test_by_the_present_hash_a_file_is_kept_for_a_year(assets: Assets) -> None:
    answer = ask(assets, assets.url("css/a.css"))
    assert (answer.status, answer.body) == (200, b"b { color: red }")
    assert answer.headers["cache-control"] == YEAR
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


def test_what_a_module_imports_has_the_same_hash(assets: Assets) -> None:
    address = assets.url("js/one.js")
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(address), "./deep/two.js"))
    assert beside == assets.url("js/deep/two.js")
    assert ask(assets, beside).headers["cache-control"] == YEAR


def test_a_plain_address_and_an_old_hash_get_the_present_file_and_ask_again(assets: Assets) -> None:
    for address in ("/static/css/a.css", "/static/000000000000/css/a.css"):
        answer = ask(assets, address)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")


def test_an_edited_file_gives_all_of_ours_new_addresses_and_others_keep_theirs(
    assets: Assets, tmp_path: Path, time: Time
) -> None:
    ours, theirs, digest = assets.url("js/four.js"), assets.url("vendor/v/v.js"), assets.digest
    (tmp_path / "css/a.css").write_text("b { color: blue }")
    assert assets.url("js/four.js") == ours, "it is looked at once a second"
    time.now += LOOK_S
    assert assets.url("js/four.js") != ours
    assert assets.digest != digest
    assert assets.url("vendor/v/v.js") == theirs


def test_a_file_of_others_that_ours_name_is_found_at_its_own_address(assets: Assets) -> None:
    answer = ask(assets, f"/static/{assets.digest}/vendor/v/v.js")
    assert (answer.status, answer.headers["location"]) == (307, assets.url("vendor/v/v.js"))
    assert answer.headers["cache-control"] == YEAR
    assert ask(assets, answer.headers["location"]).headers["cache-control"] == YEAR
    stale = ask(assets, "/static/000000000000/vendor/v/v.js")
    assert (stale.status, stale.headers["cache-control"]) == (307, "no-store")


def test_it_is_compressed_for_who_says_so(assets: Assets) -> None:
    address = assets.url("js/one.js")
    plain, packed = ask(assets, address), ask(assets, address, accept_encoding="gzip, deflate")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 5
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


def test_what_the_browser_has_is_not_sent_again(assets: Assets) -> None:
    first = ask(assets, "/static/css/a.css")
    again = ask(assets, "/static/css/a.css", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/none.js",
        "/static/notes.txt",
        "/static/vendor/.stamp",
        "/static/../server.py",
        "/static//etc/passwd",
    ],
)
def test_nothing_else_is_served(assets: Assets, path: str) -> None:
    with pytest.raises(HTTPException) as refused:
        ask(assets, path)
    assert refused.value.status_code == 404


def test_the_styles_of_a_page_are_asked_for_once(assets: Assets, tmp_path: Path, time: Time) -> None:
    address = assets.styles(["a", "panels/p", "panels/none"])
    answer = ask(assets, address)
    assert answer.body == b"b { color: red }\ni { color: red }"
    assert answer.headers["cache-control"] == YEAR
    (tmp_path / "css/a.css").write_text("b { color: blue }")
    time.now += LOOK_S
    assert ask(assets, address).headers["cache-control"] == "no-cache"
    assert ask(assets, assets.styles(["a", "panels/p"])).body.startswith(b"b { color: blue }")


def test_another_choice_of_styles_is_answered_and_not_kept(assets: Assets) -> None:
    assert ask(assets, f"/static/{assets.digest}/css/panels:p+a.css").body.startswith(b"i {")
    for path in ("css/a+a.css", "css/a+none.css", "js/one+two.css", "css/..:js:one+a.css"):
        with pytest.raises(HTTPException):
            ask(assets, f"/static/{assets.digest}/{path}")


def test_only_the_first_stylesheet_names_files_beside_itself() -> None:
    # Joined, all of them look for these from static/css.
    for path in (STATIC / "css").rglob("*.css"):
        assert path.parent == STATIC / "css" or "url(" not in path.read_text().replace("url(data:", ""), path


def test_nothing_is_written(assets: Assets) -> None:
    with pytest.raises(HTTPException) as refused:
        ask(assets, "/static/css/a.css", "POST")
    assert refused.value.status_code == 405


def test_a_page_asks_at_once_for_all_that_its_module_imports(assets: Assets) -> None:
    names = ("js/one.js", "js/deep/two.js", "js/three.js", "js/four.js")
    assert sorted(assets.modules("js/one.js")) == sorted(map(assets.url, names))


@pytest.mark.parametrize("entry", ["wall", "console", "login", "pair", "alert_page"])
def test_no_import_of_a_page_is_found_late(entry: str) -> None:
    assets = Assets()
    addresses = assets.modules(f"js/{entry}.js")
    paths = {address.removeprefix(f"/static/{assets.digest}/") for address in addresses}
    for path in paths:
        # Said another way than in assets.py: every quoted relative address of an import.
        for name in re.findall(r'from "(\.[^"]+)"', (STATIC / path).read_text()):
            found = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            assert found in paths or found.startswith("vendor/"), f"{path} imports {name}"
