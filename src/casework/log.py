"""Logging: events with coded facts through the host's own logging, silent by default, never configured here.

Every line says an event and ids: school, child, seq, command, counts. Never a name, a phone or a note.
"""

import logging
from functools import cache
from typing import Any

LOGGER = logging.getLogger("casework")
LOGGER.addHandler(logging.NullHandler())


@cache
def _structured() -> Any:  # noqa: ANN401 - structlog's bound logger
    # Loaded at the first line that somebody wants to see: structlog loads what it can find to draw tracebacks.
    import structlog  # noqa: PLC0415

    return structlog.wrap_logger(
        LOGGER, processors=[structlog.stdlib.render_to_log_kwargs], wrapper_class=structlog.stdlib.BoundLogger
    )


def info(event: str, **facts: object) -> None:
    """Say that something happened as it should."""
    if LOGGER.isEnabledFor(logging.INFO):
        _structured().info(event, **facts)


def warning(event: str, **facts: object) -> None:
    """Say that something needs a person's eye."""
    if LOGGER.isEnabledFor(logging.WARNING):
        _structured().warning(event, **facts)
