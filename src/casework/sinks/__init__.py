"""Sinks: what takes a letter to a person. Each is a plain callable of one `casework.Letter`; a host's own is as good.

A sink returns when the letter was taken, and raises `casework.errors.Undeliverable` when it was not. Nothing here uses
the network until it is called, and every call ends in time.
"""

from casework.sinks.logged import log_letter
from casework.sinks.mail import Mail
from casework.sinks.webhook import Webhook

__all__ = ["Mail", "Webhook", "log_letter"]
