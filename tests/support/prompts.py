"""Read what a prompt tells of what is remembered."""

from __future__ import annotations

from bot.mind.memory.telling import asker

HEADINGS = ("What you remember", *(asker.heading(language) for language in ("en", "zh", "ja")))


def remembered(prompt: str) -> str:
    """Return a prompt from the first of its memories on; empty where there are none."""
    found = [prompt.rfind(heading) for heading in HEADINGS if heading in prompt]
    return prompt[min(found) :] if found else ""
