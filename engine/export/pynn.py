"""An analog region as a script for BrainScaleS-2: cells, projections, inputs, and what is lost.

The script calls PyNN's backend of the chip as electronicvisions/pynn-brainscales has it at fd4f926
(`pynn_brainscales.brainscales2`): calibrated cells take their targets in the chip's own units, time
runs a thousand times faster, weights are whole, positive for excitation and negative for
inhibition, and there are no delays. What the chip or its backend has no place for is counted.
Run on PyNN's mock backend by tests/unit/export/pynn_test.py; on a chip by nobody yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.amounts import number
from engine.backends.analog.energy import SPEEDUP
from engine.backends.analog.hardware import HardwareParameter, VoltageMap, parameters_of
from engine.backends.analog.resources import CIRCUITS_PER_CHIP, ROWS_PER_CIRCUIT
from engine.backends.wiring import draw_inputs
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import ParameterError, nearest_hint
from engine.export.script import Loss, as_literal, fill_template, packed
from engine.kernels.wiring import KIND_LONG, KIND_NONE
from engine.scenario.scenario import Scenario

__all__ = ["PynnScript", "calibration_targets", "pynn_script"]

CELL = "CalibHXNeuronCuba"
MAX_WEIGHT = 63
_TEMPLATE = Path(__file__).with_name("pynn_template.txt")


@dataclass(frozen=True)
class PynnScript:
    """A script and what it holds.

    Attributes
    ----------
    text : str
        The script.
    populations, sources, projections : list of dict
        Cells on the chip, Poisson sources outside of it, and synapses between them.
    losses : tuple of Loss
    """

    text: str
    populations: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    projections: list[dict[str, Any]]
    losses: tuple[Loss, ...]

    def as_json(self) -> dict[str, Any]:
        """What ``dtb export --json`` prints of it."""
        return {
            "cell": CELL,
            "neurons": sum(p["size"] for p in self.populations),
            "poisson_sources": sum(s["size"] for s in self.sources),
            "projections": len(self.projections),
            "synapses": sum(p["synapses"] for p in self.projections),
            "not_carried": [loss.as_json() for loss in self.losses],
        }


def calibration_targets(scenario: Scenario, model: str = "lif") -> tuple[dict[str, float], list[Loss]]:
    """Targets of a model's cells in the chip's units: LSB of the membrane's readout and us.

    As `engine.backends.analog.hardware` maps them; the mean background current raises the leak by
    ``ou_mean / g_leak``. An AdEx neuron, whose upstroke the calibration does not know, fires where
    its upstroke begins.
    """
    parameters = parameters_of(scenario, model)
    rest, thresh = parameters["v_rest"], parameters["v_thresh"]
    p = scenario.network.parameters if model == "lif" else scenario.network.adex
    m = VoltageMap(p.v_rest, p.v_thresh)
    mean = scenario.network.parameters.ou_mean + scenario.analog.bias_offset
    at = thresh.hardware if model == "lif" else m.lsb(p.v_thresh)  # not where an upstroke ends
    wanted = {
        "v_rest": (m.lsb(p.v_rest + mean / p.g_leak), rest.low, rest.high),
        "v_reset": _bounded(parameters["v_reset"]),
        "v_thresh": (at, thresh.low, thresh.high),
        "tau_m": _bounded(parameters["tau_m"]),
        "tau_syn_E": _bounded(parameters["tau_exc"]),
        "tau_syn_I": _bounded(parameters["tau_inh"]),
        "tau_refrac": _bounded(parameters["t_refrac"]),
    }
    targets, losses = {}, []
    for name, (value, low, high) in wanted.items():
        used = min(max(value, low), high)
        targets[name] = float(round(used)) if name.startswith("v_") else round(used, 4)
        if used != value:
            losses.append(
                Loss(
                    1,
                    f"target {name}",
                    f"{name} = {number(value, 4)} is held at {used:g}, the end of "
                    f"the calibration's range {low:g} to {high:g}.",
                )
            )
    return targets, losses


def _bounded(q: HardwareParameter) -> tuple[float, float, float]:
    return q.hardware, q.low, q.high


def pynn_script(
    scenario: Scenario,
    connectome: Connectome,
    rate_hz: Callable[[str, str], float],
    regions: tuple[str, ...] = (),
) -> PynnScript:
    """Write analog regions of a scenario as a script.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    rate_hz : callable
        Gives the rate [Hz] of a region's population ("E"): what regions off the chip send.
    regions : tuple of str
        Which analog regions; all where empty.

    Raises
    ------
    ParameterError
        There is no analog region, or one that is asked for is not analog.
    """
    network = Network.of(scenario, connectome)
    regions = _regions(network, regions)
    populations = _populations(network, regions)
    targets, losses = {}, []
    for model in sorted({p["model"] for p in populations}):
        targets[model], more = calibration_targets(scenario, model)
        losses += more
    lists, sources, more = _connections(scenario, network, populations)
    losses += more + _other_losses(scenario, network, regions, populations, lists)
    for s in sources:
        s["rate_hz"] = round(rate_hz(s.pop("region"), "E") * SPEEDUP, 3)
    projections, arrays = [], {}
    for i, ((pre, post, receptor), array) in enumerate(lists.items()):
        name = f"p{i}"
        arrays[name] = array
        projections.append(
            {"pre": pre, "post": post, "receptor": receptor, "list": name, "synapses": len(array)}
        )
    shown = [{k: p[k] for k in ("label", "size", "model")} for p in populations]
    # A population has fewer than 2**20 neurons (engine.brain.network).
    small = {name: x.astype(np.int32) for name, x in arrays.items()}
    text = fill_template(
        _TEMPLATE,
        scenario,
        losses,
        {
            "REGIONS": ", ".join(regions),
            "CELL": CELL,
            "TARGETS": as_literal(targets),
            "POPULATIONS": as_literal(shown),
            "SOURCES": as_literal(sources),
            "PROJECTIONS": as_literal(projections),
            "DATA": packed(small),
        },
    )
    return PynnScript(text, shown, sources, projections, tuple(losses))


def _regions(network: Network, wanted: tuple[str, ...]) -> tuple[str, ...]:
    analog = tuple(n for n, is_it in zip(network.labels, network.is_analog, strict=True) if is_it)
    if not analog:
        raise ParameterError(
            "regions.analog: must hold a region for the export to pynn, a script for an analog "
            "chip (got none). Make a region analog."
        )
    for label in wanted:
        if label not in analog:
            raise ParameterError(
                f"region: must be an analog region (got '{label}'). " + nearest_hint(label, analog)
            )
    return tuple(label for label in analog if not wanted or label in wanted)


def _populations(network: Network, regions: tuple[str, ...]) -> list[dict[str, Any]]:
    """Label, size, first neuron and model of every population on the chip."""
    found = []
    for label in regions:
        r = network.labels.index(label)
        first = int(network.region_start[r])
        for k, kind in enumerate(network.kinds):
            size, model = int(network.sizes[r, k]), str(network.neurons[r, k])
            found.append({"label": f"{label} {kind}", "size": size, "first": first, "model": model})
            first += size
    return found


def _connections(
    scenario: Scenario, network: Network, populations: list[dict[str, Any]]
) -> tuple[dict[tuple[str, str, str], np.ndarray], list[dict[str, Any]], list[Loss]]:
    """Connection lists by (pre, post, receptor) as (n, 3) int64 arrays, sources outside, losses."""
    a = scenario.analog
    label_of = np.full(network.n_neurons, -1)
    for i, p in enumerate(populations):
        label_of[p["first"] : p["first"] + p["size"]] = i
    lists: dict[tuple[str, str, str], np.ndarray] = {}
    outside: dict[int, list[tuple[str, np.ndarray]]] = {}
    n_clipped = n_zero = n_delayed = 0
    for p in populations:
        inputs = draw_inputs(network, scenario.wiring_seed, p["first"], p["first"] + p["size"])
        pre, kinds = inputs.sources, inputs.kinds
        post = np.repeat(np.arange(p["size"]), network.in_degree).reshape(pre.shape)
        is_exc = network.is_excitatory[pre]
        scale = np.where(is_exc, a.weight_scale_local_exc, a.weight_scale_local_inh)
        long = kinds == KIND_LONG
        scale = np.where(long, a.weight_scale_long * scenario.network.coupling, scale)
        weight = np.round(inputs.tuned(network, p["first"]) * (MAX_WEIGHT / 255.0) * scale).astype(np.int64)
        real = kinds != KIND_NONE
        n_zero += int(np.count_nonzero(real & (weight == 0)))
        n_clipped += int(np.count_nonzero(real & (weight > MAX_WEIGHT)))
        weight = np.minimum(weight, MAX_WEIGHT) * np.where(is_exc, 1, -1)
        keep = real & (weight != 0)
        n_delayed += int(np.count_nonzero(keep & long)) if network.delay_steps is not None else 0
        pre, post, weight = pre[keep], post[keep], weight[keep]
        for k, q in enumerate(populations):
            mine = label_of[pre] == k
            if mine.any():
                receptor = "excitatory" if network.is_excitatory[q["first"]] else "inhibitory"
                lists[q["label"], p["label"], receptor] = np.column_stack(
                    [pre[mine] - q["first"], post[mine], weight[mine]]
                )
        far = label_of[pre] < 0
        for r in np.unique(network.region_of[pre[far]]):
            mine = far & (network.region_of[pre] == r)
            array = np.column_stack([pre[mine], post[mine], weight[mine]])
            outside.setdefault(int(r), []).append((p["label"], array))
    sources = []
    for r, arrays in sorted(outside.items()):
        used = np.unique(np.concatenate([x[:, 0] for _, x in arrays]))
        label = network.labels[r]
        sources.append({"label": f"{label} E, outside", "size": int(used.size), "region": label})
        for post_label, x in arrays:
            x[:, 0] = np.searchsorted(used, x[:, 0])
            lists[f"{label} E, outside", post_label, "excitatory"] = x
    losses = [
        Loss(n_clipped, "weights above 63", "they are held at 63."),
        Loss(n_zero, "weights that round to 0", "they are left out."),
        Loss(n_delayed, "delays", "there are none on the chip; these spikes arrive at once."),
    ]
    return lists, sources, [loss for loss in losses if loss.count]


def _other_losses(
    scenario: Scenario,
    network: Network,
    regions: tuple[str, ...],
    populations: list[dict[str, Any]],
    lists: dict[tuple[str, str, str], np.ndarray],
) -> list[Loss]:
    """What else has no place in the script."""
    p = scenario.network.parameters
    n = sum(q["size"] for q in populations)
    losses = [
        Loss(
            sum(len(x) for x in lists.values()),
            "conductances",
            "they become currents: the backend's conductance-based cell takes no inhibitory weight "
            "but 0. Halfway between rest and threshold a full weight stands for "
            f"{number(p.g_ampa * (p.e_ampa - (p.v_rest + p.v_thresh) / 2), 4)} pA of excitation and "
            f"{number(p.g_gaba_a * (p.e_gaba_a - (p.v_rest + p.v_thresh) / 2), 4)} pA of inhibition over "
            f"{p.g_leak:g} nS of leak; i_synin_gm_E and i_synin_gm_I stand at their defaults and "
            "have to be set to that by measuring PSPs.",
        ),
        Loss(
            n,
            "background currents",
            f"their mean of {p.ou_mean:g} pA is part of the leak target; their fluctuation of "
            f"{p.ou_std:g} pA is left out.",
        ),
    ]
    outside = sorted({pre for pre, _, _ in lists if pre.endswith(", outside")})
    if outside:
        losses.append(
            Loss(
                len(outside),
                "regions off the chip",
                "they become Poisson sources at their rates in the run; their correlations are "
                "lost, and nothing goes back to them.",
            )
        )
    here = [s for s in scenario.stimulus if s.region in regions]
    if here:
        losses.append(Loss(len(here), "stimuli", "the script has none."))
    n_trims = sum(sum(c != 0 for c in t.threshold) for t in scenario.trim if t.region in regions)
    if n_trims:
        losses.append(
            Loss(
                n_trims,
                "trims",
                "they undo the mismatch of the chip model's seed, which no "
                "silicon has; a chip of silicon needs its own calibration.",
            )
        )
    rules = [r for r in scenario.plasticity if r.target in regions]
    if rules:
        losses.append(
            Loss(len(rules), "rules of plasticity", "their synapses keep the weights they begin with.")
        )
    if scenario.analog.weight_bits != 6:
        losses.append(
            Loss(
                1,
                "weight resolution",
                f"the scenario's {scenario.analog.weight_bits} bits become the chip's 6.",
            )
        )
    n_adex = sum(q["size"] for q in populations if q["model"] != "lif")
    if n_adex:
        losses.append(
            Loss(
                n_adex,
                "AdEx neurons",
                "the calibration has no adaptation and no exponential term: LIF parameters only.",
            )
        )
    fan_in = np.zeros(0, int)
    for q in populations:
        counts = np.zeros(q["size"], int)
        for (_, post, _), x in lists.items():
            if post == q["label"]:
                counts += np.bincount(x[:, 1], minlength=q["size"])
        fan_in = np.concatenate([fan_in, counts])
    too_many = int(np.count_nonzero(fan_in > ROWS_PER_CIRCUIT))
    if too_many:
        losses.append(
            Loss(
                too_many,
                "neurons of too many inputs",
                f"a cell of one circuit takes {ROWS_PER_CIRCUIT} inputs and the largest here has "
                f"{fan_in.max()}: the backend will refuse. Lower network.in_degree.",
            )
        )
    if n > CIRCUITS_PER_CHIP:
        losses.append(
            Loss(
                n - CIRCUITS_PER_CHIP,
                "neurons beyond one chip",
                f"a chip has {CIRCUITS_PER_CHIP} circuits and this needs {n}: the backend will "
                "refuse. Export one region with --region, or make regions smaller.",
            )
        )
    return losses
