"""How stimulation acts here, what its numbers are in, and what a scorecard calls both."""

from __future__ import annotations

from engine.twin.stimulation.circuit import (
    ANTIDROMIC,
    AXON_REFRACTORY,
    COLLISION,
    RELEASE_PROBABILITY,
    TAU_REC,
    TAU_TIDE,
)
from engine.twin.stimulation.recruitment import CHRONAXIE_US, K_MA_PER_MM2, RADIUS_MM

__all__ = ["MECHANISM", "UNITS"]

MECHANISM = {
    "sentence": (
        "A pulse drives the axons within reach of its current. Each carries a spike to its targets, and "
        "none of "
        "its soma's for some milliseconds, since those collide with the one that runs back; sometimes that "
        "one "
        "reaches the soma and resets it. At high frequencies the axons tell of the pulses instead of the "
        "beta "
        "rhythm, and their synapses tire, so that the pulses themselves weigh little. At low frequencies "
        "most "
        "spikes of the rhythm still pass, and the pulses add a rhythm of their own."
    ),
    "steps": [
        {
            "what": "Recruitment",
            "how": f"axons within sqrt(I / k) of the contact, k = {K_MA_PER_MM2:.2g} mA/mm2, in a sphere of "
            f"{RADIUS_MM:g} mm: a share that grows as the current to the power 1.5, and is 1 from "
            f"{K_MA_PER_MM2 * RADIUS_MM**2:.1f} mA on; widths weigh by Weiss's law with a chronaxie of "
            f"{CHRONAXIE_US:g} us; an axon follows no two spikes within {AXON_REFRACTORY:g} ms",
            "standing": "assumed",
            "source": "k from Maedler & Coenen 2012, doi 10.3174/ajnr.A2906",
        },
        {
            "what": "Masking",
            "how": f"a driven axon lets no spike of its soma pass for {COLLISION:g} ms",
            "standing": "assumed",
            "source": "Grill, Snyder & Miocinovic 2004, NeuroReport 15:1137",
        },
        {
            "what": "Depression",
            "how": f"synapses of the driven axons use {RELEASE_PROBABILITY:g} of their resources at a "
            "spike, which "
            f"recover in {TAU_REC:g} ms, as in equations 4 and 5 of Maass & Markram 2002",
            "standing": "assumed",
            "source": "Rosenbaum et al. 2014, Neurobiology of Disease 62:86",
        },
        {
            "what": "Invasion",
            "how": f"of driven spikes {ANTIDROMIC:.0%} reach the soma and reset it",
            "standing": "assumed",
            "source": "Li et al. 2012, Neuron 76:1030, who found antidromic spikes to be unreliable",
        },
        {
            "what": "Slow swings of beta",
            "how": f"a drive of the indirect pathway that wanders within {TAU_TIDE:g} ms",
            "standing": "assumed",
            "source": "in the place of the modulated cortical current of Fleming et al. 2020",
        },
    ],
    "left_out": [
        "the electric field and the shape of tissue and contact",
        "axons of passage, cortical collaterals and terminals of afferents",
        "plasticity over minutes and days, and any symptom: beta is a biomarker, not a benefit",
    ],
}

UNITS = {
    "effect": "share by which beta is lower than in the untreated circuit with the same noise; below 0 is "
    "more beta",
    "interval": "95 % of the mean over patients, by Student's t",
    "beta_mv": "average rectified value, 13 to 30 Hz, of the mean synaptic current over the leak "
    "conductance; mV",
    "charge_uc": "uC, first phases of all pulses",
    "energy_uj": "uJ, both phases of all pulses at an assumed impedance of 1 kOhm",
    "power_uw": "uW, energy over the treated time",
    "percent_per_uw": "% of effect for each uW",
    "set_point": (
        "0.7 of the patient's own mean untreated biomarker, from another noise; assumed. The paper's "
        "1.0414e-4 mV is in the units of its own field; only the upper threshold keeps its ratio to it, "
        "1.4654"
    ),
}
