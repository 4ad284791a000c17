"""Fair shares among classes: deficit round robin. Pure bookkeeping."""

from __future__ import annotations
