"""Messages that Panel has put aside for a busy connection, and would forget.

While a connection is being written to, Panel keeps what a callback changes in `_WRITE_MSGS` and
starts a task that sends it later. A message kept just when an earlier task is about to end is
forgotten: that task clears `_WRITE_BLOCK`, and the task of the newer message finds it cleared and
does nothing (`_dispatch_msgs` of panel.io.document in Panel 1.9 and 1.10). It would go out with
the next change, which after a run's last frame may never come: the page would say "Ending" for
ever.
"""

from __future__ import annotations

from bokeh.document import Document
from panel.io import document as panel_document

__all__ = ["send_forgotten"]


def send_forgotten(document: Document) -> bool:
    """Send messages that nobody will send; on the document's event loop.

    Returns
    -------
    bool
        Whether there were any.
    """
    waiting, blocked = panel_document._WRITE_MSGS, panel_document._WRITE_BLOCK
    if document not in waiting or document in blocked:
        return False
    blocked[document] = True
    panel_document._dispatch_write_task(document, panel_document._dispatch_msgs, document)
    return True
