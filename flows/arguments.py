"""The arguments of ``capitation``; only what argparse itself needs is imported here."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import NoReturn, TypeAlias

from flows.answer import Answer

Command = Callable[[argparse.Namespace], Answer]


class UsageError(Exception):
    """The arguments cannot be read; exit status 2."""


class _Parser(argparse.ArgumentParser):
    """A parser whose mistakes are answered like any other, in text or JSON."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().strip()}")


# the only name that argparse has for it
_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; the result's ``command`` does what is asked.

    Raises:
        UsageError: the arguments cannot be read.
    """
    return _parser().parse_args(words)


def _parser() -> _Parser:
    parser = _Parser(prog="capitation", description="Sets integrated, capitated health budgets for English localities.")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND", parser_class=_Parser)
    _add_run(commands)
    _add_rerun(commands)
    _add_many(commands)
    _add_check(commands)
    _add_synth(commands)
    _add_compare(commands)
    _add_explain_budget(commands)
    _add_sensitivity(commands)
    _add_uncertainty(commands)
    _add_verify(commands)
    _add_approve(commands)
    _add_settle(commands)
    _add_simulate(commands)
    _add_weights(commands)
    _add_assumptions(commands)
    _add_share(commands)
    _add_serve(commands)
    _add_server(commands)
    _add_deploy(commands)
    _add_prune(commands)
    return parser


def _add_run(commands: _Commands) -> None:
    parser = _command(commands, "run", "set a locality's budgets")
    _add_config(parser)
    _add_values(parser)
    _add_driver(parser, "duckdb")
    _add_out(parser)
    _add_year(parser)
    parser.add_argument("--previous", metavar="RUN", help="earlier run to compare with: who moved, what moved, and why")


def _add_rerun(commands: _Commands) -> None:
    parser = _command(commands, "rerun", "set the budgets of an earlier run again, with other assumptions")
    parser.add_argument("run", metavar="RUN", help="folder of the earlier run")
    _add_values(parser)
    _add_driver(parser)
    parser.add_argument("--out", metavar="DIR", help="where the run folder goes (default: beside the earlier run)")


def _add_many(commands: _Commands) -> None:
    parser = _command(commands, "many", "set the budgets of many localities, some at a time, in one flow run")
    parser.add_argument("configs", metavar="CONFIG", nargs="+", help="a locality's YAML, its name, or its folder")
    parser.add_argument("--at-a-time", metavar="N", type=_count, default=2, help="how many run at once (default: 2)")
    _add_engine(parser, "duckdb")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    _add_out(parser)


def _add_check(commands: _Commands) -> None:
    parser = _command(commands, "check", "ask every check that the inputs can answer, and say what they allow")
    _add_config(parser)
    _add_values(parser)
    _add_out(parser)
    _add_year(parser)
    parser.add_argument("--html", metavar="FILE", help="write the answer as a page, too")


def _add_synth(commands: _Commands) -> None:
    parser = _command(commands, "synth", "make person-level inputs that match the published counts")
    parser.add_argument("locality", metavar="LOCALITY", help="a recipe: its name under config/synth, or its path")
    parser.add_argument("--out", metavar="DIR", required=True, help="input folder to write")
    parser.add_argument("--people", metavar="N", type=_count, help="draw a sample of this many people")
    parser.add_argument("--seed", metavar="N", type=int, help="seed in place of the recipe's")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument(
        "--actuals", metavar="RUN", help="draw what happens in the first year of this run, to settle it"
    )
    parser.add_argument("--months", metavar="N", type=_count, default=3, help="months of actuals (default: 3)")


def _add_compare(commands: _Commands) -> None:
    parser = _command(commands, "compare", "say what differs between the budgets and segments of two runs, and why")
    parser.add_argument("run_a", metavar="RUN_A", help="folder of the run to start from")
    parser.add_argument("run_b", metavar="RUN_B", help="folder of the run to compare it with")
    _add_answer_file(parser)


def _add_explain_budget(commands: _Commands) -> None:
    about = "take a line of the budget down to its movements, assumptions, sources and checks"
    parser = _command(commands, "explain", about)
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--place", metavar="PLACE", help="one place (default: all)")
    parser.add_argument("--segment", metavar="SEGMENT", help="one segment, by code or name")
    parser.add_argument("--line", metavar="LINE", help="one service line")
    parser.add_argument("--commissioner", metavar="CODE", help="one commissioner")
    parser.add_argument("--year", metavar="YEAR", help="the year to explain, as 2027/28 (default: the first)")
    parser.add_argument("--html", metavar="FILE", help="write the answer as a page, too")


def _add_sensitivity(commands: _Commands) -> None:
    parser = _command(commands, "sensitivity", "move every assumption that states a range to its low and its high")
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--year", metavar="YEAR", help="the year to look at, as 2027/28 (default: the first)")
    _add_answer_file(parser)


def _add_uncertainty(commands: _Commands) -> None:
    parser = _command(commands, "uncertainty", "draw every range of the assumptions: P10 and P90 of the budgets")
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--draws", metavar="N", type=int, default=10_000, help="how many draws (default: 10000)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="where draws start from (default: 1)")
    parser.add_argument("--year", metavar="YEAR", help="the last year to look at, as 2027/28 (default: the last)")
    _add_answer_file(parser)


def _add_simulate(commands: _Commands) -> None:
    about = "put the same activity under every payment form and contract form, with the risk of every party"
    parser = _command(commands, "simulate", about)
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--draws", metavar="N", type=int, help="how many draws, 0 for none (default: the run's)")
    parser.add_argument("--seed", metavar="N", type=int, help="where draws start from (default: the run's)")
    for name, what in (("shock", "RATIO"), ("line", "LINE=RATIO"), ("party", "PARTY=RATIO")):
        about = {
            "shock": "actual over planned activity, one case each (default: simulated_activity of the run)",
            "line": "activity of a service line, times the case or draw",
            "party": "activity of a provider, times the case or draw",
        }[name]
        parser.add_argument(f"--{name}", metavar=what, action="append", default=[], help=about)
    parser.add_argument("--contracts", metavar="FOLDER", help="contracts to simulate in place of the run's own")
    parser.add_argument(
        "--form",
        metavar="FORM",
        action="append",
        default=[],
        help="only this form: F01 to F20, C1 to C10 (more than one)",
    )
    parser.add_argument("--year", metavar="YEAR", help="the budget year, as 2027/28 (default: the first)")
    parser.add_argument("--out", metavar="DIR", help="the folder to write (default: one beside the run)")


def _add_verify(commands: _Commands) -> None:
    parser = _command(commands, "verify", "say whether a run folder is as it was published: bytes, chains and sums")
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--reproduce", action="store_true", help="make it again in an empty store and compare bytes")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_approve(commands: _Commands) -> None:
    parser = _command(commands, "approve", "review a run, or approve one that another person has reviewed")
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--by", metavar="NAME", required=True, help="who approves it")
    parser.add_argument("--role", metavar="ROLE", required=True, help="in what role")
    parser.add_argument("--note", metavar="TEXT", default="", help="what they have to say")


def _add_settle(commands: _Commands) -> None:
    parser = _command(
        commands, "settle", "settle a quarter or the year: list changes, gain and loss, pools, statements"
    )
    parser.add_argument("run", metavar="RUN", help="folder of the run that set the budgets")
    parser.add_argument("--actuals", metavar="DIR", required=True, help="folder with what happened in the year")
    parser.add_argument("--quarter", metavar="N", type=int, help="settle up to this quarter (default: the year end)")
    parser.add_argument(
        "--after", metavar="SETTLEMENT", help="folder of the settlement whose statements were issued last"
    )
    parser.add_argument("--out", metavar="DIR", help="where the settlement's folder goes (default: beside the run)")


def _add_answer_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", help="write the answer to a .csv, .parquet or .html file")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_weights(commands: _Commands) -> None:
    parser = _command(commands, "weights", "say how much need places have, from published practice weights")
    parser.add_argument("published", metavar="PUBLISHED.csv", help="NHS England's practice file of any year, or ours")
    parser.add_argument("--places", metavar="PLACES.yaml", required=True, help="the ICB and each place's practices")
    parser.add_argument("--lines", action="store_true", help="need of service lines, not of need streams")


def _add_assumptions(commands: _Commands) -> None:
    about = "list, explain, compare, take out and bring back assumptions"
    parser = commands.add_parser("assumptions", help=about, description=about.capitalize() + ".")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    for add in (_add_list, _add_explain, _add_diff, _add_export, _add_import, _add_pin):
        add(actions)
    _command(actions, "schema", "print the JSON Schema of packs and scenarios, for editors", of="assumptions")


def _add_list(actions: _Commands) -> None:
    parser = _command(actions, "list", "every value of a locality or a run, with its source", of="assumptions")
    _add_known(parser)
    _add_values(parser)


def _add_explain(actions: _Commands) -> None:
    parser = _command(actions, "explain", "what one assumption means, and where its values come from", of="assumptions")
    parser.add_argument("identifier", metavar="ID", help="the assumption")
    _add_known(parser, nargs="?")
    _add_values(parser)


def _add_diff(actions: _Commands) -> None:
    parser = _command(
        actions, "diff", "what differs between two packs, scenarios, localities or runs", of="assumptions"
    )
    parser.add_argument("before", metavar="A", help="a pack, scenario, locality or run")
    parser.add_argument("after", metavar="B", help="another")


def _add_export(actions: _Commands) -> None:
    parser = _command(actions, "export", "write the values of a locality or a run to Excel", of="assumptions")
    _add_known(parser)
    _add_values(parser)
    parser.add_argument("--out", metavar="FILE.xlsx", required=True, help="the workbook to write")


def _add_import(actions: _Commands) -> None:
    parser = _command(actions, "import", "make a scenario of the cells changed in a workbook", of="assumptions")
    parser.add_argument("workbook", metavar="FILE.xlsx", help="the workbook that export wrote and someone changed")
    parser.add_argument("--config", metavar="CONFIG|RUN", required=True, help="what it was exported from")
    _add_values(parser)
    parser.add_argument("--out", metavar="SCENARIO.yaml", required=True, help="the scenario to write")
    parser.add_argument("--author", metavar="NAME", required=True, help="who answers for the changes")
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why they are made")


def _add_pin(actions: _Commands) -> None:
    parser = _command(actions, "pin", "pin a scenario to packs as they are now", of="assumptions")
    parser.add_argument("scenario", metavar="SCENARIO.yaml", help="the scenario's file, which is changed")
    parser.add_argument("packs", metavar="PACK.yaml", nargs="+", help="the packs that it is for")


def _add_known(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    parser.add_argument("known", metavar="CONFIG|RUN", nargs=nargs, help="a locality, or the folder of a run")


def _add_share(commands: _Commands) -> None:
    parser = _command(commands, "share", "write what others may have of a run: tables with small numbers hidden")
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--out", metavar="DIR", required=True, help="folder to write, which must not be there yet")


def _add_serve(commands: _Commands) -> None:
    parser = _command(commands, "serve", "show runs in a browser on this machine, and change their assumptions")
    parser.add_argument("run", metavar="RUN", nargs="?", help="folder of one run to show first")
    parser.add_argument("--runs", metavar="DIR", default="runs", help="folder of runs (default: runs)")
    parser.add_argument("--port", metavar="N", type=int, default=8027, help="port (default: 8027)")
    parser.add_argument(
        "--host", metavar="HOST", default="127.0.0.1", help="address (default: 127.0.0.1); any other asks for a token"
    )


def _add_server(commands: _Commands) -> None:
    parser = _command(commands, "server", "start the Prefect server of schedules on this machine")
    parser.add_argument("--home", metavar="DIR", default="runs/.server", help="its folder (default: runs/.server)")
    parser.add_argument("--port", metavar="N", type=int, default=4200, help="port on 127.0.0.1 (default: 4200)")


def _add_deploy(commands: _Commands) -> None:
    parser = _command(commands, "deploy", "hand schedules, forms and notifications to the Prefect server")
    parser.add_argument("--file", metavar="FILE", default="prefect.yaml", help="deployments (default: prefect.yaml)")
    parser.add_argument("--notify", metavar="URL", help="post failures, waivers and waiting approvals to this address")


def _add_prune(commands: _Commands) -> None:
    parser = _command(commands, "prune", "take out of the store what no approved, reviewed or young run rests on")
    parser.add_argument("--runs", metavar="DIR", default="runs", help="folder of runs (default: runs)")
    parser.add_argument("--days", metavar="N", type=_days, default=30, help="what is young (default: 30)")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and touch nothing")


def _command(commands: _Commands, name: str, about: str, of: str = "") -> _Parser:
    parser = commands.add_parser(name, help=about, description=about.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--debug", action="store_true", help="show log lines, and the full trace of an internal error")
    parser.set_defaults(command=_lazily(f"{of}.{name}_" if of else name))
    return parser


def _lazily(name: str) -> Command:
    """The command's function, imported when it is called."""

    def command(arguments: argparse.Namespace) -> Answer:
        answer: Answer = importlib.import_module(f"flows.commands.{name}").command(arguments)
        return answer

    return command


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", metavar="CONFIG", help="a locality's YAML, its name, or a folder with a run.yaml")


def _add_values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        metavar="NAME",
        action="append",
        default=[],
        help="lay a scenario over the assumptions: its name, or its file",
    )
    parser.add_argument(
        "--set",
        metavar="ID=VALUE",
        action="append",
        default=[],
        dest="values",
        help="set an assumption; ID@line or ID@place for one",
    )
    parser.add_argument(
        "--known-on", metavar="DATE", type=_day, help="take what was published by this day (2025-06-26)"
    )


def _add_driver(parser: argparse.ArgumentParser, engine: str | None = None) -> None:
    _add_engine(parser, engine)
    parser.add_argument("--direct", action="store_true", help="run in this process, without Prefect")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_engine(parser: argparse.ArgumentParser, engine: str | None) -> None:
    usual = engine or "that of the earlier run"
    parser.add_argument(
        "--engine", choices=("duckdb", "spark"), default=engine, help=f"engine of person-level work (default: {usual})"
    )


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", default="runs", help="where run folders go (default: runs)")


def _add_year(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--year", metavar="YEAR", help="set budgets up to this year only, as 2027/28")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2025-06-26, found '{text}'") from None


def _count(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, found '{text}'")
    return int(text)


def _days(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a number of days, found '{text}'")
    return int(text)
