"""Counters and histograms for Prometheus, in a registry of their own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LATENCY = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_LAG = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics:
    """Everything that ``/metrics`` shows."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.messages = Counter("haishin_messages", "Messages by what became of them", ["outcome"], registry=r)
        self.verdicts = Counter("haishin_verdicts", "Moderation verdicts", ["direction", "action"], registry=r)
        self.turns = Counter("haishin_turns", "Turns by how they ended", ["outcome"], registry=r)
        self.failures = Counter("haishin_provider_failures", "Failures of providers", ["provider", "kind"], registry=r)
        self.restarts = Counter("haishin_part_restarts", "Restarts of long-lived parts", ["part"], registry=r)
        self.first_audio = Histogram(
            "haishin_first_audio_seconds", "From the choice of a message to the first sound sent",
            buckets=_LATENCY, registry=r,
        )  # fmt: skip
        self.lag = Histogram("haishin_loop_lag_seconds", "How late the event loop ran", buckets=_LAG, registry=r)
        self.pages = Gauge("haishin_stage_pages", "Stage pages open", registry=r)
        self.audible = Gauge("haishin_audible", "Whether a page can be heard", registry=r)
        self.events = Counter("haishin_source_events", "Events by source and kind", ["source", "kind"], registry=r)
        self.links = Gauge(
            "haishin_connection", "Connections by state; 1 for the one it is in", ["source", "state"], registry=r
        )
        self.heard = Gauge(
            "haishin_connection_heard_seconds", "How long ago a connection heard anything", ["source"], registry=r
        )
        self.expires = Gauge("haishin_sign_in_seconds", "How long a sign-in lasts", ["source"], registry=r)
        self.reconnects = Gauge("haishin_reconnects", "How often a connection came back", ["source"], registry=r)
        self.faults = Gauge("haishin_source_faults", "What could not be understood", ["source", "what"], registry=r)
        self.overdue = Gauge("haishin_thanks_overdue", "Payments whose thanks are overdue", registry=r)
        self.blocked = Gauge("haishin_blocked_replies", "Replies that moderation ended", registry=r)
        self.silences = Gauge("haishin_blocked_lines", "Prepared lines that were blocked too: silence", registry=r)
        self.thinned = Gauge("haishin_thinned_lines", "Lines left out unread, by why", ["reason"], registry=r)
        self.pauses = Gauge("haishin_pauses", "How often blocked replies paused the answers to the chat", registry=r)
        self.paused = Gauge("haishin_paused", "Whether they are paused now", registry=r)
        self.shunned = Gauge("haishin_shunned_viewers", "Viewers who are not answered: blocked replies", registry=r)
        self.doubts = Counter("haishin_doubts", "Lines that moderation let pass in doubt", registry=r)
        self.unjudged = Gauge("haishin_unjudged_lines", "Lines that wait for moderation", registry=r)
        self.barge_ins = Gauge("haishin_barge_ins", "Turns that the streamer spoke over", ["what"], registry=r)
        self.early = Gauge("haishin_early_answers", "Answers begun before the last word", ["what"], registry=r)
        self.tools = Counter(
            "haishin_tool_calls", "Calls of tools by what became of them", ["tool", "outcome"], registry=r
        )
        self.tokens = Counter("haishin_tokens", "Tokens by link and direction", ["link", "direction"], registry=r)
        self.characters = Counter("haishin_characters", "Characters given to voices", ["link"], registry=r)
        self.micros = Counter("haishin_micro_dollars", "Millionths of a dollar spent", ["link"], registry=r)
        self.budget = Gauge("haishin_budget_used", "The part of a limit that is spent", ["scope", "unit"], registry=r)
        self.queue = Gauge("haishin_queue_items", "Items waiting", registry=r)

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self.registry)
