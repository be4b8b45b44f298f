"""Where the last commit stands, and what one commit says: what the engine writes and the nodes read."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec


@dataclass
class Head:
    """Where the last commit stands."""

    epoch: str = ""
    n: int = 0
    at: float = 0.0
    wall_id: str = "0-0"
    run_id: str = ""
    cursors: dict[str, str] = field(default_factory=dict)
    audit_n: int = 0
    audit_hash: str = ""
    #: fingerprint of the key of the last audit line
    audit_key: str = ""
    #: Redis had lost lines beyond these, and the trail has to say so; None: all is well
    audit_was: int | None = None
    history: str = "0-0"
    #: what a large batch still has to commit, encoded
    rest: bytes = b""

    @classmethod
    def decode(cls, raw: dict[bytes, bytes]) -> Head:
        """From the hash in Redis."""
        text = {key.decode(): value for key, value in raw.items()}
        return cls(
            epoch=text.get("epoch", b"").decode(),
            n=int(text.get("n", b"0")),
            at=float(text.get("at", b"0")),
            wall_id=text.get("wall_id", b"0-0").decode(),
            run_id=text.get("run_id", b"").decode(),
            cursors={
                k.removeprefix("cursor:"): v.decode() for k, v in text.items() if k.startswith("cursor:")
            },
            audit_n=int(text.get("audit_n", b"0")),
            audit_hash=text.get("audit_hash", b"").decode(),
            audit_key=text.get("audit_key", b"").decode(),
            audit_was=int(text["audit_was"]) if text.get("audit_was") else None,
            history=text.get("history", b"0-0").decode(),
            rest=text.get("rest", b""),
        )


class WallEntry(msgspec.Struct):
    """One commit as it stands in the wall stream's field `d`."""

    n: int
    epoch: str
    at: float
    safe_n: int
    #: [kind, id, entity or null, former scope where it differs]
    changes: list[tuple[str, str, msgspec.Raw, tuple[str, ...] | None]]
    results: list[msgspec.Raw] = []
    revoked: list[str] = []
    #: when the oldest event that it took in arrived
    heard: float | None = None


_wall_decoder = msgspec.json.Decoder(WallEntry)


def decode_wall(fields: dict[bytes, bytes]) -> WallEntry:
    """A commit from the fields of its stream entry."""
    return _wall_decoder.decode(fields[b"d"])


def is_null(raw: msgspec.Raw) -> bool:
    """Whether a raw value is JSON's null: the entity was removed."""
    return len(raw) == 4 and bytes(raw) == b"null"
