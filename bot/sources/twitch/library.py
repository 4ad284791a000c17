"""Every place where we reach into twitchio, so that its faults are outlived in one file.

The library keeps the EventSub socket, the routes of Helix and the sign-in. What it does not do, or
does so that a channel goes deaf for ever, is done here: requests with deadlines, a bound, one lock for
refreshing and no secret in an address or an error; a socket that tells of every frame and of its loss,
and never reconnects by itself; notifications as they came, before a missing key can lose them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import twitchio
from loguru import logger
from twitchio.authentication.tokens import ManagedHTTPClient
from twitchio.eventsub.websockets import Websocket
from twitchio.exceptions import HTTPException
from twitchio.http import Route

from bot.errors import Denied, Fatal, ProviderError, Quota, Transient
from bot.sources.link import Expired
from bot.sources.twitch.buckets import Bucket

#: A request is given up after this, and an answer beyond this size is no answer.
REQUEST_S = 10.0
MAX_ANSWER = 4 << 20
#: Points a second that Helix gives, and how many at once (its documentation: 800 a minute).
HELIX_PER_S, HELIX_BURST = 800 / 60, 200

Renew = Callable[[str, str], Awaitable[str]]
