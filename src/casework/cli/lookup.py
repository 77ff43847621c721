"""``policy show`` and ``diagram``: what a policy asks for, and the workflows as the engine runs on them."""

from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import RenderableType

from casework.cli.answer import Answer
from casework.cli.identifying import MEANS
from casework.cli.options import SHOWN, Everybody
from casework.cli.render import heading, line, table


def policy_show(
    *packs: Annotated[str, Parameter(help="a shipped pack, or the path of one; several are composed")],
    _opts: Everybody = SHOWN,
) -> Answer:
    """What a policy asks for: one line for each window of each duty, the ladder, the definition of left-behind."""
    from casework.policy import describe, load_policy, shipped_packs  # noqa: PLC0415 - loaded once the line is read

    names = packs or ("town-primary",)
    found = load_policy(*names)
    rows = describe(found)
    ladder = [{"role": rung.role, "deputy": rung.deputy} for rung in found.ladder.rungs]
    facts = {
        "id": found.id,
        "version": found.version,
        "title": found.title,
        "packs": list(found.packs),
        "definition": found.definition,
        "definition_means": MEANS[found.definition],
        "hash": found.hash,
        "thresholds": dict(found.thresholds),
        "ladder": {"rungs": ladder, "step_minutes": found.ladder.step, "limits_minutes": dict(found.ladder.limits)},
        "duties": rows,
        "shipped": list(shipped_packs()),
    }
    columns = ("duty", "subject", "role", "when", "due", "closes", "discharged_by")
    titles = {row["duty"]: row["title"] for row in rows}
    shown: list[RenderableType] = [
        heading(f"{found.id} {found.version}: {found.title}"),
        line(f"left behind: {found.definition}, {MEANS[found.definition]}"),
        table(["duty", "what"], titles.items()),
        table([name.replace("_", " ") for name in columns], [[row[name] for name in columns] for row in rows]),
        line(
            "ladder: "
            + " → ".join(f"{r.role}{f' (deputy {r.deputy})' if r.deputy else ''}" for r in found.ladder.rungs)
        ),
        line(
            f"{found.ladder.step} minutes a rung; limits: "
            + ", ".join(f"{k} {v} min" for k, v in found.ladder.limits.items())
        ),
    ]
    return Answer(facts, shown)


def diagram(
    which: Annotated[Literal["case", "emergency", "referral", "programme"], Parameter(help="the workflow")] = "case",
    *,
    _opts: Everybody = SHOWN,
) -> Answer:
    """A workflow as a state diagram in Mermaid, written from the table that the engine runs on."""
    from casework.workflows import CASE, EMERGENCY, PROGRAMME, REFERRAL, mermaid  # noqa: PLC0415 - loaded once the line is read

    text = {
        "case": mermaid(CASE),
        "emergency": mermaid(EMERGENCY),
        "referral": mermaid(REFERRAL),
        "programme": mermaid(PROGRAMME),
    }[which]
    return Answer({"workflow": which, "mermaid": text}, text=text)
