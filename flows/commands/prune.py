"""``capitation prune``."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from budget.audit.pruning import Entry, prune
from budget.kernel.errors import ConfigurationError
from flows.answer import Answer


def command(arguments: Namespace) -> Answer:
    """Take out of the store what no approved, reviewed or young run rests on."""
    runs = Path(arguments.runs)
    if not runs.is_dir():
        raise ConfigurationError(f"{runs}: there is no such folder of runs.")
    pruned = prune(runs, days=arguments.days, dry_run=arguments.dry_run)
    verb = "would go" if arguments.dry_run else "gone"
    lines = [f"  {stage:<13} {count:>5}" for stage, count in sorted(Counter(e.stage for e in pruned.gone).items())]
    if arguments.dry_run:
        lines += [f"  {entry.folder.relative_to(runs.resolve())}" for entry in pruned.gone]
    lines += [f"{_sum(pruned.gone)} {verb}; {_sum(pruned.kept)} stay. Run folders are not touched."]
    facts = {
        "status": "done",
        "dry_run": arguments.dry_run,
        "gone": [{"stage": e.stage, "folder": str(e.folder), "bytes": e.bytes} for e in pruned.gone],
        "kept": len(pruned.kept),
        "bytes_gone": sum(entry.bytes for entry in pruned.gone),
        "bytes_kept": sum(entry.bytes for entry in pruned.kept),
    }
    return Answer("\n".join(lines), facts)


def _sum(entries: Iterable[Entry]) -> str:
    sizes = [entry.bytes for entry in entries]
    return f"{len(sizes)} result{'' if len(sizes) == 1 else 's'} ({sum(sizes) / 1e6:,.1f} MB)"
