"""Hold the settings of the tools: who may cause which, how often, and whether a person confirms it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from bot.mind.tools.function import Origin
from bot.runtime.settings import Section

_ALL = list(Origin)
_TEAM = [Origin.MODERATOR, Origin.STREAMER]
_STREAMER = [Origin.STREAMER]

#: A name of an environment variable.
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,80}$")]


class CallStyle(StrEnum):
    """How the model says that it wants a tool."""

    AUTO = "auto"  # natively where the first model of the chain is known to
    NATIVE = "native"
    SCHEMA = "schema"  # a small question of its own, when a line seems to ask for a tool


class ToolRule(Section):
    """The bounds of one tool."""

    who: list[Origin] = Field([], description="whose words may cause it: viewer, moderator, streamer, host; []: nobody")
    per_minute: int = Field(6, ge=1, le=600, description="most calls a minute, whoever asks")
    per_viewer_hour: int = Field(10, ge=1, le=1000, description="most calls an hour for one viewer")
    deadline_s: float = Field(5.0, gt=0, le=60, description="a call that takes longer is given up")
    max_chars: int = Field(600, ge=20, le=8000, description="the model is told so much of the result")
    confirm: bool = Field(default=False, description="a person confirms each call on the panel first")


class AllowedTools(Section):
    """The tools that there are, and who may cause each."""

    roll: ToolRule = ToolRule(who=_ALL)
    search_memory: ToolRule = ToolRule(who=_ALL)
    remember: ToolRule = ToolRule(who=_TEAM)
    timer: ToolRule = ToolRule(who=_TEAM)
    look: ToolRule = ToolRule(who=_TEAM, deadline_s=12.0)
    scene: ToolRule = ToolRule(who=_STREAMER, deadline_s=10.0)
    poll: ToolRule = ToolRule(who=_STREAMER, per_minute=2, deadline_s=10.0, confirm=True)
    clip: ToolRule = ToolRule(who=_STREAMER, per_minute=2, deadline_s=10.0)
    shoutout: ToolRule = ToolRule(who=_STREAMER, per_minute=2, deadline_s=10.0, confirm=True)


class McpTool(ToolRule):
    """The bounds of one tool of an MCP server. What the server says of it is not believed."""

    about: str = Field(min_length=3, max_length=300, description="what it is for, in your words, for the model")
    effect: bool = Field(default=True, description="false: it only looks something up")
    words: list[str] = Field(
        [], max_length=30, description="words of a line that seem to ask for it; see docs/tools.md"
    )


class McpServer(Section):
    """One MCP server: a program that is started (``command``), or an address (``url``)."""

    command: str = Field("", description="the program; it is started without any of your keys")
    args: list[str] = Field([], max_length=50, description="its arguments")
    env: list[Variable] = Field([], max_length=20, description="names of the variables that it is given")
    url: str = Field("", pattern=r"^(https?://\S+)?$", description="the address of a server over HTTP")
    headers: dict[str, Variable] = Field({}, description="HTTP header: name of the variable that holds its value")
    start_s: float = Field(15.0, gt=0, le=120, description="longest time until it answers")
    tools: dict[str, McpTool] = Field(
        {}, max_length=40, description="the tools that may be used, by the server's names"
    )

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")
        return self


class ToolSettings(Section):
    """The functions that the model may call."""

    enabled: bool = Field(default=True, description="let the model call tools at all")
    calls: CallStyle = Field(CallStyle.AUTO, description="auto, native, or schema: how the model says what it wants")
    allow: AllowedTools = AllowedTools()
    rounds: int = Field(2, ge=1, le=4, description="how often a reply goes on with results")
    max_calls: int = Field(3, ge=1, le=8, description="most calls in one turn")
    confirm_s: float = Field(90.0, ge=5, le=3600, description="a call that nobody confirms expires")
    mcp: dict[Annotated[str, Field(pattern=r"^[a-z0-9]{1,20}$")], McpServer] = Field(
        {}, max_length=8, description="MCP servers by a short name of yours"
    )
