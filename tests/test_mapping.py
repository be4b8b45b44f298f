"""feeds/reading/mapping.py with rows, records, numbers and shape: documents of any shape to named fields."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import jmespath
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Context, Parsed
from feeds.reading import rows
from feeds.reading.mapping import BadField, Mapping, Record, parse_records, records
from feeds.reading.numbers import parse_number
from feeds.reading.private import mask_numbers, masked_record
from feeds.reading.rows import sniff
from feeds.reading.shape import compiled
from feeds.reports import incident
from wallboard.errors import BadDocument
from wallboard.events import IncidentReported, encoder

WIB = ZoneInfo("Asia/Jakarta")


def mapping(**options: Any) -> Mapping:
    """The options as a configuration gives them."""
    return msgspec.convert(options, Mapping)


def one(data: Any, **options: Any) -> Record:
    """The only record of a document with `data` in it."""
    return records(msgspec.json.encode([data]), mapping(**options))[0]


# -- where the records stand -------------------------------------------------------------------------


def test_records_are_found_by_their_path_and_common_fields_in_the_whole_document() -> None:
    document = (
        b'{"data": {"day": "2026-11-20", "list": [{"n": {"judul": "Banjir"}}, {"n": {"judul": "Api"}}]}}'
    )
    found = records(
        document, mapping(records="data.list[]", fields={"title": "n.judul"}, common={"day": "data.day"})
    )
    assert [(record.text("title"), record.text("day"), record.where) for record in found] == [
        ("Banjir", "2026-11-20", "record 0"),
        ("Api", "2026-11-20", "record 1"),
    ]


def test_records_may_be_lists_themselves() -> None:
    record = one(["Simpang Lima", [-7.1, 112.0]], fields={"name": "[0]", "position": "[1]"}, order="lat,lon")
    assert record.text("name") == "Simpang Lima"
    assert record.place() == (112.0, -7.1)


def test_a_single_object_is_one_record() -> None:
    assert [r.text("a") for r in records(b'{"a": "x"}', mapping(fields={"a": "a"}))] == ["x"]


def test_an_error_answer_is_no_empty_list() -> None:
    with pytest.raises(BadDocument, match=r"no list at records = 'data\.items'; it has 'status', 'message'"):
        records(b'{"status": "error", "message": "limit"}', mapping(records="data.items"))


def test_more_records_than_any_city_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.reading.mapping.MAX_RECORDS", 3)
    monkeypatch.setattr(rows, "MAX_RECORDS", 3)
    for payload in (b"[1,2,3,4]", b'{"a":1}\n' * 4, b"a,b\n" + b"1,2\n" * 4):
        with pytest.raises(BadDocument, match="more than 3 records"):
            records(payload, Mapping())


def test_json_lines_lose_only_the_bad_line() -> None:
    found = parse_records(b'{"id": "1"}\n\n{"id": \n{"id": "3"}\n', mapping(fields={"id": "id"}), gone_of)
    assert [event.source_id for event in found.events] == ["1", "3"]
    assert [fault.where for fault in found.faults] == ["line 3"]


def test_json_over_several_lines_is_not_taken_for_json_lines() -> None:
    assert len(records(b'[\n {"a": 1},\n {"a": 2}\n]\n', Mapping())) == 2


def test_a_scalar_among_the_records_is_a_fault_of_its_own() -> None:
    found = parse_records(b'[{"id": "1"}, 7, null]', mapping(fields={"id": "id"}), gone_of)
    assert len(found.events) == 1
    assert [(fault.where, fault.why) for fault in found.faults] == [
        ("record 1", "a int is not a record"),
        ("record 2", "a NoneType is not a record"),
    ]


@pytest.mark.parametrize(
    "payload", [b"", b"   ", b"<html><body>Maintenance</body></html>", b"[1, 2", b"\xff\xfe\x00"]
)
def test_what_is_no_document_is_refused(payload: bytes) -> None:
    with pytest.raises(BadDocument):
        records(payload, Mapping())


def test_a_document_of_a_hundred_thousand_levels_is_refused() -> None:
    with pytest.raises(BadDocument):
        records(b"[" * 100_000 + b"]" * 100_000, Mapping())


@given(st.binary(max_size=200))
def test_any_bytes_give_records_or_a_clear_refusal(payload: bytes) -> None:
    try:
        for record in records(payload, mapping(fields={"id": "id", "n": "n"})):
            record.text("id")
            record.place()
    except (BadDocument, BadField):
        pass


_JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.text(max_size=10), st.floats(allow_nan=False, allow_infinity=False),
        st.integers(), st.just(10**400), st.just(-(10**4000)), st.sampled_from(["2026-01-01", "-7,1", "1.5"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner)),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from("abcd"), _JSON))
def test_no_record_breaks_the_document(data: dict[str, Any]) -> None:
    fields: dict[str, str | list[str]] = {
        "id": "a", "title": ["a", "b"], "text": "b", "status": "c || d",
        "observed": "c", "opened": ["c", "d"],
        "position": "d", "accuracy": "b", "severity": "length(a)", "expected": "b", "media": "d.a",
    }  # fmt: skip
    context = Context("f", 1.7e9, WIB)
    row = rows.Row("record 0", data)
    try:
        encoder.encode(incident(Record(row, mapping(fields=fields), {}, frozenset({""})), context))
    except BadField as bad:
        msgspec.json.encode(bad.fault().record)


@given(
    st.dictionaries(st.sampled_from("abc"), _JSON), st.sampled_from(["a", "a.b", "a || b", "a.b || c || b.a"])
)
def test_plain_paths_find_what_jmespath_finds(document: dict[str, Any], expression: str) -> None:
    assert compiled(expression)(document) == jmespath.search(expression, document)


# -- CSV ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_table_is_found_out(delimiter: str) -> None:
    text = (
        delimiter.join(['"nama, lengkap; ya"', "harga"])
        + "\r\n"
        + delimiter.join(["beras", "13500"])
        + "\r\n"
    )
    record = records(text.encode(), mapping(fields={"p": "harga"}))[0]
    assert record.number("p") == 13500
    assert sniff('"a;b;c",d') == ","


def test_a_second_row_of_hxl_tags_is_left_out() -> None:
    payload = b"date,market,price\n#date,#loc+market+name,#value\n2024-01-15,Pasar Lama,13500\n"
    found = records(payload, mapping(format="csv", fields={"price": "price"}))
    assert [record.number("price") for record in found] == [13500]


def test_columns_may_have_any_name() -> None:
    payload = "Nama Pasar;Harga (Rp/Kg)\nPasar Lama;13.500\n".encode("utf-8-sig")
    record = records(
        payload,
        mapping(format="csv", fields={"m": "Nama Pasar", "p": "Harga (Rp/Kg)"}, thousands=".", decimal=","),
    )[0]
    assert (record.text("m"), record.number("p")) == ("Pasar Lama", 13500)


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(BadDocument, match=r"no column 'harga'; it has 'nama', 'price'"):
        records(b"nama,price\na,1\n", mapping(format="csv", fields={"p": "harga"}))


def test_a_row_that_was_cut_off_is_a_fault_not_a_smaller_price() -> None:
    payload = b"id,market,price\n1,a,13500\n2,b\n\n3,c,14000\n"
    found = parse_records(payload, mapping(format="csv", fields={"id": "id"}), gone_of)
    assert [event.source_id for event in found.events] == ["1", "3"]
    assert [(fault.where, fault.why) for fault in found.faults] == [
        ("line 3", "the row has 2 cells, the header 3")
    ]


def test_another_encoding_is_named() -> None:
    payload = "id,nama\n1,Café\n".encode("latin-1")
    with pytest.raises(BadDocument, match="set `encoding`"):
        records(payload, mapping(format="csv"))
    assert (
        records(payload, mapping(format="csv", encoding="latin-1", fields={"n": "nama"}))[0].text("n")
        == "Café"
    )


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(BadDocument, match="two columns"):
        records(b"a,b,a\n1,2,3\n", mapping(format="csv"))


def test_a_web_page_is_no_table() -> None:
    with pytest.raises(BadDocument, match="not a table"):
        records(b"<!DOCTYPE html><title>x</title>", mapping(format="csv"))


# -- texts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", ["", " - ", "null", "NULL", "N/A", "<unknown>", None, 999999, "999999"])
def test_words_for_nothing_are_nothing(nothing: Any) -> None:
    record = one({"v": nothing}, fields={"v": "v"}, empty=[999999])
    assert (record.value("v"), record.text("v"), record.number("v")) == (None, "", None)


def test_false_and_zero_are_something() -> None:
    record = one({"f": False, "z": 0}, fields={"f": "f", "z": "z"})
    assert (record.text("f"), record.number("z"), record.truth("f")) == ("false", 0.0, False)


@pytest.mark.parametrize(
    ("written", "truth"),
    [("False", False), ("true", True), ("Ya", True), (0, False), ("mungkin", None), ("", None)],
)
def test_a_false_written_as_text_is_not_true(written: Any, truth: bool | None) -> None:
    assert one({"v": written}, fields={"v": "v"}).truth("v") is truth


def test_numbers_as_identities_keep_all_their_digits() -> None:
    assert one({"id": 101005420892}, fields={"id": "id"}).text("id") == "101005420892"
    assert one({"id": 12.0}, fields={"id": "id"}).text("id") == "12"


def test_values_are_mapped_whatever_their_case_and_others_pass_raw() -> None:
    options: dict[str, Any] = {"fields": {"s": "s"}, "values": {"s": {"Selesai": "closed"}}}
    assert one({"s": " SELESAI"}, **options).text("s") == "closed"
    assert one({"s": "Ditunda"}, **options).text("s") == "Ditunda"
    options["values"]["s"]["*"] = "open"
    record = one({"s": "Ditunda"}, **options)
    assert (record.text("s"), record.raw_text("s")) == ("open", "Ditunda")


def test_constants_and_common_fields_stand_in_for_what_is_missing() -> None:
    record = one({"a": "-"}, fields={"a": "a"}, constants={"a": "112"})
    assert record.text("a") == "112"


def test_text_from_outside_is_made_harmless() -> None:
    record = one({"t": "a\u202eb\x00c\u200bd" + "e" * 10_000}, fields={"t": "t"})
    assert record.text("t").startswith("ab cd")
    assert len(record.text("t")) == 4000
    assert len(record.line("t")) == 200


def test_an_object_where_a_text_should_stand_is_a_fault_with_record_and_field() -> None:
    record = one({"t": {"id": "Banjir"}}, fields={"t": "t"})
    with pytest.raises(BadField) as caught:
        record.text("t")
    assert (caught.value.fault().where, caught.value.fault().why) == ("record 0", "t: a dict is not a text")


def test_a_function_that_fails_on_a_record_is_that_records_fault() -> None:
    with pytest.raises(BadField, match="length"):
        one({"t": 5}, fields={"t": "length(t)"}).text("t")


# -- numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13.500", 13500),
        ("Rp 13.500", 13500),
        ("Rp. 13.500,-", 13500),
        ("13.500 Rp./Kg", 13500),
        ("Rp1.234.567,89", 1234567.89),
        ("-7,5", -7.5),
        ("120 cm", 120),
        (13.5, 13.5),
        ("900", 900),
    ],
)
def test_indonesian_numbers(written: Any, number: float) -> None:
    assert parse_number(written, thousands=".", decimal=",") == number


@pytest.mark.parametrize(
    "written",
    [
        "13.50",
        "1.3500",
        "1.234.56",
        "12abc34",
        "--5",
        "1e400",
        "",
        ".",
        "٣",
        "5" * 100,
        True,
        [1],
        "13 500 apel dua",
    ],
)
def test_what_is_no_number_is_not_guessed_at(written: Any) -> None:
    with pytest.raises(ValueError, match=r"number"):
        parse_number(written, thousands=".", decimal=",")


def test_infinite_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        parse_number(float("inf"))


@given(st.integers(-(10**12), 10**12))
def test_a_number_written_with_dots_is_read_back(number: int) -> None:
    assert parse_number(f"{number:,}".replace(",", "."), thousands=".", decimal=",") == number


# -- coordinates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "order"),
    [
        ("LatLng(-7.03753, 113.776377)", "lat,lon"),
        ("-7.03753,113.776377", "lat,lon"),
        ("113.776377 -7.03753", "lon,lat"),
        ("POINT(113.776377 -7.03753)", "lon,lat"),
        (["113.776377", "-7.03753"], "lon,lat"),
        ([113.776377, -7.03753, 12], "lon,lat"),
    ],
)
def test_positions_in_one_field(position: Any, order: str) -> None:
    record = one({"p": position}, fields={"position": "p"}, order=order)
    assert record.place() == (113.776377, -7.03753)
    assert record.flags == ()


def test_coordinates_as_texts() -> None:
    record = one({"x": "106,8", "y": "-6,1"}, fields={"lon": "x", "lat": "y"}, thousands=".", decimal=",")
    assert record.place() == (106.8, -6.1)


def test_a_dot_in_a_coordinate_is_no_thousand() -> None:
    record = one({"x": "106.812", "y": "-6.123"}, fields={"lon": "x", "lat": "y"}, thousands=".", decimal=",")
    assert record.place() == (106.812, -6.123)


def test_exchanged_numbers_pass_for_the_geofence_to_see() -> None:
    assert one({"x": -7.0, "y": 113.7}, fields={"lon": "x", "lat": "y"}).place() == (-7.0, 113.7)


@pytest.mark.parametrize(
    "data", [{"x": "timur", "y": "1"}, {"p": "di depan pasar"}, {"x": 5}, {"p": {"a": 1}}]
)
def test_bad_coordinates_are_flagged_and_cost_no_record(data: Any) -> None:
    record = one(data, fields={"lon": "x", "lat": "y", "position": "p"})
    assert record.place() == (None, None)
    assert record.flags == ("bad_coordinates",)


def test_no_coordinates_are_no_fault() -> None:
    record = one({}, fields={"lon": "x", "lat": "y"})
    assert (record.place(), record.flags) == ((None, None), ())


# -- times -------------------------------------------------------------------------------------------


def test_a_date_and_a_time_in_two_fields_are_joined() -> None:
    record = one({"d": "20 Agustus 2021", "t": "07:15"}, fields={"at": ["d", "t"]})
    assert record.time("at", WIB) == 1629418500.0
    assert record.flags == ("no_zone",)


def test_a_time_may_have_a_format_of_its_own() -> None:
    record = one({"d": "08/20/21 07.15"}, fields={"at": "d"}, formats={"at": ["%m/%d/%y %H.%M"]})
    assert record.time("at", WIB) == 1629418500.0


def test_epoch_milliseconds_are_known_by_their_size() -> None:
    assert one({"d": 1629418500000}, fields={"at": "d"}).time("at", WIB) == 1629418500.0


def test_a_bad_time_is_a_fault_or_a_flag_as_its_adapter_asks() -> None:
    record = one({"d": "kemarin"}, fields={"at": "d"})
    with pytest.raises(BadField, match="kemarin"):
        record.time("at", WIB)
    assert record.time("at", WIB, lenient=True) is None
    assert record.flags == ("bad_time",)


# -- the configuration -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"fields": {"title": "judul["}}, r"fields\.title = 'judul\[' is not a JMESPath expression"),
        ({"records": "data.[[["}, "records = "),
        ({"common": {"day": "a b"}}, r"common\.day"),
        ({"thousands": ".", "decimal": "."}, "cannot both be"),
        ({"delimiter": ";;"}, "one character"),
        ({"encoding": "utf-99"}, "does not exist"),
        ({"feilds": {}}, "unknown field"),
    ],
)
def test_a_wrong_mapping_is_a_fault_of_the_configuration(options: dict[str, Any], why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        msgspec.convert(options, Mapping)


# -- private numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("telp 0812-3456-7890 ya", "telp 0812-****-890 ya"),
        ("WA:+62 812 3456 7890.", "WA:0812-****-890."),
        ("NIK 3171234567890001", "NIK 3171-****-001"),
        ("Hp.081234567890, HP081234567890", "Hp.0812-****-890, HP0812-****-890"),
        ("Budi,081234567890", "Budi,0812-****-890"),
        ("0812 - 3456 - 7890 / 0812–3456–7890", "0812-****-890 / 0812-****-890"),
        ("+62 (0)812 3456 7890", "0812-****-890"),
        ("tiket 1.0812345678", "tiket 1.0812345678"),
        ("tiket 101005420892", "tiket 101005420892"),
        ("Jl. 17 no 08, 07:15 20-08-2021", "Jl. 17 no 08, 07:15 20-08-2021"),
    ],
)
def test_telephone_and_identity_numbers_in_free_text_are_masked(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


def test_a_kept_record_holds_no_number_and_is_bounded() -> None:
    kept = masked_record(
        {"hp": 81234567890, "t": "0812-3456-7890" + "x" * 9999, "l": list(range(999)), "n": 5}
    )
    written = msgspec.json.encode(kept)
    assert b"34567890" not in written
    assert len(written) < 2000
    assert kept["n"] == 5


def test_a_fault_keeps_its_record_masked() -> None:
    found = parse_records(b'[{"hp": "081234567890"}]', mapping(fields={"id": "id"}), gone_of)
    assert found.faults[0].why == "id: is missing"
    assert found.faults[0].record == {"hp": "0812-****-890"}


# -- reports -----------------------------------------------------------------------------------------


def test_a_regencys_112_log_becomes_incidents() -> None:
    """Times as Indonesian text without a zone, coordinates as LatLng(…): FEEDS.md section 2.2."""
    document = msgspec.json.encode(
        [{
            "no": 7, "jenis": "POHON TUMBANG", "ket": "Hub. 0812-3456-7890",
            "koordinat": "LatLng(-7.03753, 113.776377)",
            "waktu": "20 Agustus 2021 07:15", "status": "Selesai", "foto": "javascript:alert(1)",
        }]
    )  # fmt: skip
    options = mapping(
        fields={
            "id": "no", "category": "jenis", "title": "jenis", "text": "ket", "position": "koordinat",
            "opened": "waktu", "status": "status", "media": "foto",
        },
        values={"status": {"Selesai": "closed", "*": "open"}},
        order="lat,lon",
    )  # fmt: skip
    context = Context("siaga", 1.7e9, WIB, channel="112")
    parsed = parse_records(document, options, lambda record: [incident(record, context)])
    assert parsed == Parsed(
        [
            IncidentReported(
                feed="siaga",
                source_id="7",
                received_at=1.7e9,
                title="POHON TUMBANG",
                text="Hub. 0812-****-890",
                category="POHON TUMBANG",
                status="closed",
                status_raw="Selesai",
                channel="112",
                lon=113.776377,
                lat=-7.03753,
                opened_at=1629418500.0,
                flags=("no_zone",),
            )
        ]
    )


def test_an_incident_without_identity_or_any_word_for_it_is_a_fault() -> None:
    context = Context("f", 1.7e9, WIB)
    for data, field in (({"t": "x"}, "id"), ({"i": "1"}, "title"), ({"i": "1" * 200, "t": "x"}, "id")):
        with pytest.raises(BadField) as caught:
            incident(one(data, fields={"id": "i", "title": "t"}), context)
        assert caught.value.field == field


def test_an_unknown_severity_neither_raises_nor_lowers() -> None:
    report = incident(
        one({"i": "1", "s": "gawat"}, fields={"id": "i", "severity": "s", "title": "i"}),
        Context("f", 1.0, WIB),
    )
    assert (report.severity, report.flags) == ("", ("unknown_severity",))


def gone_of(record: Record) -> list[IncidentReported]:
    """An event for a record that has an identity."""
    return [IncidentReported(feed="f", source_id=record.required("id"), received_at=1.0, title="t")]


def test_the_keys_of_a_kept_record_are_masked_too() -> None:
    # The header of a table without one is its first record.
    assert masked_record({"Budi": "Ani", "081234567890": "x"}) == {"Budi": "Ani", "0812-****-890": "x"}


def test_a_callers_number_in_the_wrong_column_is_masked_in_the_reason_too() -> None:
    table = b"id,waktu\n1,lapor 0812-3456-7890\n"
    [record] = records(table, Mapping(format="csv", fields={"id": "id", "observed": "waktu"}))
    with pytest.raises(BadField) as caught:
        record.time("observed", WIB)
    assert caught.value.fault().why == "observed: 'lapor 0812-****-890' is not a time in a known form"


def test_a_table_that_was_found_out_names_its_missing_column_too() -> None:
    renamed = b"no,judul\n1,Lampu padam\n"
    with pytest.raises(BadDocument, match="the table has no column 'nomor'; it has 'no', 'judul'"):
        records(renamed, Mapping(fields={"id": "nomor", "title": "judul"}))


def test_what_an_adapter_reads_by_default_or_by_an_expression_need_not_be_a_column() -> None:
    fields: dict[str, str | list[str]] = {"id": "no", "title": "title", "text": "isi || judul", "lon": "a.b"}
    [record] = records(b"no,judul\n1,Lampu padam\n", Mapping(fields=fields))
    assert (record.line("id"), record.line("title"), record.line("text")) == ("1", "", "Lampu padam")
