"""Text in, verdict out. This package imports nothing of the host and can be used alone."""

from moderation.moderator import Moderator, SelfTestError
from moderation.names import clean_name
from moderation.policy import Category, Level, Policy
from moderation.verdict import Action, Context, Direction, Reason, Verdict

__all__ = [
    "Action",
    "Category",
    "Context",
    "Direction",
    "Level",
    "Moderator",
    "Policy",
    "Reason",
    "SelfTestError",
    "Verdict",
    "clean_name",
]
