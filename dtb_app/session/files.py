"""Files that come from a browser and go to it."""

from __future__ import annotations

import base64
import json
from typing import Any

from dtb_app.controls.page_port import MAX_UPLOAD_BYTES
from dtb_app.session.session import Session
from engine.errors import DataError
from engine.export.pynn import pynn_script
from engine.export.run_report import RunArrays, report_html, today
from engine.run.recording import Recording

__all__ = ["contents_of", "file_to_save", "open_upload"]


def contents_of(file: dict[str, Any]) -> dict[str, bytes]:
    """Name to bytes of the files that a browser sent together, the first one first.

    Parameters
    ----------
    file : dict
        As of `open_upload`.

    Raises
    ------
    DataError
        One of them was too large to be sent, or is empty.
    """
    contents: dict[str, bytes] = {}
    for one in (file, *file.get("beside", ())):
        name = str(one["name"])
        if not one["data"]:
            raise DataError(
                f"{name}: must not be empty and at most {MAX_UPLOAD_BYTES / 1e6:.0f} MB "
                f"with all files (got {one['size'] / 1e6:.1f} MB)."
            )
        contents[name] = base64.b64decode(one["data"])
    return contents


def open_upload(session: Session, file: dict[str, Any]) -> str:
    """Open what a browser sent; return a sentence about it.

    Parameters
    ----------
    session : Session
    file : dict
        ``name``, ``size`` [bytes] and ``data`` (base64; empty when the file was too large to send);
        under ``beside`` a list of the same for files that were chosen together with it.

    Raises
    ------
    EngineError
        The file is refused; nothing has changed.
    """
    contents = contents_of(file)
    first = str(file["name"])
    return session.open_file(first, contents.pop(first), contents)


def file_to_save(session: Session, recording: Recording | None, what: str) -> dict[str, str]:
    """Name, text and type of a file to download.

    Parameters
    ----------
    session : Session
    recording : Recording, optional
        The run that is shown.
    what : str
        'scenario', 'run', 'rates', 'report' or 'pynn'.

    Raises
    ------
    EngineError
        There is no finished run, or no analog region for the script.
    """
    if what == "scenario":
        text = session.scenario.to_toml()
        return {"name": "scenario.toml", "text": text, "type": "application/toml"}
    if recording is None:
        raise DataError("There is no finished run to save yet. Press Run first.")
    if what == "run":
        text = json.dumps(recording.as_json(), indent=2)
        return {"name": "run.json", "text": text, "type": "application/json"}
    if what == "report":
        arrays = RunArrays(recording.evidence(), recording.network, recording.connectome)
        text = report_html(recording.as_json(), recording.scenario.to_toml(), arrays, today())
        return {"name": "report.html", "text": text, "type": "text/html"}
    if what == "pynn":
        rates = recording.as_json()["region_rate_hz"]
        script = pynn_script(recording.scenario, recording.connectome, lambda label, kind: rates[label][kind])
        return {"name": "brainscales2.py", "text": script.text, "type": "text/x-python"}
    return {"name": "rates.csv", "text": recording.rates_csv(), "type": "text/csv"}
