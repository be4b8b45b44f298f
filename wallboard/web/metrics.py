"""What Prometheus reads at /metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from wallboard.web.paints import Paints

REGISTRY = CollectorRegistry()

BOARDS = Gauge("wallboard_boards", "Boards connected to this node", registry=REGISTRY)
POSITION = Gauge("wallboard_position", "Commit that this node's state is as of", registry=REGISTRY)
AGE = Gauge("wallboard_state_age_seconds", "How old this node's newest commit is", registry=REGISTRY)
READY = Gauge("wallboard_ready", "1 while the state is whole and Redis answers", registry=REGISTRY)
FLUSH = Gauge("wallboard_flush_seconds", "How long the last flush to all boards took", registry=REGISTRY)
FRAMES = Counter("wallboard_frames", "Frames sent to boards", registry=REGISTRY)
FRAME_BYTES = Counter("wallboard_frame_bytes", "Bytes of frames sent to boards", registry=REGISTRY)
INGESTED = Counter("wallboard_ingested_events", "Events taken by webhook", ["feed"], registry=REGISTRY)
PAINT_AGE = Histogram(
    "wallboard_paint_age_seconds",
    "Age of the newest data on a board's glass when it said so",
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 30, 60),
    registry=REGISTRY,
)
PAINTS = Paints(REGISTRY)


def sent(frames: int, size: int) -> None:
    """Count frames that went out, and their bytes."""
    FRAMES.inc(frames)
    FRAME_BYTES.inc(size)
