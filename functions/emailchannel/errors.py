"""The two ways in which work can fail. Everything else is an outcome, and outcomes are values."""


class Unprocessable(Exception):
    """Trying again cannot help: the input is at fault. `reason` is a short code for the records."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Retryable(Exception):
    """The world was not ready (throttled, busy, half done): try again after `after` seconds."""

    def __init__(self, reason: str, after: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
