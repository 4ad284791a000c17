"""Bilibili, both ways: the official open platform, and the room as a signed-in browser sees it."""
