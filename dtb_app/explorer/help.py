"""The words behind the question mark."""

__all__ = ["TOUR"]

TOUR = """
**What you see.** A brain of 84 regions, each filled with spiking neurons. Blue regions are computed
by a *digital* machine, amber ones by a software model of an *accelerated analog chip*. Their spikes
travel as packets over the network on chip at the right.

**In five minutes**

1. Press **Run** (space). Watch the spikes, the regions light up and the links fill.
2. Click a region on the brain, or search for it on the left. Shift-click adds more.
3. Press **ana** beside it. The chip count and the network on chip change at once.
4. Drag **Coupling** while it runs. Then run again and press **Compare**.
5. Pause, change a lesion or a parameter under *Model*, and press **Branch**: the run goes on from
   that moment with the change, and the run before it is kept beside it.
6. Copy the link at the top right: it holds the whole scenario.

**The tabs.** *Network on chip*: the load of every link over time, and the same spikes on five
topologies. *Small world*: what a few long links are worth. *Analog chip*: circuits, buses and all
imperfections with their sources. *Co-design*: how good the analog student is against its teacher,
and what would make it better. *Scale*: what 86 billion neurons ask of thousands of devices.

**What instruments would see.** The list above the brain says what it shows: rates, or what fMRI
(BOLD), calcium imaging or an electrode would see of them, region by region; the strip under the
spikes shows the same over time. BOLD is slow: it takes 20 s of biology to settle.

**How to read the fit.** A dot is this run; the solid tick is what a trivial answer gets, the dashed
tick the best that can be expected. A dot left of the solid tick explains nothing new.

| key | does |
| --- | --- |
| space | run, pause, resume or branch |
| S | stop |
| . | step 10 ms |
| / | search regions |
| Ctrl+Z, Ctrl+Y | undo, redo |
| ? | this page |
| Tab, Shift+Tab | to the next control, to the one before; the space bar is then its own |
| ↑ ↓ in the list of regions | to the next region, to the one before |
| space in the list of regions | pick or drop the region |
| D, A, O in the list of regions | digital, analog, off |
| Esc | close a list or a dialog |

**In a lecture room.** The screen beside the switch of the theme is *projector mode*: type, controls,
axes and strokes of the whole page are larger. The browser remembers it.

**What is an estimate.** The analog backend is a software model, not a chip: its time and energy are
estimates from published figures. Memory and speed before a run are predictions. Link loads count
every packet exactly; which packets come late or are dropped is estimated from the queues at links
and ports. Field potentials rest on currents that are estimated from spike counts.
"""
