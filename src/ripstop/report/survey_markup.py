"""HTML that is escaped by construction, and the look of the survey's page. No text lives here."""

from __future__ import annotations

import html
from collections.abc import Iterable

from ripstop.report.text import clean

_LIMIT = 2_000
_VOID = frozenset({"meta", "br", "hr"})


class Markup(str):
    """Text that is HTML already. Only ``tag`` and ``joined`` make it."""

    __slots__ = ()


Child = Markup | str | int | None


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """An element. Children that are not Markup, and every attribute, are escaped; None is left out.

    ``cls`` is written ``class``, an underscore as a hyphen; True is written without a value.

    >>> tag("td", "<b>", cls="n")
    '<td class="n">&lt;b&gt;</td>'
    """
    opened = "".join([name, *(_attribute(key, value) for key, value in attributes.items() if value)])
    if name in _VOID:
        return Markup(f"<{opened}>")
    return Markup(f"<{opened}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    return Markup("".join(escaped(child) for child in children if child is not None))


def escaped(text: Child) -> str:
    """Text without anything that ends an element, an attribute, or turns the reading direction."""
    if isinstance(text, Markup):
        return text
    return html.escape(clean(text, _LIMIT), quote=True)


def _attribute(key: str, value: str | bool) -> str:
    name = "class" if key == "cls" else key.replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'


STYLE = Markup(
    """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --ground: #fff;
  --card: #f6f8fa; --bad: #b3261e; --warn: #8a5a00; --good: #1a7f37; --badge: #ffe9e7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #343b44;
  --ground: #101418; --card: #181d23; --bad: #ff8a80; --warn: #e3b341; --good: #56d364; --badge: #3a1e1c; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 4rem; background: var(--ground);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.35rem; line-height: 1.35; margin: 0 0 .5rem; text-wrap: pretty }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem }
h3 { font-size: .85rem; margin: 1.1rem 0 .3rem; color: var(--soft); font-weight: 600 }
p, ul, ol { margin: .3rem 0 }
ul, ol { padding-left: 1.3rem }
li { margin: .25rem 0 }
code { font: .875em/1.4 ui-monospace, monospace }
.place { color: var(--soft); white-space: normal }
.soft { color: var(--soft) }
.bad { color: var(--bad) } .warn { color: var(--warn) } .good { color: var(--good) }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-size: .8rem; color: var(--soft); font-weight: 600 }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
a { color: inherit; text-underline-offset: .15em }
details { border: 1px solid var(--line); border-radius: 8px; margin: .75rem 0; background: var(--card) }
summary { cursor: pointer; padding: .7rem 1rem; display: flex; gap: .75rem; align-items: baseline }
summary b { flex: 1 }
summary::before { content: "+"; color: var(--soft); width: .8em }
details[open] > summary::before { content: "-" }
details > div { padding: 0 1rem 1rem }
.faults { display: flex; flex-wrap: wrap; gap: .3rem; margin: .2rem 0 .5rem; padding: 0; list-style: none }
.faults li { margin: 0; padding: .05rem .5rem; border-radius: 99px; border: 1px solid var(--line);
  font-size: .8rem }
.faults .torn { background: var(--badge); border-color: var(--badge); color: var(--bad) }
.faults .held { color: var(--soft) }
.bar { height: .6rem; background: var(--line); border-radius: 99px; overflow: hidden; margin: .25rem 0 .8rem }
.bar i { display: block; height: 100%; background: var(--good) }
@media (max-width: 40rem) {
  body { padding: 1rem .8rem 3rem }
  thead { display: none }
  tr { display: grid; grid-template-columns: 2.2rem 1fr auto; column-gap: .5rem; padding: .5rem 0;
    border-bottom: 1px solid var(--line) }
  td { border: 0; padding: 0 }
  td[data-label]::before { content: attr(data-label) " "; color: var(--soft); font-size: .8rem }
  td.wide { grid-column: 2 / -1 }
  td.n { text-align: left }
}
"""
)
