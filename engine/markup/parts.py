"""The parts that pages are made of: sentences, facts, tables, bars; each text is escaped.

What these functions return is `markupsafe.Markup`, HTML that may stand inside another part; a plain
`str` is taken for a text and escaped, wherever it is put in. Jinja2 is loaded with the first part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = [
    "Cell",
    "Fact",
    "Mark",
    "Row",
    "answers",
    "cited",
    "facts",
    "head",
    "headline",
    "joined",
    "note",
    "picture",
    "refusal",
    "render",
    "shown",
    "source",
    "status",
    "style",
    "table",
    "tooltip",
    "words",
]

_DOI = re.compile(r"(10\.\d{4,9}/[^\s,;\"'<>()\[\]]*[^\s,;.\"'<>()\[\]])")
_TAGS = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)


class Fact(NamedTuple):
    """One line of a list of facts; `is_over` marks a value that is past its limit."""

    name: str
    value: str
    is_over: bool = False
    title: str = ""


class Cell(NamedTuple):
    """One cell of a table; `kind` is its CSS class, `scope` what a head is the head of."""

    text: str
    kind: str = ""
    style: str = ""
    title: str = ""
    is_head: bool = False
    scope: str = ""


class Row(NamedTuple):
    """One row of a table; `title` is said on hover."""

    cells: Sequence[str | Cell]
    title: str = ""


class Mark(NamedTuple):
    """A shape of a picture, or a text in it.

    Attributes
    ----------
    kind : str
        CSS classes.
    d : str
        The path of a shape, in the pixels of the picture.
    title : str
        Of a shape; said on hover.
    opacity : float
        Of a shape's filling.
    text : str
        Instead of a shape, at `x` and `y`.
    x, y : float
    anchor : {"start", "middle", "end"}
        Which end of the text lies there.
    turn : float
        Of the text [degrees].
    """

    kind: str
    d: str = ""
    title: str = ""
    opacity: float = 1.0
    text: str = ""
    x: float = 0.0
    y: float = 0.0
    anchor: str = "start"
    turn: float = 0.0


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        keep_trailing_newline=True,
    )


@cache
def _macros() -> Any:
    return _environment().get_template("parts.html").module


def render(name: str, **given: Any) -> str:
    """A whole page from the template of that name."""
    return _environment().get_template(name).render(given)


def shown(text: str) -> str:
    """What a browser is sent: parts as they are, a plain text escaped."""
    from markupsafe import escape

    return str(escape(text))


def words(html: str) -> str:
    """The text of a piece of HTML, without its tags and styles."""
    return unescape(_TAGS.sub("", html))


def joined(*pieces: str) -> Markup:
    """Parts and texts one after another."""
    from markupsafe import Markup

    return Markup("").join(pieces)


def note(
    text: str,
    kind: str = "sentence",
    *,
    lead: str = "",
    style: str = "",
    role: str = "",
    title: str = "",
    tag: str = "div",
) -> Markup:
    """A sentence, or another text that has an element of its own.

    Parameters
    ----------
    text : str
    kind : str
        CSS classes.
    lead : str
        Bold words before the text.
    style, role, title : str
        Attributes of the element, where they are not empty.
    tag : str
        Its name; never from a visitor.
    """
    return _macros().note(text, lead, kind, style, role, title, tag)


def picture(width: float, height: float, marks: Iterable[Mark], said: str, kind: str = "picture") -> Markup:
    """Shapes and texts that scale with the page, one upon the other.

    Parameters
    ----------
    width, height : float [px]
    marks : iterable of Mark
    said : str
        What a screen reader says.
    kind : str
        CSS classes.
    """
    return _macros().picture(width, height, list(marks), said, kind)


def cited(text: str) -> Markup:
    """A text whose digital object identifiers are links."""
    return _macros().cited(_DOI.split(text))


def refusal(text: str) -> Markup:
    """A sentence that refuses something, or says what has failed."""
    return note(text, "refused", role="alert")


def style(css: str) -> Markup:
    """Rules for the parts beside it; never from a visitor."""
    return _macros().style(css)


def facts(rows: Iterable[Fact], kind: str = "") -> Markup:
    """A list of names and values."""
    return _macros().facts(list(rows), kind)


def source(name: str, label: str, said: str, rows: Iterable[Fact] = ()) -> Markup:
    """A button, and the box that it opens over the page.

    Parameters
    ----------
    name : str
        Of the box; once in a piece of HTML, since the button finds its box by it.
    label : str
        What is read out.
    said : str
        A paragraph in the box, where it is not empty.
    rows : iterable of Fact
        A list below it.
    """
    return _macros().source(name, label, said, list(rows))


def head(title: str, caption: str = "", hover: str = "", mark: str = "") -> Markup:
    """A title, a mark beside it, and a caption with words on hover."""
    return _macros().head(title, caption, hover, mark)


def status(
    lines: Sequence[str],
    fraction: float | None = None,
    *,
    state: str = "",
    lead: str = "",
    kind: str = "",
    title: str = "",
    heard: Literal["", "state", "all"] = "",
) -> Markup:
    """How far something is, in words and as a bar.

    Parameters
    ----------
    lines : sequence of str
    fraction : float, optional
        What is done, 0 to 1; no bar without it.
    state : str
        A strong word before the bar.
    lead : str
        Strong words before the first line.
    kind : str
        More CSS classes.
    title : str
        Said on hover over the lines.
    heard : {"", "state", "all"}
        What a screen reader says when it changes.
    """
    return _macros().status(lines, fraction, state, lead, kind, title, heard)


def table(
    rows: Iterable[Row | Sequence[str | Cell]],
    top: Sequence[str | Cell] = (),
    kind: str = "",
    *,
    style: str = "",
    caption: str = "",
    caption_style: str = "",
) -> Markup:
    """A table.

    Parameters
    ----------
    rows : iterable of Row, or of sequences of cells
    top : sequence of cells
        The row of heads; none where it is empty.
    kind : str
        CSS classes of the table.
    style, caption_style : str
    caption : str
    """
    heads = [c._replace(is_head=True) if isinstance(c, Cell) else Cell(c, is_head=True) for c in top]
    body = [_row(row if isinstance(row, Row) else Row(row)) for row in rows]
    return _macros().table(body, Row(heads) if heads else None, kind, style, caption, caption_style)


def _row(row: Row) -> Row:
    return Row([c if isinstance(c, Cell) else Cell(c) for c in row.cells], row.title)


def headline(big: str, small: str, facts: Iterable[tuple[str, str]]) -> Markup:
    """One large figure and, beside it, values over their names."""
    return _macros().headline(big, small, list(facts))


def answers(items: Iterable[tuple[str, bool, str]]) -> Markup:
    """Questions, whether the answer is yes, and a sentence each."""
    return _macros().answers(list(items))


def tooltip(
    text: str, *, lead: str, key: str, lines: Sequence[str], small: Sequence[str], box: str, muted: str
) -> str:
    """A hover box for Bokeh, which escapes what it fills in.

    Parameters
    ----------
    text : str
    lead : str
        Bold words before the text.
    key : str
        A muted word after it.
    lines : sequence of str
        Below the text.
    small : sequence of str
        Muted lines below those.
    box : str
        CSS of the box.
    muted : str
        A colour.
    """
    return str(_macros().tooltip(text, lead, key, lines, small, box, muted))
