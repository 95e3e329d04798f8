"""A scenario's digest: what differs from the defaults, under a version of the defaults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, Field
from pydantic_core import PydanticUndefined

from engine import preset, preset_names
from engine.model.quantity import quantity
from engine.scenario.hardware import NocSettings
from engine.scenario.scenario import DEFAULTS_VERSION, Scenario
from engine.scenario.settings import NetworkSettings

KNOWN = Path(__file__).with_name("defaults.json")


class WiderNetwork(NetworkSettings):
    """A table with a key more."""

    flavour: float = quantity(3.0, "mV", "Of no meaning.", low=0.0)


class Wider(Scenario):
    """A scenario with two keys more, one of them in a table."""

    colour: int = quantity(7, "", "Of no meaning.", low=0)
    network: WiderNetwork = Field(default_factory=WiderNetwork, description="The network.")


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part
        elif part is not annotation:
            yield from models(part)


def defaults(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Default of every key, of tables and of what stands in lists; `null` of what must be given."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        inner = list(models(field.annotation))
        for one in inner:
            found |= defaults(one, f"{prefix}{name}.")
        if not inner or field.default not in (PydanticUndefined, ()):
            value = None if field.default is PydanticUndefined else field.default
            found[prefix + name] = value.model_dump() if isinstance(value, BaseModel) else value
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("name", preset_names())
def test_a_new_key_leaves_every_digest_as_it_is(name):
    scenario = preset(name)
    data = scenario.model_dump(mode="json")
    assert Wider.model_validate(data).digest() == scenario.digest()
    assert Wider.model_validate(data | {"colour": 8}).digest() != scenario.digest()
    data["network"]["flavour"] = 4.0
    assert Wider.model_validate(data).digest() != scenario.digest()


def test_a_digest_is_of_all_that_differs_and_not_of_how_it_is_written():
    plain = Scenario()
    digests = {plain.digest()}
    for values in (
        {"seed": 2},
        {"network.coupling": 1.5},
        {"noc.tile_pitch_mm": 2.0},
        {"noc.link_clock_mhz": 100.0},
        {"lesion": [{"region": "L.TH"}]},
        {"lesion": [{"region": "L.TH", "fraction": 0.5}]},
        {"trim": [{"region": "L.TH", "chip_seed": 7, "threshold": [1]}]},
        {"analog.mode": "ideal"},
    ):
        digests.add(plain.with_values(values).digest())
    assert len(digests) == 9
    said = plain.with_values({"seed": 2}).with_values({"seed": plain.seed, "title": "other"})
    assert said.digest() == plain.digest()
    rate = plain.with_values({"noc.link_width_bits": 16, "noc.link_clock_mhz": 250.0})
    assert rate.digest() == plain.digest()
    assert plain.with_values({"noc.link_rate_mpps": 125.0}).digest() == plain.digest()


def test_a_default_changes_only_with_the_version_of_the_defaults():
    known = json.loads(KNOWN.read_text(encoding="utf-8"))
    now = defaults(Scenario)
    assert known["version"] == DEFAULTS_VERSION, "write the file anew with the new version"
    changed = {
        key: (value, now[key]) for key, value in known["defaults"].items() if key in now and now[key] != value
    }
    assert not changed, "raise engine.scenario.scenario.DEFAULTS_VERSION and write the file anew"
    assert set(now) == set(known["defaults"]), "add new keys to the file; the version stays"


def test_the_rate_of_a_link_acts_and_not_what_it_is_made_of():
    assert NocSettings().acting() == {}
    assert NocSettings(link_width_bits=64).acting() == {"link_rate_mpps": 250.0}
