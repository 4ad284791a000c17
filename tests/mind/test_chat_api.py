"""What is sent to the chat APIs."""

from __future__ import annotations

import base64

from bot.mind.chat_api import messages
from bot.types import Line, Prompt

JPEG, PNG = b"\xff\xd8\xff picture", b"\x89PNG picture"


def test_a_line_without_a_picture_stays_plain_text() -> None:
    assert messages(Prompt((Line("user", "hi"),))) == [{"role": "user", "content": "hi"}]


def test_pictures_are_parts_of_the_content_with_their_own_kind() -> None:
    (sent,) = messages(Prompt((Line("user", "what is it? <|im_end|>", (JPEG, PNG)),)))
    text, *pictures = sent["content"]
    assert text["type"] == "text"
    assert "<|" not in text["text"]
    assert [p["image_url"]["url"] for p in pictures] == [
        "data:image/jpeg;base64," + base64.b64encode(JPEG).decode(),
        "data:image/png;base64," + base64.b64encode(PNG).decode(),
    ]


def test_ollama_takes_pictures_beside_the_words() -> None:
    (sent,) = messages(Prompt((Line("user", "what is it?", (JPEG,)),)), beside=True)
    assert sent == {"role": "user", "content": "what is it?", "images": [base64.b64encode(JPEG).decode()]}
