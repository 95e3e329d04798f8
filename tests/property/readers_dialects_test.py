"""One connectome, written in any dialect, comes back the same; in a spoilt one, as a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.brain.connectome import read_connectome
from engine.brain.readers import survey

MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.lists(
    st.text("abcxyzLR._- 17", min_size=1, max_size=7)
    .map(lambda w: " ".join(w.split()))
    .filter(lambda w: w[:1].isalpha()),
    min_size=4,
    max_size=7,
    unique_by=str.casefold,
)


@st.composite
def brains(draw):
    """Labels and a full matrix of weights in quarters, so that every way to write it is exact."""
    labels = draw(NAMES)
    n = len(labels)
    quarters = np.frombuffer(draw(st.binary(min_size=2 * n * n, max_size=2 * n * n)), np.uint16) % 4000 + 1
    weights = quarters.astype(float).reshape(n, n) / 4
    weights[0, 1] = 0.25  # no dialect without labels is then an edge list or counts
    np.fill_diagonal(weights, 0.0)
    return tuple(labels), weights


@st.composite
def written(draw):
    """A connectome, its text in some dialect, and whether the dialect keeps the labels."""
    labels, weights = draw(brains())
    separator = draw(st.sampled_from([",", ";", "\t", " "]))
    comma = separator != "," and draw(st.booleans())
    form = draw(st.sampled_from(["%.2f", "%.17g", "%.3e", "%r"]))
    fortran = draw(st.booleans())
    quote = separator in ",;" and draw(st.booleans())

    def number(value: float) -> str:
        text = repr(value) if form == "%r" else form % value
        text = format(value, ".6f") if form == "%.3e" and float(text) != value else text
        text = text.replace("e", "d") if fortran else text
        return text.replace(".", ",") if comma else text

    def word(text: str) -> str:
        return f'"{text}"' if quote or separator == " " else text

    style = draw(st.sampled_from(["bare", "header", "both", "rows", "index", "r", "pandas"]))
    rows = [[number(v) for v in row] for row in weights.tolist()]
    head: list[str] | None = None
    n = len(labels)
    if style in ("header", "both", "index", "r"):
        head = [word(a) for a in labels]
    if style == "both":
        head, rows = (
            [draw(st.sampled_from(['""', "region"])), *head],
            [[word(a), *row] for a, row in zip(labels, rows, strict=True)],
        )
    elif style == "rows":
        rows = [[word(a), *row] for a, row in zip(labels, rows, strict=True)]
    elif style == "index":
        start = draw(st.integers(0, 1))
        rows = [[str(k + start), *row] for k, row in enumerate(rows)]
        head = ["index", *head]
    elif style == "r":
        head = ['""', *(f'"V{k + 1}"' for k in range(n))]
        rows = [[f'"{k + 1}"', *row] for k, row in enumerate(rows)]
    elif style == "pandas":
        head = ['""', *map(str, range(n))]
        rows = [[str(k), *row] for k, row in enumerate(rows)]
    lines = [separator.join(row) for row in ([head] if head else []) + rows]
    if separator in ",;" and draw(st.booleans()):
        lines.insert(0, f"sep={separator}")
    if draw(st.booleans()):
        lines.insert(0, "# exported")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    mark = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return labels, weights, text.encode(mark), style not in ("bare", "r", "pandas")


@MANY
@given(written(), st.sampled_from([".csv", ".tsv", ".txt"]))
@pytest.mark.slow
def test_every_dialect_of_a_matrix_is_the_same_connectome(case, suffix):
    labels, weights, data, has_labels = case
    brain = read_connectome(data, "m" + suffix)
    assert np.array_equal(brain.weights, weights)
    expected = labels if has_labels else tuple(f"region_{k + 1}" for k in range(len(labels)))
    assert brain.labels == expected
    assert any("no tract lengths" in note.said for note in brain.notes)


@MANY
@given(brains(), st.randoms(use_true_random=False), st.sampled_from([",", ";", "\t"]))
@pytest.mark.slow
def test_every_order_of_an_edge_list_is_the_same_connectome(brain, chance, separator):
    labels, weights = brain
    n = len(labels)
    edges = [(labels[j], labels[i], repr(float(weights[i, j]))) for i in range(n) for j in range(n) if i != j]
    chance.shuffle(edges)
    header = chance.choice(["source,target,weight", "From,To,Count", "node1,node2,strength", ""])
    lines = [separator.join(header.split(","))] * bool(header) + [separator.join(e) for e in edges]
    found = read_connectome("\n".join(lines).encode(), "e.csv")
    order = [found.labels.index(a) for a in labels]
    assert np.array_equal(found.weights[np.ix_(order, order)], weights)
    assert any("an edge list of" in note.said for note in found.notes)


@MANY
@given(brains(), st.booleans(), st.booleans())
def test_a_triangle_is_mirrored_and_said(brain, is_upper, has_labels):
    labels, weights = brain
    half = np.triu(weights) if is_upper else np.tril(weights)
    rows = [",".join(map(repr, row)) for row in half.tolist()]
    if has_labels:
        rows = [f"{a},{row}" for a, row in zip(labels, rows, strict=True)]
    found = read_connectome("\n".join(rows).encode(), "t.csv")
    assert np.array_equal(found.weights, half + half.T)
    assert any("mirrored" in note.said for note in found.notes)


@MANY
@given(written(), st.data())
@pytest.mark.slow
def test_a_spoilt_dialect_is_a_connectome_or_a_sentence(case, data):
    spoilt = bytearray(case[2])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b",", b";", b'"', b"1 000", b"NA", b"\n", b"-", b"x", b"sep="])
        )
        spoilt = spoilt or bytearray(b"0")
    draft = survey(bytes(spoilt), "m.csv", {"m_labels.csv": bytes(spoilt)})
    for said in draft.problems:
        assert said.isprintable()
        assert said.endswith(".")
        assert len(said) < 600
