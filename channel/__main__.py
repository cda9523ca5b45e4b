"""`python -m channel`: from the root of the repository, with the packages of `make setup`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The product is not installed: it is read from where it stands.
    sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))
    from channel.command import main

    sys.exit(main())
