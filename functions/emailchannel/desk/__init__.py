"""The agent's desk: what its page reads and writes, session by session."""
