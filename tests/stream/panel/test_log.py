import asyncio
import logging

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadStatusLine

from stream.panel import log
from stream.panel.log import MOST_LINES, WINDOW_SECONDS, RateLimitedFilter


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def journal(clock):
    """What is written, and a logger that writes it."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    handler.addFilter(RateLimitedFilter(clock))
    logger = logging.getLogger("tests.panel")
    logger.addHandler(handler)
    yield lines, logger
    logger.removeHandler(handler)


def test_a_few_faults_a_window_are_told_and_how_many_more_there_were(journal, clock):
    lines, logger = journal
    for number in range(1000):
        logger.error("fault %d", number)
    assert lines == [f"fault {number}" for number in range(MOST_LINES)]
    clock.now += WINDOW_SECONDS - 0.1
    logger.error("again")
    assert len(lines) == MOST_LINES
    clock.now += 0.1
    logger.error("again")
    logger.error("and again")
    assert lines[MOST_LINES:] == ["again (996 earlier messages were omitted)", "and again"]


CAUSED = (
    BadStatusLine("x"), ConnectionResetError(), TimeoutError(), web.RequestPayloadError(),
)  # fmt: skip


@pytest.mark.parametrize("error", CAUSED, ids=repr)
def test_what_clients_cause_is_nobodys_business(journal, error):
    lines, logger = journal
    for number in range(10):
        logger.error("request %d", number, exc_info=error)
    logger.error("fault", exc_info=ZeroDivisionError())
    assert lines == ["fault"]


def test_every_logger_writes_through_it(monkeypatch, capsys):
    monkeypatch.setattr(logging.root, "handlers", [])
    log.set_up()

    async def run():
        for _ in range(100):
            asyncio.get_running_loop().call_exception_handler({"message": "a fault"})
            logging.getLogger("aiohttp.server").error("another")

    asyncio.run(run())
    told = capsys.readouterr().err.splitlines()
    assert sorted(told) == ["panel: a fault"] * 3 + ["panel: another"] * 2
