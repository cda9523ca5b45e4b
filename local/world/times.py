"""Epoch seconds in the spellings AWS uses."""

from __future__ import annotations

from datetime import UTC, datetime


def at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, tz=UTC)


def iso(epoch: float) -> str:
    """2026-01-31T12:00:00.000Z"""
    return at(epoch).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(epoch * 1000) % 1000:03d}Z"
