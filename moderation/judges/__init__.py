"""Judges: slower and surer than rules, asked about what the rules are unsure of.

One file for each provider, imported only when it is selected: ``class Config`` and an async context manager
``connect(config)`` that yields a `moderation.judging.judge.Judge`. The program that uses them asks within a budget
and a deadline.
"""
