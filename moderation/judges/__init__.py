"""Judges: slower and surer than rules, asked about what the rules are unsure of.

One file a provider, imported only when it is selected: ``class Config`` and an async context manager
``connect(config)`` that gives a `Judge`. `moderation.judging.panel.Panel` asks them within a budget and a deadline.
"""
