"""Text in, verdict out. This package imports nothing of the host and can be used alone."""

from moderation.moderator import Moderator, SelfTestError, check
from moderation.names import clean_name
from moderation.policy import Category, Escalation, Level, Mode, Policy, Rule, Step
from moderation.verdict import Action, Context, Direction, Reason, Verdict

__all__ = [
    "Action",
    "Category",
    "Context",
    "Direction",
    "Escalation",
    "Level",
    "Mode",
    "Moderator",
    "Policy",
    "Reason",
    "Rule",
    "SelfTestError",
    "Step",
    "Verdict",
    "check",
    "clean_name",
]
