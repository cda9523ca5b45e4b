"""Load and cost: many mails at once, a flood, and big cases. `python -m tests.load` measures."""
