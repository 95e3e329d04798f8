"""Packets counted for each link and step, and what waiting does to spikes."""
