"""Answers of language models as their services write them, each by its own events."""
