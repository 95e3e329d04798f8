"""The microcircuit in other simulators, from the same numbers; extra `reference`."""
