"""An email channel for Amazon Connect: received, relayed, sent, tracked, presented, notified."""
