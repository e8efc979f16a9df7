"""Write ``docs/guides/speed.svg``: what a workflow of 15 to 60 crossings costs to explore, measured now.

    python benchmarks/chart.py

Bars are whole explorations in seconds, the line is one experiment in milliseconds; both begin at nothing.
The picture says nothing that the guide's table does not, and reads on a light page and on a dark one.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence

import wide
from commands import ROOT

_FILE = ROOT / "docs" / "guides" / "speed.svg"
_WIDTHS = (15, 30, 45, 60)
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 56, 656, 336
_BAR = 56
_TICKS = 4
_STYLE = """
  svg { font: 14px system-ui, sans-serif; }
  .page { fill: #ffffff; } .ink { fill: #1f2328; } .dim { fill: #59636e; }
  .grid { stroke: #d1d9e0; } .bar { fill: #54aeff; }
  .line { stroke: #bc4c00; fill: none; stroke-width: 2.5; } .dot, .linetext { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; } .ink { fill: #f0f6fc; } .dim { fill: #9198a1; }
    .grid { stroke: #3d444d; } .bar { fill: #1f6feb; }
    .line { stroke: #f0883e; } .dot, .linetext { fill: #f0883e; }
  }"""


def main() -> None:
    found = [wide.explored(crossings) for crossings in _WIDTHS]
    _FILE.write_text(drawn(found, datetime.datetime.now(datetime.UTC).date()))
    for one in found:
        row = (one.crossings, one.experiments, f"{one.seconds:.1f}", f"{one.experiment_ms:.0f}")
        sys.stdout.write(f"| {' | '.join(str(cell) for cell in row)} |\n")


def drawn(found: Sequence[wide.Width], day: datetime.date) -> str:
    """The picture as SVG."""
    most_s, most_ms = (_round_up(max(values)) for values in zip(*_values(found), strict=True))
    words = "; ".join(
        f"{one.crossings} crossings: {one.seconds:.1f} s, {one.experiment_ms:.0f} ms an experiment"
        for one in found
    )
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 400" role="img" aria-labelledby="what">',
        f'<title id="what">Exploring a wide workflow. {words}.</title>',
        f"<style>{_STYLE}\n</style>",
        '<rect class="page" width="720" height="400"/>',
        f'<text class="ink" x="{_LEFT}" y="24">exploring one request, by how many crossings it makes</text>',
        f'<text class="dim" x="{_LEFT}" y="44">bars: seconds in all</text>',
        f'<text class="linetext" x="{_RIGHT}" y="44" text-anchor="end">line: ms an experiment</text>',
    ]
    for tick in range(_TICKS + 1):
        parts += _tick(tick / _TICKS, most_s, most_ms)
    points = []
    for index, one in enumerate(found):
        x = _LEFT + (_RIGHT - _LEFT) * (index + 0.5) / len(found)
        parts += _bar(x, one, most_s)
        points.append((x, _y(one.experiment_ms / most_ms)))
    parts.append(f'<polyline class="line" points="{" ".join(f"{x:.0f},{y:.0f}" for x, y in points)}"/>')
    parts += [f'<circle class="dot" cx="{x:.0f}" cy="{y:.0f}" r="4.5"/>' for x, y in points]
    parts.append(
        f'<text class="dim" x="{_LEFT}" y="388">measured {day}, two cores of a shared machine</text>'
    )
    return "\n".join([*parts, "</svg>\n"])


def _values(found: Sequence[wide.Width]) -> list[tuple[float, float]]:
    return [(one.seconds, one.experiment_ms) for one in found]


def _tick(share: float, most_s: float, most_ms: float) -> list[str]:
    y = _y(share)
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.0f}" y2="{y:.0f}"/>',
        f'<text class="dim" x="{_LEFT - 8}" y="{y + 5:.0f}" text-anchor="end">{most_s * share:g} s</text>',
        f'<text class="linetext" x="{_RIGHT + 8}" y="{y + 5:.0f}">{most_ms * share:g}</text>',
    ]


def _bar(x: float, one: wide.Width, most_s: float) -> list[str]:
    y = _y(one.seconds / most_s)
    middle = f'x="{x:.0f}" text-anchor="middle"'
    return [
        f'<rect class="bar" x="{x - _BAR / 2:.0f}" y="{y:.0f}" width="{_BAR}" height="{_BOTTOM - y:.0f}"/>',
        f'<text class="ink" {middle} y="{_BOTTOM - 8}">{one.seconds:.1f} s</text>',
        f'<text class="ink" {middle} y="{_BOTTOM + 22}">{one.crossings} crossings</text>',
    ]


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _round_up(value: float) -> float:
    """To the next multiple of four fives or twenties, so that ticks are round."""
    step = 20.0 if value <= 60 else 40.0
    return step * -(-value // step)


if __name__ == "__main__":
    main()
