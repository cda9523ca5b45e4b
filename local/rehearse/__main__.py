"""`python -m local.rehearse [folder]`: the deployment rehearsed, one line for each step."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # The product's code as a Lambda function sees it; only here, not for the emulator's process.
    sys.path.insert(0, str(Path(__file__).parents[2] / "functions"))
    from local.rehearse.command import main

    sys.exit(main(sys.argv[1:]))
