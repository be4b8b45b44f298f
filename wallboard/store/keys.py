"""Names of all keys of one city. They share the hash tag `{city}`, so one script may touch them all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Keys:
    """The keys of one city, by what they hold."""

    city: str

    @cached_property
    def prefix(self) -> str:
        return f"{{{self.city}}}:"

    def feed(self, stream: str) -> str:
        """Stream of typed events."""
        return f"{self.prefix}feed:{stream}"

    def state(self, kind: str) -> str:
        """Hash id → entity."""
        return f"{self.prefix}state:{kind}"

    def mem(self, kind: str) -> str:
        """Hash id → the engine's own memory."""
        return f"{self.prefix}mem:{kind}"

    def result(self, person: str, command_id: str) -> str:
        """The first answer to a command."""
        return f"{self.prefix}result:{person}:{command_id}"

    def board(self, node: str) -> str:
        """Hash of what each board of a node last painted."""
        return f"{self.prefix}board:{node}"

    def webhook(self, feed: str, id: str) -> str:
        """Marks a webhook message that was taken."""
        return f"{self.prefix}webhook:{feed}:{id}"

    def session(self, digest: str) -> str:
        """A log-in, by the hash of its token."""
        return f"{self.prefix}session:{digest}"

    def ticket(self, digest: str) -> str:
        """A socket's one-time ticket, by its hash."""
        return f"{self.prefix}ticket:{digest}"

    def link(self, digest: str) -> str:
        """A one-time link to choose a password, by its code's hash."""
        return f"{self.prefix}link:{digest}"

    def pairing(self, digest: str) -> str:
        """A screen that waits to be paired, by the hash of its device code."""
        return f"{self.prefix}pairing:{digest}"

    def pairing_code(self, code: str) -> str:
        """The hash of the device code that a short code stands for."""
        return f"{self.prefix}pairing:code:{code}"

    def screen_use(self, id: str) -> str:
        """Sorted set of a screen's sockets that are in use, by when they were last seen."""
        return f"{self.prefix}screen:use:{id}"

    def tries(self, what: str) -> str:
        """How often something was tried lately."""
        return f"{self.prefix}tries:{what}"

    @cached_property
    def nodes(self) -> str:
        """Sorted set of the web nodes that have told of their boards, by when they last did."""
        return f"{self.prefix}nodes"

    @cached_property
    def user(self) -> str:
        """Hash id → who may log in."""
        return f"{self.prefix}user"

    @cached_property
    def screen(self) -> str:
        """Hash id → what proves a paired screen."""
        return f"{self.prefix}screen"

    @cached_property
    def address(self) -> str:
        """Where people reach the server."""
        return f"{self.prefix}address"

    @cached_property
    def feeds(self) -> str:
        """There while Redis holds what the feeds gave it: its absence means that it lost its state."""
        return f"{self.prefix}feeds"

    @cached_property
    def stills(self) -> str:
        """Channel, not a key: still pictures of cameras, which nothing keeps."""
        return f"{self.prefix}stills"

    @cached_property
    def stills_asked(self) -> str:
        """Channel: ids of the cameras that boards show."""
        return f"{self.prefix}stills:asked"

    @cached_property
    def wall(self) -> str:
        """Stream of commits."""
        return f"{self.prefix}wall"

    @cached_property
    def head(self) -> str:
        """Hash: where the last commit stands."""
        return f"{self.prefix}head"

    @cached_property
    def lease(self) -> str:
        """Token of the one active engine."""
        return f"{self.prefix}lease:engine"

    @cached_property
    def audit(self) -> str:
        """Stream of the audit trail."""
        return f"{self.prefix}audit"

    @cached_property
    def dead(self) -> str:
        """Stream of what could not be processed."""
        return f"{self.prefix}dead"

    @cached_property
    def traces(self) -> str:
        """Hash feed → what it last did, for the administrator."""
        return f"{self.prefix}feeds:told"

    @cached_property
    def again(self) -> str:
        """Set of feeds that somebody wants begun anew."""
        return f"{self.prefix}feeds:again"

    @cached_property
    def outbox(self) -> str:
        """Stream of notifications to send."""
        return f"{self.prefix}outbox"

    @cached_property
    def outbox_done(self) -> str:
        """Set of "ENTRY RECEIVER": who has confirmed a notice that others have not."""
        return f"{self.prefix}outbox:done"
