"""Syntax trees of JavaScript and TypeScript, by tree-sitter, and small questions to their nodes.

The only file that knows the grammar packages, which the extra ``javascript`` brings.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "generator_function", "function_declaration",
     "generator_function_declaration", "method_definition"}
)  # fmt: skip
WRAPPERS = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression",
     "await_expression", "type_assertion"}
)  # fmt: skip


def available() -> bool:
    """Whether the grammars are installed."""
    try:
        parser_for(".ts")
    except ImportError:
        return False
    return True


@cache
def parser_for(suffix: str) -> Parser:
    """The parser of files with that suffix. ImportError where the extra is not installed."""
    import tree_sitter
    import tree_sitter_javascript
    import tree_sitter_typescript

    if suffix in (".ts", ".mts", ".cts"):
        language = tree_sitter_typescript.language_typescript()
    elif suffix == ".tsx":
        language = tree_sitter_typescript.language_tsx()
    else:
        language = tree_sitter_javascript.language()
    return tree_sitter.Parser(tree_sitter.Language(language))


def parse(source: bytes, suffix: str) -> Node:
    """The root of the source's tree. Wrong syntax never raises: it becomes nodes of type ERROR."""
    return parser_for(suffix).parse(source).root_node


def text(node: Node | None) -> str:
    """The node's source, empty for none."""
    found = node.text if node is not None else None
    return found.decode("utf-8", "replace") if found else ""


def line(node: Node) -> int:
    """The line on which the node begins, from 1."""
    return node.start_point.row + 1


def field(node: Node, name: str) -> Node | None:
    """The child in that field of the grammar."""
    return node.child_by_field_name(name)


def parts(node: Node | None) -> list[Node]:
    """The children that mean something: no punctuation, no comments."""
    if node is None:
        return []
    return [child for child in node.named_children if child.type != "comment"]


def bare(node: Node | None) -> Node | None:
    """The expression within brackets, casts and ``await``."""
    while node is not None and node.type in WRAPPERS:
        children = parts(node)
        if not children:
            return node
        node = children[-1] if node.type == "type_assertion" else children[0]
    return node


def string(node: Node | None) -> str | None:
    """The text of a plain string literal, or of a template without holes."""
    if node is None or node.type not in ("string", "template_string"):
        return None
    if any(child.type == "template_substitution" for child in node.named_children):
        return None
    return text(node)[1:-1]


def errors(root: Node, most: int) -> Iterator[int]:
    """The lines on which the grammar could not go on, at most that many, in the file's order."""
    waiting = [root]
    found = 0
    while waiting and found < most:
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            found += 1
            yield line(node)
        elif node.has_error:
            waiting += reversed(node.children)


def assigned(root: Node, name: str) -> Iterator[Node]:
    """The expressions assigned to a name anywhere below, in the file's order."""
    wanted = name.encode()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "assignment_expression":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and left.text == wanted:
                yield right
        waiting += reversed(node.named_children)
