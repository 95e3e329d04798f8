"""Small inputs for what a file of measured data does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from engine.fit.measured import Question

__all__ = ["QuestionForm"]

_SX = {
    ".MuiInputBase-input": {"fontSize": "12.5px", "padding": "6px 8px"},
    ".MuiInputLabel-root": {"fontSize": "12.5px"},
}
_OPEN = "choose …"
_LABELS = {
    "part": "Part of the file",
    "orientation": "Rows are",
    "relation": "Values are",
    "interval_s": "From a sample to the next (s)",
    "unit": "Unit of the values",
    "time_unit": "Unit of the times",
    "duration_s": "Length of the recording (s)",
    "signal": "What was measured (optional)",
}


class QuestionForm:
    """One input a question; see `panel`.

    Parameters
    ----------
    read : callable
        Gets the answers, by `engine.fit.measured.questions.KEYS`.
    later : callable
        As of `dtb_app.pages.PageTools`.

    Attributes
    ----------
    button : button
        Reads the file with the answers.
    inputs : dict of str to input
        By the key of their question; always the same dictionary.
    """

    def __init__(self, read: Callable[[dict[str, Any]], None], later: Callable[..., Any]):
        self._read, self._later = read, later
        self.inputs: dict[str, Any] = {}
        self._shape: tuple[Any, ...] = ()
        self.button = pmui.Button(
            label="Read",
            size="small",
            variant="contained",
            margin=0,
            css_classes=["dtb-data-read"],
            sx={"textTransform": "none", "boxShadow": "none"},
        )
        self.button.on_click(later(lambda _: self._read(self.answers)))
        self.panel = pn.Column(
            margin=0,
            sizing_mode="stretch_width",
            visible=False,
            css_classes=["dtb-data-questions"],
            stylesheets=[":host { gap: 14px; padding-top: 12px; }"],
        )

    @property
    def answers(self) -> dict[str, Any]:
        """What the inputs hold; None where one is empty."""
        return {key: _answer(key, box.value) for key, box in self.inputs.items()}

    def show(self, of: Any, questions: Sequence[Question], said: Mapping[str, Any], is_read: bool) -> None:
        """Ask what is asked about a file, with what has been said filled in.

        Parameters
        ----------
        of : object
            The file; another one begins with empty inputs.
        questions : sequence of Question
        said : mapping
            Answers, by `engine.fit.measured.questions.KEYS`.
        is_read : bool
            Whether the file has been read with these answers.
        """
        self.panel.visible = bool(questions)
        if not questions:
            return
        shape = (of, tuple(question.key for question in questions))
        if shape != self._shape:
            self._shape = shape
            self.inputs.clear()
            self.inputs.update({question.key: self._input(question) for question in questions})
            self.panel.objects = [*self.inputs.values(), self.button]
        for key, box in self.inputs.items():
            answer = said.get(key)
            if answer is not None and _answer(key, box.value) != answer:
                box.value = answer if key not in ("interval_s", "duration_s") else f"{answer:g}"
        self.button.label = "Read again" if is_read else "Read"

    def _input(self, question: Question) -> Any:
        look = {
            "label": _LABELS[question.key],
            "size": "small",
            "margin": 0,
            "sizing_mode": "stretch_width",
            "sx": _SX,
            "css_classes": [f"dtb-data-{question.key.replace('_', '-')}"],
        }
        if question.choices:
            options = {_OPEN: "", **{_worded(question, *choice): choice[0] for choice in question.choices}}
            return pmui.Select(options=options, value="", **look)
        hint = "%, a.u., Hz …" if question.key == "unit" else f"{question.lowest:g} to {question.highest:g}"
        return pmui.TextInput(value="", placeholder=hint, description=question.sentence, **look)


def _worded(question: Question, answer: str, words: str) -> str:
    return f"{answer}: {words}" if question.key == "part" and words and words != answer else words or answer


def _answer(key: str, text: Any) -> Any:
    """What was typed, as an answer; a word that should be a number is left for the engine to refuse."""
    text = str(text or "").strip()
    if not text:
        return None
    if key in ("interval_s", "duration_s"):
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text
    return text
