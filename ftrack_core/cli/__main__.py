"""`python -m ftrack_core.cli`: the `ftrack` command where its script is not on the path."""

from __future__ import annotations

import sys

from ftrack_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
