"""Which region is which: by name, one to one, and as the user says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import load_connectome
from engine.errors import ParameterError
from engine.fit.measured import HOW, match_regions
from engine.fit.measured.desikan_killiany import FREESURFER
from engine.fit.measured.region_words import region_words

DK84 = load_connectome("dk84")
TO_SIDE = {"L": "left", "R": "right"}


def spelled(label: str, form: str) -> str:
    side, core = label.split(".")
    return form.format(
        s=side,
        low=side.lower(),
        word=TO_SIDE[side],
        Word=TO_SIDE[side].capitalize(),
        core=core,
        surfer=FREESURFER[core],
    )


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("{s}.{core}", "exact"),
        ("{low}.{core}", "case"),
        ("{low}h-{core}", "side"),
        ("{low}h_{core}", "side"),
        ("ctx-{low}h-{core}", "side"),
        ("{core}_{s}", "side"),
        ("{core}.{s}", "side"),
        ("{Word}-{core}", "side"),
        ("{core} {word}", "side"),
        ("{low}{core}", "side"),
        ("ctx-{low}h-{surfer}", "atlas"),
        ("{Word}-{surfer}", "atlas"),
    ],
)
def test_every_way_of_writing_a_side_is_understood(form, how):
    theirs = [spelled(label, form) for label in DK84.labels]
    matching = match_regions(theirs, DK84)
    assert [row.ours for row in matching.rows] == list(DK84.labels)
    assert how in {row.how for row in matching.rows} <= {how, "case", "side", "name", "atlas"}
    assert matching.unmatched_theirs == matching.unmatched_ours == ()


def test_full_names_are_understood():
    matching = match_regions(DK84.names, DK84)
    assert [row.ours for row in matching.rows] == list(DK84.labels)
    assert {row.how for row in matching.rows} == {"name"}
    turned = [", ".join(reversed(name.split(", "))) for name in DK84.names]
    assert match_regions(turned, DK84).n_matched == 84


def test_a_letter_is_a_side_only_beside_its_opposite():
    assert region_words(["rACC"])["rACC"] == ("", "racc")
    assert region_words(["rACC", "lACC"])["rACC"] == ("R", "acc")


def test_what_is_only_near_is_proposed_until_it_is_accepted():
    matching = match_regions(["L.Hippocampus proper", "L.TH", "left gyrus of nowhere"], DK84)
    near, exact, none = matching.rows
    assert (near.ours, near.how, near.proposal) == (None, "near", "L.HI")
    assert (exact.ours, exact.how, exact.proposal) == ("L.TH", "exact", None)
    assert (none.ours, none.how) == (None, "none")
    assert matching.n_matched == 1
    assert matching.unmatched_theirs == ("L.Hippocampus proper", "left gyrus of nowhere")
    assert len(matching.unmatched_ours) == 83
    accepted = matching.accepted()
    assert (accepted.rows[0].ours, accepted.rows[0].how, accepted.n_matched) == ("L.HI", "accepted", 2)
    assert accepted.places().tolist() == [DK84.index("L.HI"), DK84.index("L.TH"), -1]
    assert {row["how"] for row in accepted.as_json()} <= set(HOW)


def test_short_words_are_never_near():
    assert match_regions(["L.HIX", "L.H"], DK84).proposals == ()


def test_a_proposal_keeps_to_its_side():
    rows = match_regions(["lh.hippocampi", "rh.hippocampi"], DK84).rows
    assert [row.proposal for row in rows] == ["L.HI", "R.HI"]


def test_names_that_mean_the_same_are_left_open():
    matching = match_regions(["lh-HI", "HI_L", "L.TH"], DK84)
    assert [row.ours for row in matching.rows] == [None, None, "L.TH"]
    assert [row.proposal for row in matching.rows].count("L.HI") == 1, "a proposal is for one of them"


def test_the_users_word_stands_above_all():
    said = {"L.TH": "L.HI", "thing": "L.TH", "L.SFG": None}
    matching = match_regions(["L.TH", "L.HI", "thing", "L.SFG"], DK84, said)
    assert [(row.ours, row.how) for row in matching.rows] == [
        ("L.HI", "said"),
        (None, "none"),
        ("L.TH", "said"),
        (None, "none"),
    ]
    assert matching.rows[3].proposal is None, "what is left out stays out"
    assert matching.accepted().rows[3].ours is None


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"L.TX": "L.HI"}, "map: must begin with a region of the data (got 'L.TX'). Did you mean 'L.TH'?"),
        ({"L.TH": "L.HX"}, "map: must end in a region of dk84 (got 'L.HX'). Did you mean"),
        ({"L.TH": "L.SFG", "x": "L.SFG"}, "map: must give each region once (got 'L.SFG' 2 times)."),
    ],
)
def test_a_mapping_that_cannot_be_is_one_sentence(said, sentence):
    with pytest.raises(ParameterError) as refusal:
        match_regions(["L.TH", "x"], DK84, said)
    assert str(refusal.value).startswith(sentence)


NAMES = st.one_of(
    st.sampled_from([*DK84.labels[:20], *DK84.names[:20], "lh-HI", "HI_L", "l.hi", "ctx-lh-cuneus"]),
    st.text("LRlrhi.-_ ", min_size=1, max_size=6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, max_size=30, unique=True), st.data())
def test_a_matching_is_one_to_one_whatever_the_names(theirs, drawn):
    said = {}
    if theirs:
        ours = drawn.draw(st.lists(st.sampled_from(DK84.labels), max_size=3, unique=True))
        names = drawn.draw(st.permutations(theirs))
        said = dict(zip(names, ours, strict=False))
    matching = match_regions(theirs, DK84, said).accepted()
    assert [row.theirs for row in matching.rows] == theirs
    taken = [row.ours for row in matching.rows if row.ours is not None]
    assert len(set(taken)) == len(taken) == matching.n_matched
    assert set(taken).isdisjoint(matching.unmatched_ours)
    assert len(taken) + len(matching.unmatched_ours) == 84
    assert {row.theirs: row.ours for row in matching.rows if row.how == "said"} == said
    places = matching.places()
    assert [DK84.labels[k] for k in places[places >= 0]] == taken
    assert np.count_nonzero(places < 0) == len(matching.unmatched_theirs)
