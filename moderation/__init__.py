"""Text in, verdict out. This package imports nothing of the host and can be used alone."""

from moderation.verdict import Action, Context, Direction, Reason, Verdict

__all__ = ["Action", "Context", "Direction", "Reason", "Verdict"]
