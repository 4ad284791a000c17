"""Hold the settings of what the host remembers."""

from __future__ import annotations

from pydantic import Field

from bot.runtime.settings import Section


class MemorySettings(Section):
    """What the host remembers of the conversation."""

    history: bool = Field(default=True, description="give the last exchanges to the model")
    history_tokens: int = Field(900, ge=0, le=100_000, description="budget of the history in the prompt")
    knowledge_tokens: int = Field(300, ge=0, le=4000, description="budget of the persona's pages in it; 0: none")
    raw_chat_hours: float = Field(24.0, gt=0, le=24 * 30, description="raw chat older than this is deleted")
