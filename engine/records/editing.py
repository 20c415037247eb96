"""Putting one field into a YAML file and leaving every other byte of it as it was."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping

import yamlrocks

from engine.errors import FaultyFilesError
from engine.records.reading import Document, parse

_WIDTH = 116
type Plain = str | bool | int | float


def with_field(document: Document, field: str, value: Mapping[str, Plain]) -> bytes:
    """The file with `field` holding `value`: added at the end, or in the place of what it held.

    yamlrocks tells where things stand; its own rewriting would touch spaces, flow lists and line ends elsewhere.
    What is spliced in is read back, and a FaultyFilesError raised where the file would say anything else besides.
    """
    wanted = {**document.data, field: dict(value)}
    for candidate in _candidates(document, field, value):
        try:
            if parse(document.path, candidate).data == wanted:
                return candidate
        except FaultyFilesError:
            continue
    lines = "\n".join(next(_blocks(field, value)))
    message = f"cannot be put in without touching other lines. Put it in by hand:\n{lines}"
    raise FaultyFilesError([document.fault((field,), message)])


def _candidates(document: Document, field: str, value: Mapping[str, Plain]) -> Iterator[bytes]:
    content = document.content
    root = yamlrocks.loads(content, option=yamlrocks.OPT_ROUND_TRIP).node
    if field in root:
        yield from _replaced(content, root[field], value)
    elif root.style == "flow":
        yield from _added_in_braces(content, root.end_offset, {field: dict(value)})
    else:
        for block in _blocks(field, value):
            yield from _added(content, textwrap.indent("\n".join(block), " " * (root.column - 1)), root.offset)


def _added(content: bytes, block: str, first_key: int) -> Iterator[bytes]:
    """At the end of the file, before the mark that ends the document, or, failing both, above the first key."""
    newline = _newline(content)
    added, end = newline.join(block.split("\n")).encode(), newline.encode()
    yield content + (b"" if content.endswith(b"\n") else end) + added + end
    above = content.rfind(b"\n", 0, first_key) + 1
    for at in (*(mark.start() for mark in re.finditer(rb"^\.\.\.", content, re.MULTILINE)), above):
        yield content[:at] + added + end + content[at:]


def _added_in_braces(content: bytes, start: int, value: Mapping[str, object]) -> Iterator[bytes]:
    """Before a closing brace, with or without a comma: the reader knows which one is right."""
    added = json.dumps(value, ensure_ascii=False)[1:-1].encode()
    for brace in re.finditer(rb"\}", content[start:]):
        at = start + brace.start()
        for joint in (b", ", b" "):
            yield content[:at] + joint + added + content[at:]


def _replaced(content: bytes, node: yamlrocks.YAMLRocksNode, value: Mapping[str, Plain]) -> Iterator[bytes]:
    start = node.offset
    if node.style == "flow":
        added = json.dumps(value, ensure_ascii=False).encode()
        for brace in re.finditer(rb"\}", content[node.end_offset :]):
            yield content[:start] + added + content[node.end_offset + brace.end() :]
    elif node.style == "block":
        first, *others = (node[key] for key in node.value)
        if first.comment or any(one.comment or one.comment_before for one in others):
            return  # nothing of what anybody noted between its lines is to be lost
        end = start + len(content[start : node.end_offset].rstrip())
        for _, *lines in _blocks("", value):
            block = textwrap.indent(textwrap.dedent("\n".join(lines)), " " * (node.column - 1)).lstrip()
            yield content[:start] + _newline(content).join(block.split("\n")).encode() + content[end:]


def _blocks(field: str, value: Mapping[str, Plain]) -> Iterator[list[str]]:
    """The field as lines: long text folded as people write it, then, should that not read back, in one line."""
    for fold in (True, False):
        lines = [f"{field}:"]
        for name, one in value.items():
            if fold and isinstance(one, str) and len(one) > _WIDTH:
                folded = textwrap.wrap(one, _WIDTH, break_long_words=False, break_on_hyphens=False)
                lines += [f"  {name}: >-", *(f"    {line}" for line in folded)]
            else:
                lines.append(f"  {name}: {_scalar(one)}")
        yield lines


def _scalar(value: Plain) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = yamlrocks.dumps([value]).decode().removeprefix("- ").rstrip("\n")
    return plain if "\n" not in plain else json.dumps(value, ensure_ascii=False)


def _newline(content: bytes) -> str:
    return "\r\n" if b"\r\n" in content else "\n"
