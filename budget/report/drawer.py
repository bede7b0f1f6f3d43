"""Charts are drawn in a process of their own, while this one goes on writing the page and the workbook."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from budget.kernel.errors import CapitationError
from budget.kernel.worker import serve, worker

_MODULE = "budget.report.drawer"
_SMALLEST = {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}}


def warm_up() -> None:
    """Start the process, so that it is ready when the first chart is."""
    worker(_MODULE)


def draw(spec: dict[str, Any]) -> Future[dict[str, Any]]:
    """Have a Vega-Lite chart drawn as SVG; the answer is read by `drawn`."""
    return worker(_MODULE).submit(spec)


def drawn(answer: Future[dict[str, Any]], chart_id: str) -> str:
    """The SVG of a chart, as soon as it is drawn.

    Raises:
        CapitationError: the chart could not be drawn.
    """
    result = answer.result()
    if "error" in result:
        raise CapitationError(f"the chart {chart_id} could not be drawn: {result['error']}.")
    svg: str = result["svg"]
    return svg


def main() -> None:
    """Draw charts until the input ends."""
    serve(_draw, _prepare)


def _prepare() -> None:
    """The first drawing takes half a second more than the others."""
    _draw(_SMALLEST)


def _draw(spec: dict[str, Any]) -> dict[str, Any]:
    import vl_convert

    return {"svg": vl_convert.vegalite_to_svg(spec)}


if __name__ == "__main__":
    main()
