"""Results of the co-design loop in a file: plain JSON beside what is needed to make them again.

Reading checks everything and runs no code from the file: types as the result objects declare
them, known measures, terms and knobs, lengths that agree, one scenario for all. What is read would
be written as the same text again, so a field too many is refused as well. A number that is not
finite is written ``{"float": "nan"}`` (or ``inf``), since JSON has no word for it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from engine.codesign.attribution import DISTANCE, Attribution
from engine.codesign.calibration import Calibration
from engine.codesign.knobs import KNOBS
from engine.codesign.measures import MEASURES
from engine.codesign.repeats import Repeats
from engine.codesign.trade_off import COSTS, TradeOff
from engine.codesign.validation import Validation
from engine.errors import DataError
from engine.model.chip_terms import TERMS
from engine.model.trims import TRIM_CODES
from engine.scenario.scenario import Scenario
from engine.whole_files import write_file

__all__ = ["Origin", "Results", "read_results", "write_results"]

FORMAT = 2
MAX_BYTES = 4_000_000
_GRADES = ("within", "beyond", "trivial", "blind")


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
    origin : Origin
    validation : Validation or None
    attribution : Attribution or None
    calibration : Calibration or None
    repeats : Repeats or None
        The same calibration on several chips.
    trade_off : TradeOff or None
    """

    origin: Origin
    validation: Validation | None = None
    attribution: Attribution | None = None
    calibration: Calibration | None = None
    repeats: Repeats | None = None
    trade_off: TradeOff | None = None


def write_results(path: Path | str, results: Results) -> None:
    """Write results; an existing file is replaced only once the new one is whole.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    data = {"format": FORMAT, **_plain(results)}
    write_file(path, json.dumps(data, indent=1, allow_nan=False) + "\n")


def read_results(path: Path | str) -> Results:
    """Read what :func:`write_results` wrote, and check it.

    Raises
    ------
    DataError
        It cannot be read, is of another format, or is not whole and sound.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path.name}: must be at most {MAX_BYTES / 1e6:.0f} MB.")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        if not isinstance(data, dict) or "format" not in data:
            raise ValueError("no format")
        found_format = data.pop("format")
        if found_format != FORMAT:
            raise DataError(
                f"{path.name}: must have format {FORMAT} (got {found_format!r}). It was written "
                "by another version."
            )
        results = _ADAPTER.validate_python(_numbers(data))
        if _plain(results) != data:
            raise ValueError("a field that is unknown or of another type")
        _check(results)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"{path.name}: must hold results of the co-design loop (at {place}: {first['msg']})."
        ) from None
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = "not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise DataError(
            f"{path.name}: must hold results of the co-design loop (got {reason or 'another'})."
        ) from None
    return results


# ---- plain values ----------------------------------------------------------------------------


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


def _numbers(data: Any) -> Any:
    """The same with numbers that are not finite in their places."""
    if isinstance(data, dict):
        if data.keys() == {"float"}:
            return float(data["float"])
        return {k: _numbers(v) for k, v in data.items()}
    return [_numbers(v) for v in data] if isinstance(data, list) else data


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name}, which is not JSON")


_ADAPTER = TypeAdapter(Results)


# ---- what types do not say -------------------------------------------------------------------


def _check(results: Results) -> None:
    digest = results.origin.scenario_digest
    if (found := results.validation) is not None:
        _need(found.scenario.digest() == digest, "validation of another scenario")
        _check_validation(found)
    if (costs := results.attribution) is not None:
        _need(costs.scenario.digest() == digest, "attribution of another scenario")
        _check_attribution(costs)
    if (fit := results.calibration) is not None:
        _need(fit.origin.digest() == digest == fit.state.digest, "calibration of another scenario")
        _check_calibration(fit)
    if results.repeats is not None:
        _need(results.calibration is not None, "repeats of no calibration")
        _check_repeats(results.repeats, results.origin.chip_seed)
    if (designs := results.trade_off) is not None:
        _need(designs.scenario.digest() == digest, "trade-off of another scenario")
        _check_trade_off(designs)


def _check_validation(found: Validation) -> None:
    _need(found.chip_seeds and found.noise_seeds and found.n_neurons > 0, "no chip, noise, neuron")
    _need(bool(found.standings) and set(found.standings) <= set(MEASURES), "an unknown measure")
    _need(found.per_chip.keys() == found.standings.keys(), "chips of other measures")
    for name, s in found.standings.items():
        _need(s.name == name and s.grade in _GRADES, f"an unknown grade of {name}")
        _need(len(found.per_chip[name]) == len(found.chip_seeds), f"chips missing in {name}")
        told = (s.value, s.spread, s.floor, s.floor_spread, s.nudged, s.baseline, s.in_floors, s.position)
        _need_finite([x for x in told if x is not None], name)
    for name, control in found.controls.items():
        whole = isinstance(control.get("passed"), bool) and isinstance(control.get("sentence"), str)
        _need(whole, f"no outcome of the control {name}")


def _check_attribution(found: Attribution) -> None:
    names = set(found.costs)
    _need(DISTANCE in names and names <= {DISTANCE, *MEASURES}, "an unknown measure")
    _need(names == set(found.none) == set(found.full), "chips of other measures")
    _need(set(found.inert) <= set(TERMS), "an unknown term")
    _need_finite([*found.none.values(), *found.full.values(), *found.floor.values()], "attribution")
    for costs in found.costs.values():
        _need({c.term for c in costs} <= set(TERMS), "an unknown term")
        _need_finite([x for c in costs for x in (c.on, c.on_spread, c.off, c.off_spread)], "costs")


def _check_calibration(found: Calibration) -> None:
    state = found.state
    _need(len(state.moves) == len(state.distances), "moves without distances")
    for moves, distances in zip(state.moves, state.distances, strict=True):
        _need(0 < len(moves) == len(distances), "moves without distances")
        _need(all(len(m) == len(KNOBS) for m in moves), "moves of other knobs")
        _need_finite([*distances, *(x for m in moves for x in m), state.start], "calibration")
    _need_finite([*state.rounds, state.start if state.trimmed is None else state.trimmed], "trims")
    _need(all(abs(c) <= TRIM_CODES for c in state.trims), "a trim out of range")
    for h in (found.trained, found.held_out, found.trims_alone, found.other_chip):
        _need(0 < len(h.conditions) == len(h.before) == len(h.after), "conditions missing")
        _need_finite([*h.before, *h.after], "held-out conditions")
    _need(set(found.measures) <= set(MEASURES), "an unknown measure")
    pairs = [x for pair in found.measures.values() for x in pair]
    _need_finite([found.spotless, *pairs], "calibration")


def _check_repeats(found: Repeats, chip_seed: int) -> None:
    _need(bool(found.fits) and found.fits[0].chip_seed == chip_seed, "repeats of another chip")
    for f in found.fits:
        told = (f.before, f.after, f.factor, f.trims_alone, f.other_chip, f.spotless)
        _need_finite(list(told), "repeats")
        _need(min(told) > 0, "a repeat that is not positive")


def _check_trade_off(found: TradeOff) -> None:
    _need(bool(found.points), "no design")
    for p in found.points:
        _need(p.scenario.analog.weight_bits == p.bits, "a design of other bits")
        if not p.refused:
            _need(p.costs.keys() == COSTS.keys(), "costs missing")
            _need_finite([p.distance, p.spread, p.mismatch, *p.costs.values()], p.name)


def _need(holds: Any, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _need_finite(values: list[float], where: str) -> None:
    _need(np.isfinite(np.array(values, np.float64)).all(), f"a number that is not finite: {where}")
