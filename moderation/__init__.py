"""Text in, verdict out. This package imports nothing of the host and can be used alone.

What it exports is loaded when it is first asked for: the settings need the policy alone, and the moderator with its
word lists and its classifier takes a good part of a second.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

if not TYPE_CHECKING:
    _HOME = {
        "moderator": ("Moderator", "SelfTestError", "check"),
        "names": ("clean_name",),
        "policy": ("Category", "Escalation", "Level", "Mode", "Policy", "Rule", "Step"),
        "verdict": ("Action", "Context", "Direction", "Reason", "Verdict"),
    }
    _MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

    def __getattr__(name):  # noqa: ANN001, ANN202 - the types stand above
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value
