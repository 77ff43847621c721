"""Workflows are tables: what steps there are, from where, by whom, and why one is refused."""

from casework.workflows.case import CASE
from casework.workflows.diagram import mermaid
from casework.workflows.emergency import EMERGENCY
from casework.workflows.machine import NextStep, Table, compile_workflow
from casework.workflows.programme import PROGRAMME
from casework.workflows.referral import REFERRAL
from casework.workflows.spec import By, Guard, Overlay, Step, Workflow

CASE_TABLE = compile_workflow(CASE)
EMERGENCY_TABLE = compile_workflow(EMERGENCY)
REFERRAL_TABLE = compile_workflow(REFERRAL)
PROGRAMME_TABLE = compile_workflow(PROGRAMME)

__all__ = [
    "CASE",
    "CASE_TABLE",
    "EMERGENCY",
    "EMERGENCY_TABLE",
    "PROGRAMME",
    "PROGRAMME_TABLE",
    "REFERRAL",
    "REFERRAL_TABLE",
    "By",
    "Guard",
    "NextStep",
    "Overlay",
    "Step",
    "Table",
    "Workflow",
    "compile_workflow",
    "mermaid",
]
