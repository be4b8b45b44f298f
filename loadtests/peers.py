"""The same work for servers that others use: what a delivered change costs, in one run, pinned the same way.

    python3 -m loadtests.peers [--boards 1000] [--rate 200] [--seconds 15]

Each peer gets changes of the size of ours on its input, pinned to core 1, and sends them to so many
connections on core 0: once change by change, as its users run it, and once as ready-made batches of 50 ms,
which is what our hub makes by itself. The last row is ours, the whole way through stream, engine and node
(loadtests/fanout.py). What is not installed is listed as not measured. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from loadtests import fanout
from loadtests.ingest import pin
from loadtests.raw_boards import READ_BYTES, handshake, masked
from loadtests.served import PYTHON, processes
from loadtests.start import PATIENCE_S, free_port
from wallboard.bootstrap import ROOT

#: A batch holds what came within this time (s).
BATCH_S = 0.05

#: Time before anything counts (s).
WARM_S = 3.0

#: Of so many reads of a connection, one gives a time.
TIMED_EVERY = 20

#: Plain ASGI as most programs use it: each connection is sent to by itself.
STARLETTE = """
import asyncio, sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect
boards = set()
async def board(socket):
    await socket.accept()
    boards.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        boards.discard(socket)
async def feed():
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        text = line.decode()
        await asyncio.gather(*(each.send_text(text) for each in list(boards)), return_exceptions=True)
async def main():
    app = Starlette(routes=[WebSocketRoute("/ws", board)])
    task = asyncio.create_task(feed())
    options = {"ws": "websockets-sansio", "ws_per_message_deflate": False, "log_level": "error"}
    await uvicorn.Server(uvicorn.Config(app, port=PORT, **options)).serve()
import uvloop
uvloop.run(main())
"""

#: The library's own advice for many receivers: `broadcast`, and no compression.
WEBSOCKETS = """
import asyncio, sys
from websockets.asyncio.server import broadcast, serve
async def board(socket):
    await socket.wait_closed()
async def main():
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with serve(board, "127.0.0.1", PORT, compression=None) as server:
        while line := await reader.readline():
            broadcast(server.connections, line.decode())
