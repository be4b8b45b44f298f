"""A crowd goes through in turns of the loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from wallboard.turns import Turns


async def test_so_many_in_each_turn_of_the_loop_and_all_in_their_order() -> None:
    turns, passed, rounds = Turns(10), [], 0

    async def come(number: int) -> None:
        await turns.take()
        passed.append((rounds, number))

    crowd = [asyncio.create_task(come(number)) for number in range(95)]
    while len(passed) < 95:
        await asyncio.sleep(0)
        rounds += 1
    await asyncio.gather(*crowd)
    assert [number for _, number in passed] == list(range(95))
    assert max(sum(at == each for at, _ in passed) for each in range(rounds)) <= 10
    assert rounds <= 12


async def test_who_gives_up_takes_nobodys_turn_and_after_quiet_nobody_waits() -> None:
    turns = Turns(1)
    crowd = [asyncio.create_task(turns.take()) for _ in range(5)]
    await asyncio.sleep(0)
    for each in crowd[1:4]:
        each.cancel()
    async with asyncio.timeout(5):
        await crowd[4]
    for each in crowd[1:4]:
        with suppress(asyncio.CancelledError):
            await each
    for _ in range(5):
        await asyncio.sleep(0)
    later = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    assert later.done()
