"""``dtb animal``: one neuron on both substrates against a recorded cell."""

from __future__ import annotations

import argparse
import json
from typing import Any

from dtb_app.commands.progress import on_stderr
from engine.amounts import number
from engine.errors import DataError, ParameterError
from engine.fit.measured import MeasuredData, open_measured
from engine.fit.measured.questions import ORIENTATIONS, TIME_UNITS

__all__ = ["add"]

_SPIKES = {"part": "part", "time_unit": "time_unit", "duration_s": "duration_s"}
_STIMULUS = {
    "part": "stimulus_part",
    "time_unit": "stimulus_time_unit",
    "interval_s": "interval_s",
    "unit": "stimulus_unit",
    "orientation": "orientation",
}


def add(commands: Any) -> None:
    """Add the sub-command."""
    p = commands.add_parser("animal")
    p.add_argument("--recording", metavar="NAME", help="a shipped recording; the first if left out")
    p.add_argument("--neuron", default="adex", help="lif or adex (default adex)")
    p.add_argument("--seed", type=int, default=1, metavar="N", help="of fit, chips and noise (default 1)")
    p.add_argument("--fits", type=int, default=4, metavar="N", help="fits from other seeds (default 4)")
    p.add_argument(
        "--chips", type=int, default=3, metavar="N", help="chips and noises to judge each fit on (default 3)"
    )
    p.add_argument("--json", action="store_true", help="one JSON object")
    own = p.add_argument_group("own recording", "What a file does not say is asked for, never guessed.")
    own.add_argument("--data", metavar="FILE", help="spike times: .csv, SONATA, NWB")
    own.add_argument("--stimulus", metavar="FILE", help="what drove them: .csv, .npy, .npz, .mat, NWB")
    own.add_argument("--unit", metavar="NAME", help="which cell of the file")
    own.add_argument("--channel", metavar="NAME", help="which signal of the stimulus")
    own.add_argument("--decibels", action="store_true", help="the stimulus is an amplitude; take its level")
    own.add_argument("--part", help="which part of the file of spikes")
    own.add_argument("--time-unit", choices=tuple(TIME_UNITS), help="of the spike times")
    own.add_argument("--duration-s", type=float, metavar="S", help="how long spikes were recorded")
    own.add_argument("--stimulus-part", metavar="PART", help="which part of the file of the stimulus")
    own.add_argument("--stimulus-time-unit", choices=tuple(TIME_UNITS), help="of the stimulus' times")
    own.add_argument(
        "--interval-s", type=float, metavar="S", help="from a sample of the stimulus to the next"
    )
    own.add_argument("--stimulus-unit", metavar="UNIT", help="of the stimulus' values")
    own.add_argument("--orientation", choices=ORIENTATIONS, help="whether the stimulus' rows are samples")
    p.set_defaults(call=call)


def call(arguments: argparse.Namespace) -> int:
    """Fit, judge and print.

    Raises
    ------
    ParameterError
        An option is refused, or comes without the one it belongs to.
    """
    from engine.recorded import compare
    from engine.recorded.neuron import knobs_of

    knobs_of(arguments.neuron)  # refused before a file is read
    found = compare(
        _cell(arguments), arguments.neuron, arguments.seed, arguments.fits, arguments.chips, on_stderr()
    )
    print(json.dumps(found.as_json(), allow_nan=False) if arguments.json else "\n".join(_lines(found)))
    return 0


def _cell(arguments: argparse.Namespace) -> Any:
    from engine.recorded import RECORDINGS, recorded_cell, shipped_cell

    if (arguments.data is None) != (arguments.stimulus is None):
        raise ParameterError("animal.stimulus: must come with --data, and --data with it (got one of them).")
    if arguments.data is None:
        said = [name for name in (*_SPIKES.values(), *_STIMULUS.values(), "unit", "channel", "decibels")]
        for name in said:
            if getattr(arguments, name):
                raise ParameterError(f"animal.{name}: must come with --data and --stimulus (got it alone).")
        return shipped_cell(arguments.recording or next(iter(RECORDINGS)))
    if arguments.recording is not None:
        raise ParameterError("animal.recording: must be left out where --data is given (got both).")
    spikes = _opened(arguments.data, _SPIKES, arguments)
    stimulus = _opened(arguments.stimulus, _STIMULUS, arguments)
    return recorded_cell(spikes, stimulus, arguments.unit, arguments.channel, arguments.decibels)


def _opened(file: str, options: dict[str, str], arguments: argparse.Namespace) -> MeasuredData:
    """What a file holds, once all that it leaves open has been said."""
    draft = open_measured(file, stimuli=True)
    answers = {key: value for key, name in options.items() if (value := getattr(arguments, name)) is not None}
    if questions := draft.questions(answers):
        lines = [f"{draft.filename}: must be said first:"]
        for q in questions:
            name = options.get(q.key)
            if name is None:
                raise DataError(f"{draft.filename}: must be spikes or a signal over time ({q.sentence}).")
            wanted = "|".join(answer for answer, _ in q.choices) or q.unit.upper() or "WORD"
            lines.append(f"  --{name.replace('_', '-')} {wanted}  {q.sentence}")
        raise DataError("\n".join(lines))
    return draft.data(answers)


def _lines(found: Any) -> list[str]:
    from engine.recorded import MEASURES, MODELS
    from engine.recorded.neuron import knobs_of

    animal = found.responses["animal"]
    lines = [
        f"{found.cell}: {number(found.duration_ms / 1000, 4)} s; fitted on the first half, judged on the "
        "second.",
        found.answer,
        found.ceiling_words,
        "",
        f"{'':26}{'Poisson':>9}" + "".join(f"{label:>26}" for label in MODELS.values()),
    ]
    for name, measure in MEASURES.items():
        values = "".join(f"{found.value(name, model).words:>26}" for model in MODELS)
        lines.append(f"{measure.label:26}{number(found.value(name, 'poisson').mean, 3):>9}{values}")
    for label, of in (
        ("Rate [Hz]", lambda r: r.rate_hz),
        ("Information [bits/s]", lambda r: r.information_bps),
    ):
        values = "".join(f"{number(of(found.responses[m]), 3):>26}" for m in MODELS)
        lines.append(f"{label:26}{'':>9}{values}   animal {number(of(animal), 3)}")
    for label, kept in (
        ("STA correlation", found.sta_correlations),
        ("Coherence, RMS apart", found.coherence_gaps),
    ):
        values = "".join(f"{number(sum(kept[m]) / len(kept[m]), 3):>26}" for m in MODELS)
        lines.append(f"{label:26}{'':>9}{values}")
    lines += [
        "Means over fits with 95 % intervals. The chip is a software model of BrainScaleS-2; 'fitted as "
        "digital' has the digital neuron's numbers.",
        "",
        f"{'First fit':54}{'digital':>10}{'chip':>10}",
    ]
    for knob in knobs_of(found.neuron):
        both = "".join(f"{number(found.fits[0][s].values[knob.name], 4):>10}" for s in ("digital", "chip"))
        lines.append(f"{f'{knob.label} [{knob.unit}]':54}{both}")
    return lines
