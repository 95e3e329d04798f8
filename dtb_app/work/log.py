"""What happens in a server, a line an event."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

__all__ = ["LOG", "log_to", "said"]

#: Events of the app. What an event is about stands in its fields.
LOG = logging.getLogger("dtb")


def said(event: str, **fields: object) -> None:
    """Log an event with what it is about.

    Parameters
    ----------
    event : str
        A few words that never change, ``"run ended"``.
    **fields
        Plain values; names carry their unit.
    """
    LOG.info(event, extra={"fields": fields})


class _Lines(logging.Formatter):
    """One JSON object a line: time, level, logger, event and its fields; a traceback as one text."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to(stream: TextIO, as_json: bool) -> None:
    """Send the log somewhere: warnings of all, and the app's own events where each is to be a JSON object.

    Parameters
    ----------
    stream : text stream
    as_json : bool
        Whether a line is a JSON object; else a sentence, and only what went wrong.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines() if as_json else logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    LOG.setLevel(logging.INFO if as_json else logging.WARNING)
