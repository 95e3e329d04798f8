"""Make the stored assimilation that the section Assimilate opens with.

    nice -n 10 python -m dtb_app.samples.make_assimilation

The twin experiment that the section offers: eight linked regions of dk84, 30 brains, 60 observations. About a
minute on two cores. Deterministic: with the same versions the bytes are the same. Ends by writing the
checksums into `README.md`.
"""

from __future__ import annotations

from pathlib import Path

import sample_data
from dtb_app.commands.progress import on_stderr
from dtb_app.pages.fit.assimilate.asked import DEFAULTS, N_SMALL, Asked, linked_regions, small_brain
from dtb_app.pages.fit.assimilate.kept import kept_of
from dtb_app.pages.fit.assimilate.study import Study
from dtb_app.samples.checksums import write_checksums
from engine.assimilation.brain_filter import FilterSettings
from engine.brain.connectome import load_connectome
from engine.run.provenance import versions
from engine.scenario.scenario import Scenario
from engine.stored_results import write_stored

__all__ = ["COMMAND", "main"]

COMMAND = "python -m dtb_app.samples.make_assimilation"


def main() -> None:
    """Assimilate and write."""
    connectome, d = load_connectome("dk84"), DEFAULTS
    labels = linked_regions(connectome, N_SMALL)
    scenario = small_brain(Scenario(), connectome, labels, d.seed)
    settings = FilterSettings(parameters=d.parameters, n_members=d.n_members, seed=d.seed)
    title = f"{scenario.title}: twin experiment"
    study = Study(Asked(title, scenario, connectome, settings, d.n_trs, d.n_held_out))
    study.go_on(on_stderr())
    assert study.standing is not None
    write_stored(
        sample_data.path("assimilation"),
        kept_of(study.standing, title=title, parameters=d.parameters, command=COMMAND, versions=versions()),
    )
    study.drop()
    write_checksums(Path(sample_data.__file__).parent / "README.md")


if __name__ == "__main__":
    main()
