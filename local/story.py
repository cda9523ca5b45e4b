"""`make story`: one mail's whole journey, step by step with its time, without a person."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # The product's code as a Lambda function sees it; only here, not for the emulator's process.
    sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))
    from local.demo.journey import main

    sys.exit(main())
