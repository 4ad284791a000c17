"""Makes a stranger's text plain."""

from __future__ import annotations


def fit(text: str, longest: int) -> str:
    """Make a text fit to be stored: no lone surrogates, no NUL (PostgreSQL takes neither), not too long."""
    if len(text) > longest:
        text = text[:longest]
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode()
    return text


def has_word(text: str) -> bool:
    """Whether it holds at least one letter or digit: a lone heart is no thanks."""
    return any(c.isalnum() for c in text)
