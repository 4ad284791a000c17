"""Keeps what the model is told from being told on: stands before moderation wherever the host speaks."""

from __future__ import annotations
