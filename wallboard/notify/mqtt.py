"""Notices by MQTT 3.1.1: QoS 1, which the broker confirms (PUBACK), and not retained.

A retained notice would be given to everybody who subscribes later, as if it were new.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import msgspec

from wallboard.city import MqttConfig
from wallboard.notify.notice import Notice, document
from wallboard.notify.way import ANSWER_S, DELIVERY_S, Failed, secret_of, why


class Mqtt:
    """[notify.mqtt]."""

    def __init__(self, config: MqttConfig, folder: Path) -> None:
        self._config = config
        self._folder = folder

    async def send(self, notice: Notice, to: str) -> None:
        """Publish the notice under the topic `to`; the broker's PUBACK confirms it."""
        parts = urlsplit(self._config.url)
        private = parts.scheme == "mqtts"
        password = secret_of(self._config.password, self._folder) if self._config.password else None
        client = aiomqtt.Client(
            parts.hostname or "",
            parts.port or (8883 if private else 1883),
            username=self._config.user or None,
            password=password,
            protocol=aiomqtt.ProtocolVersion.V311,
            tls_context=ssl.create_default_context() if private else None,
            timeout=ANSWER_S,
        )
        try:
            async with client:
                await client.publish(
                    to, msgspec.json.encode(document(notice)), qos=1, retain=False, timeout=DELIVERY_S
                )
        except (aiomqtt.MqttError, OSError, ValueError) as fault:
            raise Failed(_why(fault)) from None


def _why(fault: Exception) -> str:
    if isinstance(fault, aiomqtt.MqttCodeError):
        return f"the broker answered {fault.rc}"[:120]
    inner = fault.__cause__ or fault.__context__
    return why(inner) if isinstance(inner, OSError) else why(fault)
