"""How a broker is reached; apart from session.py, whose client only who uses it should load."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

#: The schemes of a broker's address, with their ports.
PORTS = {"mqtt": 1883, "mqtts": 8883}
SCHEMES = tuple(PORTS)


class BrokerOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How to log in to a broker; the options of an adapter that uses one derive from it."""

    user: str = ""
    #: "env:NAME" or "file:PATH"
    password: str = ""
    #: certificate authority of the broker's certificate, for mqtts:; default: the system's
    ca: str = ""
    #: name of this client, where the broker's access list wants a certain one; "" = the broker chooses
    client_id: str = ""
    #: 1: the broker repeats what was not confirmed; 0: for brokers that refuse more
    qos: int = 1

    def __post_init__(self) -> None:
        if self.password and not self.user:
            raise ValueError("a password needs a user")
        if self.qos not in (0, 1):
            raise ValueError("qos is 0 or 1")


@dataclass(frozen=True)
class Message:
    """What was published under a topic. `retained`: the broker kept it; it is state, and may be
    old. An empty `topic`: of a capture that does not name it.
    """

    topic: str
    payload: bytes
    retained: bool = False
