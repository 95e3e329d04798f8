"""``python -m dtb_app`` is the `dtb` command."""

import sys

from dtb_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
