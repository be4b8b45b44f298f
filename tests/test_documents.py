"""feeds/reading/documents.py: what is JSON or XML, what is not, and what would hurt."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import MAX_DOCUMENT_BYTES
from feeds.reading.documents import MAX_DEPTH, MAX_ELEMENTS, MAX_NAMESPACE, load_json, load_xml
from tests.samples import samples
from wallboard.errors import BadDocument

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>"""
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_every_encoding_of_unicode(encoding: str) -> None:
    assert load_json('{"nama": "Pasar Rumput é 😀"}'.encode(encoding)) == {"nama": "Pasar Rumput é 😀"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The document is empty."),
        (b" \n", "The document is empty."),
        (b"\xef\xbb\xbf", "The document is empty."),
        (b'{"a": [1, 2', "The JSON is cut off: it ends after 11 bytes in the middle of a value."),
        (b'{\n  "a": x}', "The JSON is broken at line 2, column 8: invalid character."),
        (b'{"a": NaN}', "The JSON is broken at line 1, column 7: invalid character."),
        (b"[1e999]", "The JSON is broken: Number out of range - at `$[0]`."),
        (b"[Infinity]", "The JSON is broken at line 1, column 2: invalid character."),
        (b"{} {}", "The JSON is broken at line 1, column 4: trailing characters."),
        (b'{"a":"\xe9"}', "The JSON is not UTF-8: invalid continuation byte at byte 6."),
        (b"\xff\xfe{", "The JSON is not UTF-16-LE: truncated data at byte 0."),
        (b"<alert/>", "It should be JSON, but it is XML."),
        (
            b"\n<!DOCTYPE html><html><head><title>Silakan\n masuk</title>",
            "It should be JSON, but it is a web page (HTML) titled 'Silakan masuk'.",
        ),
        (b"<html><body>502</body></html>", "It should be JSON, but it is a web page (HTML)."),
    ],
)
def test_what_is_not_json_is_said_with_its_place(body: bytes, sentence: str) -> None:
    with pytest.raises(BadDocument) as caught:
        load_json(body)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000])
def test_json_nested_a_hundred_thousand_deep_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument, match="nested deeper"):
        load_json(body)


def test_json_depth_is_bounded_exactly() -> None:
    load_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(BadDocument, match="nested deeper"):
        load_json(b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2))


def test_an_emoji_cut_in_half_does_not_cost_the_document() -> None:
    body = rb'{"text": "banjir \ud83d", "smile": "\ud83d\ude00", "path": "C:\\ud83d"}'
    assert load_json(body) == {"text": "banjir �", "smile": "😀", "path": r"C:\ud83d"}


@pytest.mark.parametrize("load", [load_json, load_xml])
def test_a_document_above_the_limit_is_refused_unread(load: object) -> None:
    assert callable(load)
    with pytest.raises(BadDocument, match="more than the"):
        load(b" " * (MAX_DOCUMENT_BYTES + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_bad_document(body: bytes) -> None:
    for load in (load_json, load_xml):
        try:
            load(body)
        except BadDocument:
            pass


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )
)
def test_what_is_json_is_read_as_it_is(value: object) -> None:
    assert load_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b"<a>x</a>",
        b' \n<?xml version="1.0"?><a>x</a>',
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?><a>x</a>',
        b'\xef\xbb\xbf\n <?xml version="1.0"?><a>x</a>',
        '<?xml version="1.0" encoding="UTF-16"?><a>x</a>'.encode("utf-16"),
        b'<?xml version="1.0"?><!-- html --><?xml-stylesheet href="x.xsl"?><a>x</a>',
    ],
)
def test_xml_behind_white_space_and_byte_order_marks(body: bytes) -> None:
    root = load_xml(body)
    assert (root.tag, root.text) == ("a", "x")


