"""The virtual clock under the name by which the tests know it."""

from __future__ import annotations

from bot.runtime.virtual_clock import VirtualLoop as JumpingLoop

__all__ = ["JumpingLoop"]
