"""Blacking out secrets in text: by their value where it is known, by their look where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

BLACK = "***"
#: A shorter word is part of too many others.
MIN_SECRET = 4

# A count of tokens is no secret; neither is "the key: web.port" of a message.
_NAME = (
    r"(?:(?:token(?!s)|secret|passw(?:or)?d|authorization|credential|sessdata|bili_jct"
    r"|(?:api|access|auth|private|client|stream|subscription)[_-]?key)[\w-]{0,40}"
    r"|(?<![A-Za-z])key(?=['\"]?\s*=|['\"]\s*:)|(?<![A-Za-z])pwd)"
)
#: A name, then ``=`` or ``:`` (also percent-encoded, also as a pair of strings), then the value that goes.
_NAMED = re.compile(
    rf"(?i)({_NAME}(?:['\"]?\s*(?:[=:]|%3[ad])\s*|['\"]\s*,\s*)(?:[a-z]*['\"])?(?:(?:bearer|basic|oauth)\s+)?)"
    r"[^\s'\"&,;}\])<]+"
)
_COOKIE = re.compile(r"(?i)(cookie(?:['\"]?\s*:\s*|['\"]\s*,\s*)b?['\"]?)[^'\"\r\n]+")
_BEARER = re.compile(r"(?i)\b((?:bearer|oauth)[ :]+)[\w.~+/=-]{8,}")
#: Everything before the @ of an address: some services take a key as the user.
_USER = re.compile(r"(://)[^\s/?#'\"<>]*@")
#: Keys that are known by their first letters, and JSON web tokens.
_SHAPE = re.compile(r"\b(?:sk|rk|pk|ghp|gho|hf|xox[a-z])[-_][\w-]{16,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")


class Redactor:
    """Blacks out secrets. Those of the settings are known by their value, in every form in which they may appear."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._values: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Know further secrets. One that is shorter than `MIN_SECRET` characters is passed over."""
        self._known |= {form for secret in secrets if len(secret) >= MIN_SECRET for form in _forms(secret)}
        if self._known:
            longest_first = sorted(self._known, key=len, reverse=True)
            self._values = re.compile("|".join(re.escape(form) for form in longest_first), re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return a text without secrets."""
        if self._values is not None:
            text = self._values.sub(BLACK, text)
        text = _USER.sub(rf"\1{BLACK}@", text)
        for pattern in (_COOKIE, _NAMED, _BEARER):
            text = pattern.sub(rf"\1{BLACK}", text)
        return _SHAPE.sub(BLACK, text)


def _forms(secret: str) -> set[str]:
    """Return the ways in which a secret may be written: as it is, percent-encoded, inside JSON or a Python literal."""
    plain = {secret, secret.strip(), unquote(secret)}
    forms = {form(one) for one in plain for form in (str, quote, quote_plus, _all_quoted, _in_json, _in_python)}
    return {form for form in forms if len(form) >= MIN_SECRET}


def _all_quoted(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in_python(text: str) -> str:
    return repr(text)[1:-1]
