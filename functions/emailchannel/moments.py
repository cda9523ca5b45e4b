"""Times: milliseconds since the epoch in our records, ISO 8601 in the world's."""

from datetime import UTC, datetime


def iso(at: int) -> str:
    """A time in milliseconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(timestamp: object) -> int:
    """An ISO 8601 time as milliseconds since the epoch; 0 when it is none."""
    try:
        moment = datetime.fromisoformat(str(timestamp).replace("Z", "+00:00"))
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
