"""Logging: events with coded facts through the host's own logging, silent by default, never configured here."""

import logging
from typing import Any

import structlog

_LOGGER = logging.getLogger("casework")
_LOGGER.addHandler(logging.NullHandler())

LOG: Any = structlog.wrap_logger(
    _LOGGER,
    processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
    wrapper_class=structlog.stdlib.BoundLogger,
)
"""Every line says an event and ids: school, child, seq, command, counts. Never a name, a phone or a note."""
