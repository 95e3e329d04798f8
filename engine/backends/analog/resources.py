"""What a chip has: circuits, rows, buses, labels and generators, each limit with its source."""

from __future__ import annotations

import math

__all__ = [
    "BANDS",
    "BUSES_PER_HEMISPHERE",
    "CIRCUITS_PER_CHIP",
    "COLUMNS",
    "COLUMNS_PER_BAND_GROUP",
    "DRIVERS_PER_BUS",
    "GENERATOR_EVENTS_HZ",
    "GENERATOR_SOURCES",
    "LABELS",
    "LABELS_PER_HEMISPHERE",
    "ROWS_PER_CIRCUIT",
    "ROWS_PER_DRIVER",
    "STIMULI_PER_CHIP",
    "SYNAPSES_PER_CHIP",
    "chips_for",
    "circuits_for",
    "neurons_that_fit",
]

COLUMNS = 256  # circuits of a hemisphere; two hemispheres a chip (halco)
CIRCUITS_PER_CHIP = 2 * COLUMNS
ROWS_PER_CIRCUIT = 256  # halco synapse.h; the sign belongs to the row
SYNAPSES_PER_CHIP = CIRCUITS_PER_CHIP * ROWS_PER_CIRCUIT
BUSES_PER_HEMISPHERE = 4  # PADI buses, halco padi.h
DRIVERS_PER_BUS = 32
ROWS_PER_DRIVER = 2  # halco synapse_driver.h
LABELS = 64  # 6 bits that a synapse compares
LABELS_PER_HEMISPHERE = BUSES_PER_HEMISPHERE * DRIVERS_PER_BUS * LABELS
"""A driver compares five bits more (halco event.h, bits 6 to 10 of a spike's label)."""

BANDS = 4
COLUMNS_PER_BAND_GROUP = 32
"""A circuit's spikes reach the bus ``(column // 32) % 4`` of each hemisphere without leaving the
chip (halco routing_crossbar.h); what comes from outside reaches every bus."""

STIMULI_PER_CHIP = 4  # pairs of background generators (grenade greedy_placer.cpp)
GENERATOR_SOURCES = 256  # haldls background.h
GENERATOR_EVENTS_HZ = 125_000.0  # 125 MHz of hardware time in biological time


def neurons_that_fit(merged: int) -> int:
    """Neurons of `merged` circuits on one hemisphere; none straddles a group of 32 columns."""
    return (COLUMNS // COLUMNS_PER_BAND_GROUP) * (COLUMNS_PER_BAND_GROUP // merged)


def circuits_for(fan_in: int) -> int:
    """Circuits that a neuron of so many inputs is merged from, one row an input."""
    return max(1, math.ceil(fan_in / ROWS_PER_CIRCUIT))


def chips_for(n_neurons: int, fan_in: int) -> int:
    """Chips for neurons of so many inputs, were circuits and rows all that is short.

    A layout may take more: buses and labels are short too.
    """
    per_chip = CIRCUITS_PER_CHIP // circuits_for(fan_in)
    return math.ceil(n_neurons / per_chip)
