"""The shipped segmentation schemes and their rules."""

from __future__ import annotations

from pathlib import Path

from budget.segmentation.codelists import members, read_codelists
from budget.segmentation.scheme import Choice, Feature, Scheme

from .markdown import grid

_SCHEMES = Path(__file__).resolve().parents[2] / "config" / "segmentation"
_SHIPPED = ("london6", "nwl15", "snee", "bridges_to_health")


def segments() -> str:
    """The shipped segmentation schemes, in order of precedence."""
    return "\n\n".join(_scheme(name) for name in _SHIPPED) + "\n"


def _scheme(name: str) -> str:
    scheme = Scheme.read(_SCHEMES / f"{name}.yaml")
    rows = [
        (str(number), part.code, part.name, part.broad_group.replace("_", " "), _condition(part.when))
        for number, part in enumerate(scheme.segments, 1)
    ]
    apart = scheme.unregistered
    rule = f"on no list; cost a head as {apart.rate_from} where none is known"
    rows.append(("–", apart.code, apart.name, "unregistered", rule))
    used = [f"- `{flag}`: {condition}" for flag, condition in scheme.flags.items()]
    used += [f"- `{word}`: {_counted(scheme, feature)}" for word, feature in scheme.features.items()]
    ranked = grid(("rank", "code", "segment", "broad group", "rule"), rows)
    return f"**{scheme.title}** (`{name}`, version {scheme.version}; {scheme.source})\n\n{ranked}\n\n" + "\n".join(used)


def _counted(scheme: Scheme, feature: Feature) -> str:
    what = f"{feature.about[:1].lower()}{feature.about[1:]}"
    if feature.count_events is not None:
        return what
    register = read_codelists(_SCHEMES / name for name in scheme.codelists)
    group = members(register.values(), feature.count_group) if feature.count_group else ()
    return f"{what} ({', '.join(group or feature.count_conditions)})"


def _condition(when: str | Choice) -> str:
    if isinstance(when, str):
        return when
    options = (f"{option}: {condition}" for option, condition in when.options.items())
    return f"by `{when.assumption}`: " + "; ".join(options)
