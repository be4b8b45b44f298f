"""What comes through an MQTT broker: `mapped` reads any publisher by a mapping, `session` is for all."""

from __future__ import annotations

from feeds.base import Adapter
from feeds.mqtt.broker import SCHEMES
from feeds.mqtt.mapped import MqttOptions, parse, run
from feeds.pushed import brings

__all__ = ["ADAPTER"]

ADAPTER = Adapter(
    type="mqtt",
    options=MqttOptions,
    parse=parse,
    kinds=lambda options: brings(options.kind),
    run=run,
    schemes=SCHEMES,
)
