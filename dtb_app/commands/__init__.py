"""One module a sub-command: ``add(subparsers)``, and ``call``, which returns the exit code."""
