"""What the engine promises, from single functions to a browser.

The matrices here are small: a second thread of linear algebra costs more waiting than it computes.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
