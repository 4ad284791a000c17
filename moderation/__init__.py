"""Text in, verdict out. This package imports nothing of the host and can be used alone."""

import os

# The classifier's matrices are small: a second thread costs more than it brings, and on a busy machine milliseconds.
# The library reads this once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

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
