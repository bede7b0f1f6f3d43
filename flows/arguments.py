"""The arguments of ``capitation``; only what argparse itself needs is imported here."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
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
    _add_check(commands)
    _add_synth(commands)
    _add_compare(commands)
    _add_sensitivity(commands)
    _add_weights(commands)
    _add_serve(commands)
    return parser


def _add_run(commands: _Commands) -> None:
    parser = _command(commands, "run", "set a locality's budgets")
    _add_config(parser)
    _add_values(parser)
    _add_driver(parser)
    _add_out(parser)
    _add_year(parser)
    parser.add_argument("--previous", metavar="RUN", help="earlier run to compare segments with (who moved, and why)")


def _add_rerun(commands: _Commands) -> None:
    parser = _command(commands, "rerun", "set the budgets of an earlier run again, with other assumptions")
    parser.add_argument("run", metavar="RUN", help="folder of the earlier run")
    _add_values(parser)
    _add_driver(parser)
    parser.add_argument("--out", metavar="DIR", help="where the run folder goes (default: beside the earlier run)")


def _add_check(commands: _Commands) -> None:
    parser = _command(commands, "check", "read the inputs and ask their gate; publish nothing")
    _add_config(parser)
    _add_values(parser)
    _add_out(parser)
    _add_year(parser)


def _add_synth(commands: _Commands) -> None:
    parser = _command(commands, "synth", "make person-level inputs that match the published counts")
    parser.add_argument("locality", metavar="LOCALITY", help="a recipe: its name under config/synth, or its path")
    parser.add_argument("--out", metavar="DIR", required=True, help="input folder to write")
    parser.add_argument("--people", metavar="N", type=_count, help="draw a sample of this many people")
    parser.add_argument("--seed", metavar="N", type=int, help="seed in place of the recipe's")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_compare(commands: _Commands) -> None:
    parser = _command(commands, "compare", "say what differs between the budgets and segments of two runs, and why")
    parser.add_argument("run_a", metavar="RUN_A", help="folder of the run to start from")
    parser.add_argument("run_b", metavar="RUN_B", help="folder of the run to compare it with")
    _add_answer_file(parser)


def _add_sensitivity(commands: _Commands) -> None:
    parser = _command(commands, "sensitivity", "move every assumption that states a range to its low and its high")
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    parser.add_argument("--year", metavar="YEAR", help="the year to look at, as 2027/28 (default: the first)")
    _add_answer_file(parser)


def _add_answer_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", help="write the answer to a .csv, .parquet or .html file")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_weights(commands: _Commands) -> None:
    parser = _command(commands, "weights", "say how much need places have, from published practice weights")
    parser.add_argument("published", metavar="PUBLISHED.csv", help="NHS England's practice file of any year, or ours")
    parser.add_argument("--places", metavar="PLACES.yaml", required=True, help="the ICB and each place's practices")
    parser.add_argument("--lines", action="store_true", help="need of service lines, not of need streams")


def _add_serve(commands: _Commands) -> None:
    parser = _command(commands, "serve", "show runs, their reports and workbooks in a browser on this machine")
    parser.add_argument("run", metavar="RUN", nargs="?", help="folder of one run to show first")
    parser.add_argument("--runs", metavar="DIR", default="runs", help="folder of runs (default: runs)")
    parser.add_argument("--port", metavar="N", type=int, default=8027, help="port on 127.0.0.1 (default: 8027)")


def _command(commands: _Commands, name: str, about: str) -> _Parser:
    parser = commands.add_parser(name, help=about, description=about.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--debug", action="store_true", help="show log lines, and the full trace of an internal error")
    parser.set_defaults(command=_lazily(name))
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
        "--scenario", metavar="NAME", action="append", default=[], help="lay a scenario over the assumptions"
    )
    parser.add_argument(
        "--set",
        metavar="ID=VALUE",
        action="append",
        default=[],
        dest="values",
        help="set an assumption; ID@line or ID@place for one",
    )


def _add_driver(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="engine of person-level work")
    parser.add_argument("--direct", action="store_true", help="run in this process, without Prefect")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", default="runs", help="where run folders go (default: runs)")


def _add_year(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--year", metavar="YEAR", help="set budgets up to this year only, as 2027/28")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number of people, found '{text}'")
    return int(text)
