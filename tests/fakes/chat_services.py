"""The services that speak OpenAI's language each in their own manner, one fake that takes the manner of each.

What they refuse, what they think unasked, and what stands between the events of an answer follows their own guides.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes import Fake, serving

REPLY = "Good evening, dear ships. 今晚有茶。"
THOUGHT = "SECRET: the viewer wants to be greeted."
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@dataclass(frozen=True)
class Manner:
    """How a service is: its variable of the environment, where it thinks, what it refuses.

    ``quiet`` is the part of a request without which it thinks, as a path of keys and the value at its end.
    """

    key: str
    quiet: tuple[tuple[str, ...], Any]
    thoughts: str = "reasoning_content"  # where a thought stands; "content": between tags; "lonely": no opening tag
    models: tuple[str, ...] = ("m",)
    prefix: str = "/v1"
    max_tokens: str = "max_tokens"
    stops: int = 4
    hottest: float = 2.0
    schema: str = "json_schema"
    between: bytes = b""
    usage: str = "asked"  # "asked" by stream_options, in "x_groq", in "every" chunk
    done: bool = True
    strict_roles: bool = False


SERVICES: dict[str, Manner] = {
    "gemini": Manner(
        "GEMINI_API_KEY", (("reasoning_effort",), "none"), models=("models/m",), prefix="/v1beta/openai", stops=5,
        usage="every",
    ),
    "deepseek": Manner(
        "DEEPSEEK_API_KEY", (("thinking", "type"), "disabled"), prefix="", stops=16, schema="json_object",
        between=b": keep-alive\n\n",
    ),
    "qwen": Manner(
        "DASHSCOPE_API_KEY", (("enable_thinking",), False), prefix="/compatible-mode/v1", hottest=1.99,
        schema="json_object",
    ),
    "siliconflow": Manner(
        "SILICONFLOW_API_KEY", (("enable_thinking",), False), thoughts="content", schema="json_object",
        between=b"\n\n",
    ),
    "openrouter": Manner(
        "OPENROUTER_API_KEY", (("reasoning", "enabled"), False), thoughts="reasoning", prefix="/api/v1",
        between=b": OPENROUTER PROCESSING\n\n", usage="every",
    ),
    "groq": Manner(
        "GROQ_API_KEY", (("reasoning_effort",), "none"), thoughts="content", prefix="/openai/v1",
        max_tokens="max_completion_tokens", schema="words", usage="x_groq",
    ),
    "lmstudio": Manner(
        "", (("reasoning_effort",), "none"), thoughts="content", models=("text-embedding-nomic", "m"), done=False
    ),
    "vllm": Manner(
        "", (("chat_template_kwargs", "enable_thinking"), False), thoughts="lonely", strict_roles=True
    ),
}  # fmt: skip


class ChatService(Fake):
    """One service. ``refuses`` adds parts that its model does not know, by the words of the refusal.

    ``breaks`` is an error that comes within the answer, ``finish`` the reason for its end.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.manner = SERVICES[name]
        self.name = name
        self.refuses: dict[str, str] = {}
        self.breaks: Any = None
        self.words = ""
        self.finish = "stop"
        self.reply = REPLY
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        """Its ``base_url``."""
        return self.address + self.manner.prefix

    def refused(self, status: int, words: str) -> web.Response:
        """Return a refusal in the shape of the service: Google's is a list."""
        error: Any = {"error": {"message": words, "code": status}}
        return web.json_response([error] if self.name == "gemini" else error, status=status)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer as this service does, or refuse what it does not take."""
        body = await request.json()
        self.requests.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        if self.mode.isdigit():
            return self.refused(int(self.mode), self.words or f"this is a {self.mode}")
        if wrong := self._wrong(body):
            return self.refused(400, wrong)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number, chunk in enumerate(self._chunks(body)):
            if number == 2 and self.breaks is not None:
                await response.write(_event({"error": self.breaks, "choices": []}))
                return response
            await response.write(self.manner.between + _event(chunk))
        if self.manner.done:
            await response.write(b"data: [DONE]\n\n")
        return response

    def _wrong(self, body: dict[str, Any]) -> str:
        manner, roles = self.manner, [line["role"] for line in body["messages"]]
        for part, words in self.refuses.items():
            if part in body:
                return words
        if other := {"max_tokens", "max_completion_tokens"} & body.keys() - {manner.max_tokens}:
            return f"Unrecognized request argument: {other.pop()}"
        if body.get("temperature", 0) > manner.hottest:
            return "temperature must be in the range [0.0, 2.0)"
        if len(body.get("stop", ())) > manner.stops or any(not stop.strip() for stop in body.get("stop", ())):
            return "stop: too many, or an empty one"
        form = body.get("response_format", {}).get("type", manner.schema)
        if form != manner.schema:
            return f"This response_format type is unavailable now: {form}"
        if manner.strict_roles:
            turns = roles[1:] if roles[0] == "system" else roles
            if turns != ["user", "assistant"] * (len(turns) // 2) + ["user"] * (len(turns) % 2):
                return "Conversation roles must alternate user/assistant/user/assistant/..."
        if {"seed", "logit_bias", "n"} & body.keys():
            return "not supported: seed, logit_bias, n"
        return ""

    def _chunks(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        manner = self.manner
        chunks = [_chunk({"role": "assistant", "content": ""}), _chunk({"content": None, "reasoning_content": None})]
        if not self._quiet(body):
            place = manner.thoughts
            begin, end = ("<think>\n", "\n</think>\n\n") if place == "content" else ("", "\n</think>\n\n")
            if place in ("content", "lonely"):
                chunks += [_chunk({"content": part}) for part in (begin + THOUGHT[:9], THOUGHT[9:] + end[:5], end[5:])]
            else:
                chunks += [_chunk({place: THOUGHT, "content": None})]
        chunks += [_chunk({"content": f"{word} "}) for word in self.reply.split(" ")] if self.reply else []
        chunks += [_chunk({}, self.finish)]
        if manner.usage == "every":
            chunks = [chunk | {"usage": USAGE} for chunk in chunks]
        elif manner.usage == "x_groq":
            chunks[-1]["x_groq"] = {"id": "r", "usage": USAGE}
        elif body.get("stream_options", {}).get("include_usage"):
            chunks.append({"choices": [], "usage": USAGE})
        return chunks

    def _quiet(self, body: Any) -> bool:
        path, value = self.manner.quiet
        for part in path:
            body = body.get(part) if isinstance(body, Mapping) else None
        return bool(body == value)

    async def models(self, request: web.Request) -> web.StreamResponse:
        """List the models."""
        if self.mode.isdigit():
            return self.refused(int(self.mode), self.words or f"this is a {self.mode}")
        return web.json_response({"object": "list", "data": [{"id": name} for name in self.manner.models]})


@asynccontextmanager
async def chat_service(name: str) -> AsyncIterator[ChatService]:
    """Run the fake of a service; ``url`` is its base."""
    fake = ChatService(name)
    prefix = fake.manner.prefix
    routes = [
        web.post(f"{prefix}/chat/completions", fake.watched(fake.chat)),
        web.get(f"{prefix}/models", fake.models),
    ]
    async with serving(fake, routes):
        yield fake


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
