"""Seeded faults of template and contact flows, and the chain of checks that must notice each."""
