"""What the exports read of run.json: its keys, their kinds, and one sentence where they differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from engine.errors import DataError
from engine.stored_results import first_refusal, read_bytes, strict_json

__all__ = ["read_content"]

MAX_RUN_BYTES = 200_000_000
_MAX_NUMBER = 2**63
_MAX_NEURONS = 2**31
_AGAIN = " Run it again."

Count = Annotated[int, Field(ge=0, lt=_MAX_NUMBER)]
Range = Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)]


class _Part(BaseModel):
    """A table of run.json; keys that no export reads may be there too."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Rates(_Part):
    E: FiniteFloat
    I: FiniteFloat  # noqa: E741


class _Noc(_Part):
    packets: Count
    link_hops: Count
    max_link_load: FiniteFloat
    worst_link: str | None = None
    mean_hops: FiniteFloat = 0.0
    energy_uj: FiniteFloat = 0.0
    late: Count = 0
    dropped: Count = 0
    deadline_ms: FiniteFloat | None = None
    feedback: bool = False


class _Fit(_Part):
    label: str = ""
    value: FiniteFloat | None = None
    unit: str = ""
    n: Count = 0
    n_unit: str = ""
    baseline: FiniteFloat | None = None
    baseline_label: str = ""
    ceiling: FiniteFloat | None = None
    ceiling_label: str = ""
    band: Range | None = None
    interval: Range | None = None
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    basis: str = ""
    sentence: str = ""


class _Note(_Part):
    field: str
    kind: str
    said: str


class _Connectome(_Part):
    name: str
    regions: Count
    source: str
    licence: str
    notes: list[_Note] = []


class _Analog(_Part):
    sentences: list[str] = []
    snaps: dict[str, Count] = {}


class _Learned(_Part):
    source: str
    target: str
    synapses: Count
    mean_weight_before: FiniteFloat
    mean_weight: FiniteFloat


class _Measured(_Part):
    name: str
    sha256: str


class _Content(_Part):
    scenario: dict[str, Any]
    scenario_digest: str
    connectome_sha256: str
    connectome_file: str | None = None
    tuning_file: str | None = None
    spike_hash: str
    seed: Count
    versions: dict[str, str]
    duration_ms: Count
    stopped_early: bool = False
    transient_ms: FiniteFloat = 0.0
    remarks: list[str] = []
    connectome: _Connectome | None = None
    missing_inputs: dict[str, Count] = {}
    live_changes: list[dict[str, FiniteFloat]] = []
    real_time_factor: FiniteFloat
    n_neurons: Annotated[int, Field(ge=1, lt=_MAX_NEURONS)]
    n_synapses: Count
    n_spikes: Count
    n_synaptic_events: Count
    mean_rate_hz: _Rates
    region_rate_hz: dict[str, dict[str, FiniteFloat]]
    cv_isi: FiniteFloat | None
    cv_isi_n: Count
    noc: _Noc
    fit: dict[str, _Fit] = {}
    measured_fc: _Measured | None = None
    plasticity: list[_Learned] = []
    analog: _Analog = _Analog()


def read_content(path: Path, name: str) -> dict[str, Any]:
    """The content of a run.json, each key that exports read in its form.

    Parameters
    ----------
    path : Path
    name : str
        Opens every sentence, ``"results/run.json"``.

    Raises
    ------
    DataError
        One sentence with the first key that is wrong.
    """
    run = strict_json(read_bytes(path, MAX_RUN_BYTES, name), name, _AGAIN)
    _require_plain(run, name)
    try:
        _Content.model_validate(run)
    except ValidationError as error:
        raise first_refusal(error, name, _AGAIN) from None
    return run


def _require_plain(run: dict[str, Any], name: str) -> None:
    """Refuse numbers and texts that no other program could take, wherever they are."""
    left: list[tuple[str, Any]] = list(run.items())
    while left:
        key, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{key}.{k}", v) for k, v in value.items()]
        elif isinstance(value, list):
            left += [(f"{key}.{i}", v) for i, v in enumerate(value)]
        elif isinstance(value, (int, float)) and not abs(value) < _MAX_NUMBER:
            raise DataError(f"{name}: {_shown(key)}: must be a number below 2**63.{_AGAIN}")
        if not _is_text(key) or (isinstance(value, str) and not _is_text(value)):
            raise DataError(f"{name}: {_shown(key)}: must be text that UTF-8 can hold.{_AGAIN}")


def _is_text(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _shown(key: str) -> str:
    return key.encode("ascii", "backslashreplace").decode()[:100]
