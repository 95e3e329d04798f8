"""Results of the co-design loop in a file: plain JSON beside what is needed to make them again.

What may be in a file is declared by the result objects; what types do not say is checked here: known
measures and terms, lengths that agree, one scenario for all. A number that is not finite is written
``{"float": "nan"}`` (or ``inf``), since JSON has no word for it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, TypeAdapter

from engine.codesign.attribution import DISTANCE, Attribution
from engine.codesign.calibration import Calibration
from engine.codesign.calibration_state import CalibrationState
from engine.codesign.measures import MEASURES
from engine.codesign.repeats import Repeats
from engine.codesign.trade_off import COSTS, TradeOff
from engine.codesign.validation import Validation
from engine.model.chip_terms import TERMS
from engine.scenario.scenario import Scenario
from engine.stored_results import STORED, read_stored, stored_from
from engine.whole_files import write_file

__all__ = ["Found", "Origin", "Results", "found_bytes", "found_from", "read_results", "write_results"]

FORMAT: Literal[2] = 2
MAX_BYTES = 4_000_000


def _whole_validation(found: Validation) -> Validation:
    _need(set(found.standings) <= set(MEASURES), "an unknown measure")
    _need(found.per_chip.keys() == found.standings.keys(), "chips of other measures")
    for name, standing in found.standings.items():
        _need(standing.name == name, f"the standing of another measure in {name}")
        _need(len(found.per_chip[name]) == len(found.chip_seeds), f"chips missing in {name}")
    for name, control in found.controls.items():
        whole = isinstance(control.get("passed"), bool) and isinstance(control.get("sentence"), str)
        _need(whole, f"no outcome of the control {name}")
    return found


def _whole_attribution(found: Attribution) -> Attribution:
    names = set(found.costs)
    _need(DISTANCE in names and names <= {DISTANCE, *MEASURES}, "an unknown measure")
    _need(names == set(found.none) == set(found.full), "chips of other measures")
    terms = {c.term for costs in found.costs.values() for c in costs}
    _need(terms | set(found.inert) <= set(TERMS), "an unknown term")
    return found


def _whole_calibration(found: Calibration) -> Calibration:
    for h in (found.trained, found.held_out, found.trims_alone, found.other_chip):
        _need(0 < len(h.conditions) == len(h.before) == len(h.after), "conditions missing")
    _need(set(found.measures) <= set(MEASURES), "an unknown measure")
    return found


def _whole_trade_off(found: TradeOff) -> TradeOff:
    for p in found.points:
        _need(p.scenario.analog.weight_bits == p.bits, "a design of other bits")
        if not p.refused:
            _need(p.costs.keys() == COSTS.keys(), "costs missing")
            _need(math.isfinite(p.distance), f"a number that is not finite: {p.name}")
    return found


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(f"must be whole and sound (got {otherwise})")


_Validated = Annotated[Validation, AfterValidator(_whole_validation)] | None
_Attributed = Annotated[Attribution, AfterValidator(_whole_attribution)] | None
_Calibrated = Annotated[Calibration, AfterValidator(_whole_calibration)] | None
_TradedOff = Annotated[TradeOff, AfterValidator(_whole_trade_off)] | None


@dataclass(frozen=True)
class Origin:
    """Where results came from, enough to tell whether the present engine would find them again.

    Attributes
    ----------
    command : str
        Makes the file.
    preset : str
        Of the scenario before it was shortened.
    title : str
        Of the scenario.
    scenario_digest, connectome_sha256 : str
    chip_seed, noise_seed : int
        Of the student whose spikes are kept as a hash.
    teacher_spikes, student_spikes : str
        Hashes of all spikes of the whole brain, as `Recording.spike_hash`.
    versions : dict of str to str
    missing : dict of str to str
        Results that are not here, with the reason.
    """

    command: str
    preset: str
    title: str
    scenario_digest: str
    connectome_sha256: str
    chip_seed: int
    noise_seed: int
    teacher_spikes: str
    student_spikes: str
    versions: dict[str, str]
    missing: dict[str, str]


@dataclass(frozen=True, eq=False)
class Results:
    """One scenario's results, None where one was not made.

    Attributes
    ----------
    format : int
        Of the file.
    origin : Origin
    validation : Validation or None
    attribution : Attribution or None
    calibration : Calibration or None
    repeats : Repeats or None
        The same calibration on several chips.
    trade_off : TradeOff or None
    """

    __pydantic_config__ = STORED

    format: Literal[2] = field(default=FORMAT, kw_only=True)
    origin: Origin
    validation: _Validated = None
    attribution: _Attributed = None
    calibration: _Calibrated = None
    repeats: Repeats | None = None
    trade_off: _TradedOff = None


@dataclass(frozen=True, eq=False)
class Found:
    """What somebody has found on the way, each of a scenario of its own, None where there is nothing.

    Attributes
    ----------
    format : int
        Of what is written.
    validation : Validation or None
    attribution : Attribution or None
    calibration : Calibration or None
    trade_off : TradeOff or None
    begun : CalibrationState or None
        How far a calibration has come.
    """

    __pydantic_config__ = STORED

    format: Literal[2] = field(default=FORMAT, kw_only=True)
    validation: _Validated = None
    attribution: _Attributed = None
    calibration: _Calibrated = None
    trade_off: _TradedOff = None
    begun: CalibrationState | None = None


def found_bytes(found: Found) -> bytes:
    """What was found as JSON, for :func:`found_from`."""
    return json.dumps(_plain(found), allow_nan=False).encode()


def found_from(data: bytes, name: str) -> Found:
    """Read what :func:`found_bytes` wrote, and check it.

    Raises
    ------
    DataError
        It is of another format, or is not whole and sound; `name` opens the sentence.
    """
    return stored_from(data, name, _FOUND, _plain)


def write_results(path: Path | str, results: Results) -> None:
    """Write results; an existing file is replaced only once the new one is whole.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    write_file(path, json.dumps(_plain(results), indent=1, allow_nan=False) + "\n")


def read_results(path: Path | str) -> Results:
    """Read what :func:`write_results` wrote, and check it.

    Raises
    ------
    DataError
        It cannot be read, is of another format, or is not whole and sound.
    """
    return read_stored(path, _FORM, MAX_BYTES, _plain)


def _one_scenario(results: Results) -> Results:
    digest = results.origin.scenario_digest
    of_student = {
        "validation": results.validation,
        "attribution": results.attribution,
        "trade-off": results.trade_off,
    }
    for name, found in of_student.items():
        _need(found is None or found.scenario.digest() == digest, f"{name} of another scenario")
    if (fit := results.calibration) is not None:
        _need(fit.origin.digest() == digest == fit.state.digest, "calibration of another scenario")
    if (repeats := results.repeats) is not None:
        _need(results.calibration is not None, "repeats of no calibration")
        _need(repeats.fits[0].chip_seed == results.origin.chip_seed, "repeats of another chip")
    return results


_FORM = TypeAdapter(Annotated[Results, AfterValidator(_one_scenario)])
_FOUND = TypeAdapter(Found)


def _plain(value: Any) -> Any:
    """Lists, dicts, texts and finite numbers."""
    if isinstance(value, Scenario):
        return value.model_dump(mode="json", exclude_defaults=True)
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value
