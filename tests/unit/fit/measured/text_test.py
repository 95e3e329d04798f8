"""Tables of text: what they say is taken, what they do not say is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError, ParameterError
from engine.fit.measured import RegionMatrix, RegionSeries, SpikeList, read_measured
from tests.measured_files import LABELS, signals, text_of

VALUES = signals()
TIMES = [0.72 * k for k in range(len(VALUES))]
FC = np.corrcoef(VALUES, rowvar=False)
REST = {"interval_s": 0.72, "unit": "%"}


def keys(data: bytes, answers=None, name="mine.csv", beside=None) -> list[str]:
    return [question.key for question in read_measured(data, name, beside).questions(answers)]


def made(data: bytes, name="mine.csv", beside=None, **answers):
    return read_measured(data, name, beside).data(answers)


def refusal(data: bytes, name="mine.csv", beside=None, **answers) -> str:
    with pytest.raises((DataError, ParameterError)) as error:
        read_measured(data, name, beside).data(answers)
    said = str(error.value)
    assert "\n" not in said
    return said


def test_names_above_the_columns_are_the_regions():
    data = text_of(VALUES, LABELS)
    assert keys(data) == ["interval_s", "unit"]
    found = made(data, **REST, signal="bold")
    assert isinstance(found, RegionSeries)
    np.testing.assert_array_equal(found.values, VALUES)
    assert (found.labels, found.interval_s, found.unit, found.signal) == (LABELS, 0.72, "%", "bold")
    assert found.origin.stood == {"orientation": "time-rows"}
    assert found.origin.said == {**REST, "signal": "bold"}
    assert len(found.origin.sha256) == 64


def test_names_beside_the_rows_are_the_regions():
    found = made(text_of(VALUES.T, beside=LABELS), **REST)
    np.testing.assert_array_equal(found.values, VALUES)
    assert found.labels == LABELS
    assert found.origin.stood["orientation"] == "region-rows"


@pytest.mark.parametrize(
    ("header", "asked", "factor"),
    [
        ("time_s", ["unit"], 1.0),
        ("t [ms]", ["unit"], 1e-3),
        ("seconds", ["unit"], 1.0),
        ("time", ["time_unit", "unit"], 1.0),
    ],
)
def test_a_column_of_times_says_how_often_was_sampled(header, asked, factor):
    data = text_of(np.column_stack([TIMES, VALUES]), (header, *LABELS))
    assert keys(data) == asked
    said = {"unit": "%"} | ({"time_unit": "s"} if "time_unit" in asked else {})
    found = made(data, **said)
    assert found.interval_s == pytest.approx(0.72 * factor, rel=1e-9)
    assert found.labels == LABELS


def test_times_are_judged_before_their_unit_is_asked_for():
    backwards = np.column_stack([TIMES[::-1], VALUES])
    with pytest.raises(DataError, match=r"times must run forward \(got 28\.08 followed by 27\.36\)\."):
        keys(text_of(backwards, ("time", *LABELS)))


def test_times_above_the_columns_count_too():
    data = text_of(VALUES.T, ("time_ms", *TIMES), LABELS)
    assert keys(data) == ["unit"]
    assert made(data, unit="%").interval_s == pytest.approx(0.72e-3)


def test_a_first_column_that_only_counts_is_left_out():
    found = made(text_of(np.column_stack([np.arange(len(VALUES)), VALUES]), ("", *LABELS)), **REST)
    assert found.labels == LABELS
    assert found.origin.notes == ("the first column only counts the rows and is left out",)


def test_a_plain_rectangle_is_never_guessed():
    data = text_of(VALUES)
    assert keys(data) == ["orientation", "interval_s", "unit"]
    question = read_measured(data, "mine.csv").questions()[0]
    assert question.choices == (
        ("time-rows", "40 samples of 5 regions"),
        ("region-rows", "5 samples of 40 regions"),
    )
    assert made(data, **REST, orientation="time-rows").labels == ("1", "2", "3", "4", "5")
    assert made(data, **REST, orientation="region-rows").n_regions == 40
    assert keys(text_of(VALUES[:5])) == ["orientation", "interval_s", "unit"], "a square one neither"


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 9), st.integers(2, 6), st.integers(0, 9))
def test_either_way_round_gives_the_same_signals(n_samples, n_regions, seed):
    values = signals(n_samples, n_regions, seed)
    upright = (
        made(text_of(values), orientation="time-rows", part="series", **REST)
        if n_regions == 2
        else (made(text_of(values), orientation="time-rows", **REST))
    )
    lying = read_measured(text_of(values.T), "mine.csv")
    part = {"part": "series"} if len(lying.found) > 1 else {}
    turned = lying.data({**REST, **part, "orientation": "region-rows"})
    np.testing.assert_array_equal(upright.values, values)
    np.testing.assert_array_equal(turned.values, values)


def test_a_symmetric_table_is_functional_connectivity():
    found = made(text_of(FC))
    assert isinstance(found, RegionMatrix)
    np.testing.assert_allclose(found.values, FC, atol=1e-15)
    named = made(text_of(FC, ("", *LABELS), LABELS))
    assert (type(named), named.labels) == (RegionMatrix, LABELS)
    counted = np.column_stack([np.arange(5), FC])
    for data in (text_of(FC, LABELS), text_of(FC, beside=LABELS), text_of(counted, ("", *LABELS))):
        found = made(data)
        assert (type(found), found.labels) == (RegionMatrix, LABELS)
    square = text_of(VALUES[:5], LABELS)
    assert keys(square) == ["interval_s", "unit"], "as many samples as regions are still samples"


def test_the_same_names_on_both_sides_make_relations_that_must_be_symmetric():
    skew = FC - np.eye(5)
    skew[0, 1] += 0.1
    assert "must be symmetric (got" in refusal(text_of(skew, ("", *LABELS), LABELS), relation="pearson")
    assert keys(text_of(skew, LABELS)) == ["interval_s", "unit"]


def test_a_square_table_with_times_is_of_samples():
    data = text_of(np.column_stack([TIMES[:5], FC]), ("time_s", *LABELS))
    assert keys(data) == ["unit"]
    assert isinstance(made(data, unit="%"), RegionSeries)


def test_a_symmetric_table_without_ones_is_asked_what_it_holds():
    empty = FC - np.eye(5)
    assert keys(text_of(empty)) == ["relation"]
    np.testing.assert_allclose(made(text_of(empty), relation="pearson").values, FC, atol=1e-12)
    z = np.arctanh(empty)
    np.testing.assert_allclose(made(text_of(z), relation="fisher-z").values, FC, atol=1e-12)


def test_labels_and_sampling_may_lie_beside_the_file():
    beside = {"mine_labels.csv": "\n".join(LABELS).encode(), "mine.json": b'{"RepetitionTime": 0.72}'}
    found = made(text_of(VALUES), beside=beside, unit="%")
    assert (found.labels, found.interval_s) == (LABELS, 0.72)
    assert "RepetitionTime taken from mine.json" in found.origin.notes
    rate = {"mine.json": b'{"SamplingFrequency": 4}'}
    assert made(text_of(VALUES, LABELS), beside=rate, unit="%").interval_s == 0.25


def test_regions_can_be_left_out_and_named():
    spoilt = VALUES.copy()
    spoilt[:, 1] = np.nan
    data = text_of(spoilt, LABELS)
    assert "L.HI" in refusal(data, **REST)
    found = made(data, **REST, leave_out=["L.HI"])
    assert found.labels == ("L.TH", "L.SFG", "L.PCAL", "R.TH")
    np.testing.assert_array_equal(found.values, VALUES[:, [0, 2, 3, 4]])
    assert made(text_of(VALUES, LABELS), **REST, labels=list("abcde")).labels == tuple("abcde")


def test_missing_words_are_missing_numbers():
    data = text_of(VALUES, LABELS).replace(repr(float(VALUES[3, 2])).encode(), b"n/a")
    assert refusal(data, **REST).startswith(
        "mine.csv: must hold finite numbers only (got 1 that are not, in 'L.SFG')"
    )


BACKWARDS = np.column_stack([[*TIMES[:20], TIMES[18], *TIMES[21:]], VALUES])
UNEVEN = np.column_stack([np.array(TIMES) ** 1.1, VALUES])
STATED = text_of(np.column_stack([TIMES, VALUES]), ("time_s", *LABELS))


@pytest.mark.parametrize(
    ("data", "answers", "sentence"),
    [
        (
            text_of(BACKWARDS, ("time_s", *LABELS)),
            REST,
            "times must run forward (got 13.68 followed by 12.96).",
        ),
        (text_of(UNEVEN, ("time_s", *LABELS)), {"unit": "%"}, "must be sampled evenly (got steps from 0.69"),
        (
            text_of(np.column_stack([np.arange(40) * 1e4 + 5e3, VALUES]), ("time_s", *LABELS)),
            {"unit": "%"},
            "must be sampled every 1e-05 to 600 s (got 10000 s).",
        ),
        (
            STATED,
            {"unit": "%", "interval_s": 2.0},
            "from a sample to the next [s]: must be 0.72 as the file says",
        ),
        (
            text_of(VALUES, LABELS),
            {**REST, "interval_s": 0.0},
            "interval_s: must be from 1e-05 to 600 s (got 0.0).",
        ),
        (text_of(VALUES, LABELS), {**REST, "interval_s": np.nan}, "interval_s: must be from 1e-05 to 600 s"),
        (
            text_of(VALUES, LABELS),
            {**REST, "unit": "x" * 30},
            "unit: must have at most 20 characters (got 30).",
        ),
        (text_of(VALUES), {**REST, "orientation": "time"}, "Did you mean 'time-rows'?"),
        (text_of(VALUES), {**REST, "orientatoin": "time"}, "Did you mean 'orientation'?"),
        (text_of(VALUES), {}, "must be said first: whether the rows are the samples or the regions; from a"),
        (text_of(VALUES, LABELS), {**REST, "labels": ["a"]}, "must have 5 names, one per region (got 1)."),
        (
            text_of(VALUES, LABELS),
            {**REST, "labels": "abcde"},
            "labels: must be a list of names (got 'abcde').",
        ),
        (text_of(VALUES, LABELS), {**REST, "leave_out": ["L.HIP"]}, "Did you mean 'L.HI'?"),
        (
            text_of(VALUES, LABELS),
            {**REST, "orientation": "region-rows"},
            "must be time-rows as the file says",
        ),
        (text_of(VALUES, LABELS) + b"\n1,2,3", REST, "every row must have 5 numbers (got 3 in row 41)."),
        (text_of(VALUES, LABELS) + b"\n1,2,3,x,5", REST, "must hold numbers (got 'x' in row 41 column 4)"),
        (text_of(VALUES, LABELS[:3]), REST, "must name each column (got 3 names for 5 columns)."),
        (text_of(FC * 3), {"relation": "pearson"}, "correlations must be from -1 to 1"),
        (text_of(FC + np.triu(FC, 1) * 0.1), {}, "must be symmetric (got"),
        (
            text_of(np.column_stack([np.arange(40), VALUES])),
            REST,
            "must name its columns (got a first column that",
        ),
        (text_of(VALUES, (7, 8, 9, 3, 4)), REST, "must name its columns with words (got a first row of"),
        (text_of(np.ones((4, 4)), (0, 1, 2, 3)), REST, "must name its columns with words (got a first row"),
        (b' {"a": [1, 2]}', {}, "must be a table (got JSON)."),
        (b"<html>1,2</html>", {}, "must be a table (got HTML or XML)."),
        (b" \n", {}, "must not be empty"),
        (b"\x00\x01\x02 nonsense", {}, "must be text (got binary data"),
        (b"L.TH,L.HI\n", {}, "must hold rows of numbers"),
        (b"", {}, "must not be empty (got 0 bytes)."),
    ],
)
def test_bad_input_is_one_sentence(data, answers, sentence):
    assert sentence in refusal(data, **answers)


def test_a_sampling_rate_beside_the_file_must_be_possible():
    for value, rule in ((b"0", "must be above 0 (got 0)."), (b"1e9", "must be sampled every")):
        said = refusal(
            text_of(VALUES, LABELS), beside={"mine.json": b'{"RepetitionTime": %s}' % value}, unit="%"
        )
        assert said.startswith("mine.json") and rule in said  # noqa: PT018


def test_a_list_of_spikes_is_told_by_its_header():
    data = b"t_ms,unit,region\n30,7,L.TH\n10,12,L.HI\n20,7,L.TH\n"
    assert keys(data) == ["duration_s"]
    found = made(data, duration_s=0.1)
    assert isinstance(found, SpikeList)
    assert (found.units, found.regions) == (("7", "12"), ("L.TH", "L.HI"))
    assert found.times.tolist() == [10.0, 20.0, 30.0]
    assert found.ids.tolist() == [1, 0, 0]
    assert made(data, duration_s=0.1, labels=["L.HI", "R.HI"]).regions == ("L.HI", "R.HI")
    assert "must have a region for each unit (got 1 for 2)." in refusal(data, duration_s=0.1, labels=["L.HI"])
    assert keys(b"time,id\n1,2\n2,3\n") == ["time_unit", "duration_s"]
    assert made(b"time,id\n1,2\n2,3\n", time_unit="s", duration_s=5).times.tolist() == [1000.0, 2000.0]


def test_two_columns_of_numbers_may_be_signals_or_spikes():
    data = b"1.5,3\n2.5,4\n0.5,3\n"
    assert keys(data) == ["part"]
    choices = [answer for answer, _ in read_measured(data, "mine.csv").questions()[0].choices]
    assert choices == ["series", "spikes"]
    assert made(data, part="spikes", time_unit="s", duration_s=3).units == ("3", "4")
    assert made(data, part="series", orientation="time-rows", **REST).n_regions == 2
    both = [a for a, _ in read_measured(b"1,3\n2,4\n5,3\n", "mine.csv").questions()[0].choices]
    assert both == ["series", "spikes", "spikes-unit-first"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"t_ms,id\n", "must hold spikes (got a header only)."),
        (b"t_ms,id\n1\n", "every row must have 2 cells (got 1 in row 1)."),
        (b"t_ms,id,region\n1,2,A\n2,2,B\n", "a unit must lie in one region (got 'A' and 'B' for '2')."),
        (b"t_ms,id\n1,2\n2,\n", "every row must have 2 cells (got 1 in row 2)."),
        (b"id,t_ms\n2,1\n,2\n", "every spike must have a unit (got none in row 2)."),
        (b"t_ms,id\n" + b"1,2\n" * 5000 + b"x,2\n", "must hold numbers (got 'x' in row 5001 column 1)."),
        (b"t_ms,id\nnan,2\n2,2\n", "spike times must be finite numbers (got 1 that are not)."),
        (b"t_ms,id\n-4,2\n2,2\n", "spike times must lie in the 1 s recorded (got -0.004 s)."),
        (b"t_ms,id\n4000,2\n2,2\n", "spike times must lie in the 1 s recorded (got 4 s). Is the unit"),
    ],
)
def test_bad_spikes_are_one_sentence(data, sentence):
    assert sentence in refusal(data, duration_s=1.0)