def test_xml_in_the_encoding_that_it_declares() -> None:
    assert load_xml('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")).text == "é"
    assert load_xml('<?xml version="1.0" encoding="windows-1252"?><a>€</a>'.encode("cp1252")).text == "€"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The document is empty."),
        (b"<a><b></a>", "The XML is broken: mismatched tag: line 1, column 8."),
        (b"<a><b>", "The XML is broken: no element found: line 1, column 6."),
        (
            "<a>é</a>".encode("latin-1"),
            "The XML is broken: not well-formed (invalid token): line 1, column 3.",
        ),
        (
            b'<?xml version="1.0" encoding="klingon"?><a/>',
            "The XML cannot be decoded: unknown encoding: klingon.",
        ),
        (b'{"a": 1}', "It should be XML, but it looks like JSON."),
        (b"<!doctype HTML><html>", "It should be XML, but it is a web page (HTML)."),
        (
            b"<!-- x --> <html><head><title>Login</title></head></html>",
            "It should be XML, but it is a web page (HTML) titled 'Login'.",
        ),
        (BILLION_LAUGHS, "The XML holds what is not allowed here: a document type declaration (DTD)."),
        (EXTERNAL, "The XML holds what is not allowed here: a document type declaration (DTD)."),
    ],
)
def test_what_is_not_xml_is_said_with_its_place(body: bytes, sentence: str) -> None:
    with pytest.raises(BadDocument) as caught:
        load_xml(body)
    assert str(caught.value) == sentence


def test_xml_nested_a_hundred_thousand_deep_is_refused() -> None:
    with pytest.raises(BadDocument, match="nested deeper"):
        load_xml(b"<a>" * 100_000 + b"</a>" * 100_000)


def test_xml_of_millions_of_elements_is_refused() -> None:
    with pytest.raises(BadDocument, match=f"more than {MAX_ELEMENTS} elements"):
        load_xml(b"<a>" + b"<b/>" * (MAX_ELEMENTS + 1) + b"</a>")


@pytest.mark.parametrize("name", ["xee.cap", "xee.atom"])
def test_the_known_external_entity_attacks_are_refused(name: str) -> None:
    body = samples(f"cap/google_cap_library/{name}").read_bytes()
    with pytest.raises(BadDocument, match="not allowed"):
        load_xml(body)


def test_every_real_xml_sample_but_the_attacks_is_read() -> None:
    refused = []
    for path in samples("cap/google_cap_library").glob("*.*"):
        if path.suffix in (".cap", ".atom", ".rss", ".edxlde"):
            try:
                load_xml(path.read_bytes())
            except BadDocument:
                refused.append(path.name)
    assert sorted(refused) == ["xee.atom", "xee.cap"]


def test_every_real_json_sample_is_read() -> None:
    for path in samples("incidents").rglob("*.*json"):
        assert load_json(path.read_bytes()) is not None, path


def test_comments_before_the_root_are_looked_at_once() -> None:
    # Each of them could end at each "-->" behind it; tried in all ways, forty are a year.
    assert load_xml(b"<!---->" * 200 + b"<alert/>").tag == "alert"
    with pytest.raises(BadDocument, match="web page"):
        load_xml(b"<!-- a -->" * 50 + b"<!DOCTYPE html><html>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("written", ['xmlns="{}"', "xmlns:p\n = '{}'", 'a="1"\txmlns:' + "p" * 300 + '="{}"'])
def test_a_namespace_that_would_be_written_out_for_each_name_is_refused(written: str, encoding: str) -> None:
    def document(length: int) -> bytes:
        return f"<a {written.format('u' * length)}/>".encode(encoding)

    assert load_xml(document(MAX_NAMESPACE)) is not None
    with pytest.raises(BadDocument, match="namespace of more than"):
        load_xml(document(MAX_NAMESPACE + 1))


def test_a_document_of_nothing_but_empty_lists_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(BadDocument, match="more than 1000000 objects and lists"):
        load_json(b"[" + b"[]," * 1_000_000 + b"[]]")
