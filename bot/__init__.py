"""Haishin: a host for live streams."""

__version__ = "0.1.0"