import uvloop
uvloop.run(main())
"""

#: The usual server in Node, with the same message for all.
NODE = """
const { WebSocketServer } = require("ws");
const server = new WebSocketServer({ port: PORT, host: "127.0.0.1", perMessageDeflate: false });
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  for (const each of server.clients) if (each.readyState === 1) each.send(line);
});
"""


#: nchan as its documentation has it: a publisher's and a subscriber's place, one channel, nothing kept that
#: was sent. One worker, as all the others have one.
NCHAN = """
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 20000; }
http {
  access_log off;
  nchan_max_reserved_memory 256M;
  server {
    listen 127.0.0.1:PORT;
    keepalive_requests 1000000000;
    location = /pub { nchan_publisher; nchan_channel_id board; nchan_store_messages off; }
    location = /ws { nchan_subscriber websocket; nchan_channel_id board; }
  }
}
"""

#: NATS over WebSocket; its own protocol within, whole messages in binary frames.
NATS = """
listen: 127.0.0.1:FEED
logfile: "nats.log"
max_payload: 8MB
write_deadline: "10s"
websocket { listen: "127.0.0.1:PORT", no_tls: true, compression: false }
"""

#: Where Debian puts the packages of Node.
NODE_PATH = "/usr/share/nodejs"

#: Servers that are measured where a binary is found, and are not set up by this program yet.
OTHERS = {"Centrifugo": "centrifugo", "Mercure": "mercure"}


@dataclass(frozen=True)
class Peer:
    """A server that sends what it is fed to all connections."""

    name: str
    command: list[str]
    program: str
    #: how it is fed: lines on its "stdin", "http" POST to /pub, or "nats" PUB by TCP
    fed: str = "stdin"
    #: the name of the file that the program is written to; "": it is the last argument
    config: str = ""
    #: what each connection says first, in a binary frame
    hello: bytes = b""


def peers() -> tuple[list[Peer], list[str]]:
    """Those that can be measured here, and why others cannot."""
    found = [
        Peer("Starlette, send_text to each", [str(PYTHON), "-c"], STARLETTE),
        Peer("websockets, broadcast", [str(PYTHON), "-c"], WEBSOCKETS),
    ]
    missing = []
    node, environment = shutil.which("node"), os.environ | {"NODE_PATH": NODE_PATH}
    if (
        node
        and subprocess.run([node, "-e", 'require("ws")'], capture_output=True, env=environment).returncode
        == 0
    ):
        found.append(Peer("node ws", [node, "-e"], NODE))
    else:
        missing.append("node ws: Node or its package `ws` is not installed (Debian: node-ws)")
    if (nginx := shutil.which("nginx")) and Path("/usr/lib/nginx/modules/ngx_nchan_module.so").is_file():
        found.append(Peer("nchan (nginx)", [nginx, "-p", ".", "-c"], NCHAN, "http", "nginx.conf"))
    else:
        missing.append("nchan: not installed (Debian: libnginx-mod-nchan)")
    if nats := shutil.which("nats-server"):
        subscribe = b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB board 1\r\n'
        found.append(Peer("NATS", [nats, "-c"], NATS, "nats", "nats.conf", subscribe))
    else:
        missing.append("NATS: not installed (Debian: nats-server)")
    for name, binary in OTHERS.items():
        known = shutil.which(binary)
        missing.append(
            f"{name}: {f'{known} is here, and not set up by this program' if known else 'not installed'}"
        )
    return found, missing


class Running:
    """A peer that runs, and the way to feed it."""

    def __init__(self, peer: Peer, process: subprocess.Popen[bytes], port: int) -> None:
        self.pid = process.pid
        self._peer = peer
        self._input = process.stdin
        self._line = (
            None if peer.fed == "stdin" else socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        )
        self._http = (
            f"POST /pub HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n".encode()
        )
        if self._line is not None and peer.fed == "nats":
            self._line.sendall(b'CONNECT {"verbose":false,"pedantic":false}\r\n')

    def feed(self, message: bytes) -> None:
        """Hand one message over."""
        if self._line is None:
            assert self._input is not None
            self._input.write(message + b"\n")
            self._input.flush()
        elif self._peer.fed == "nats":
            self._line.sendall(b"PUB board %d\r\n%b\r\n" % (len(message), message))
            self._drain()
        else:
            self._line.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (self._http, len(message), message))
            self._drain()

    def _drain(self) -> None:
        """Answers are not waited for, but have to be read."""
        assert self._line is not None
        while select.select([self._line], [], [], 0)[0]:
            said = self._line.recv(65536)
            if not said:
                raise ConnectionError(f"{self._peer.name} closed the connection that feeds it")
            if b"PING\r\n" in said and self._peer.fed == "nats":
                self._line.sendall(b"PONG\r\n")


@contextmanager
def running(peer: Peer, port: int) -> Iterator[Running]:
    """The peer, pinned to core 1, once it takes connections."""
    feed = port if peer.fed == "http" else free_port()
    program = peer.program.replace("PORT", str(port)).replace("FEED", str(feed))
    with tempfile.TemporaryDirectory(prefix="peer-") as folder:
        if peer.config:
            Path(folder, peer.config).write_text(program)
        process = subprocess.Popen(
            [*peer.command, peer.config or program],
            stdin=subprocess.PIPE,
            cwd=folder if peer.config else ROOT,
            env=os.environ | {"NODE_PATH": NODE_PATH},
        )
        pin(process.pid, 1)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                try:
                    for each in {port, feed} if peer.fed == "nats" else {port}:
                        socket.create_connection(("127.0.0.1", each), 1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise
                    time.sleep(0.05)
            yield Running(peer, process, feed)
        finally:
            process.kill()
            process.wait()


def receive(port: int, count: int, hello: bytes, pipe: Any) -> None:
    """So many connections that count what comes, from the word until another one."""
    pin(0, 0)
    poll, sockets = select.epoll(), {}
    for _ in range(count):
        connected = handshake("127.0.0.1", port)
        if hello:
            connected.sendall(masked(2, hello))
        connected.setblocking(False)
        sockets[connected.fileno()] = connected
        poll.register(connected.fileno(), select.EPOLLIN)
    pipe.send(count)
    begin, end = pipe.recv()
    buffer = bytearray(READ_BYTES)
    view, stamp = memoryview(buffer), re.compile(rb'"received_at": ?([0-9.]+)')
    changes, reads, delays = 0, 0, []
    while (now := time.time()) < end + fanout.GRACE_S:
        for descriptor, _ in poll.poll(0.1):
            try:
                size = sockets[descriptor].recv_into(view)
            except OSError:
                size = 0
            if size == 0:
                poll.unregister(descriptor)
                continue
            reads += 1
            times = stamp.findall(buffer[:size]) if reads % TIMED_EVERY == 0 else None
            if times is None:
                # Counted only where all of it lies in the window; its ends are a thousandth of it.
                changes += buffer.count(b'"received_at"', 0, size) if begin <= now < end else 0
                continue
            inside = [float(at) for at in times if begin <= float(at) < end]
            changes += len(times) if begin <= now < end else 0
            delays += [(time.time() - at) * 1000 for at in inside]
    pipe.send((changes, delays))


def changed(number: int) -> dict[str, Any]:
    """A change of the size of ours."""
    return {
        "id": f"load/{number}",
        "received_at": round(time.time(), 4),
        "title": f"Laporan {number}",
        "text": "x" * 700,
    }


def measure(peer: Peer, options: argparse.Namespace, *, batched: bool) -> str:
    """One row of the table."""
    port = free_port()
    with running(peer, port) as process:
        ours, theirs = get_context("fork").Pipe()
        reader = get_context("fork").Process(target=receive, args=(port, options.boards, peer.hello, theirs))
        empty = _bytes(process.pid)
        reader.start()
        ours.recv()
        begin = time.time() + WARM_S
        end = begin + options.seconds
        ours.send((begin, end))
        used = held = 0.0
        sent = counted = 0
        began, waiting, flushed = time.time(), [], time.time()
        while (now := time.time()) < end:
            if not used and now >= begin:
                used = processes()[process.pid][2]
            due = int((now - began) * options.rate) - sent
            for _ in range(due):
                change = changed(sent % options.entities)
                sent += 1
                counted += begin <= now < end
                waiting.append(change)
                if not batched:
                    process.feed(json.dumps(change).encode())
            if batched and waiting and now - flushed >= BATCH_S:
                process.feed(json.dumps(waiting).encode())
                flushed = now
            if not batched or flushed == now:
                waiting = []
            time.sleep(0.002)
        spent = processes()[process.pid][2] - used
        held = _bytes(process.pid) - empty
        changes, delays = ours.recv()
        reader.join()
    wanted = counted * options.boards
    p50, p99 = np.percentile(delays, (50, 99)) if delays else (float("nan"), float("nan"))
    return row(
        f"{peer.name}{', batches of 50 ms' if batched else ''}",
        spent / max(changes, 1) * 1e6,
        changes / max(wanted, 1),
        p50,
        p99,
        held / 1024 / options.boards,
    )


def row(name: str, micros: float, share: float, p50: float, p99: float, kib: float) -> str:
    """A line of the table."""
    return f"| {name} | {micros:.2f} µs | {100 * share:.1f} % | {p50:.0f} ms | {p99:.0f} ms | {kib:.1f} KiB |"


def _bytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def main() -> int:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(prog="python3 -m loadtests.peers", description=__doc__)
    parser.add_argument("--boards", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--entities", type=int, default=5000)
    options = parser.parse_args()
    found, missing = peers()
    pin(0, 0)
    print(
        f"{options.boards} boards, {options.rate:g} changes/s, {options.seconds:g} s, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print("| server | a delivered change | delivered | p50 | p99 | a connection |\n|---|---|---|---|---|---|")
    for peer in found:
        for batched in (False, True):
            print(measure(peer, options, batched=batched), flush=True)
    ours = fanout.parser().parse_args([])
    ours.boards, ours.rate, ours.seconds, ours.entities = (
        options.boards,
        options.rate,
        options.seconds,
        options.entities,
    )
    figures = fanout.measured(ours)
    print(row("ours, from the stream to the board", *figures.row()), flush=True)
    for line in missing:
        print(f"not measured: {line}")
    return 0 if figures.good else 1


if __name__ == "__main__":
    sys.exit(main())
