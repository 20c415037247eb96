"""From the bytes of a YAML file to a record, every fault with its line and what to do about it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yamlrocks
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import Fault, FaultyFilesError, nearest

MAX_BYTES = 2_000_000
MAX_DEPTH = 50
_STRICT = yamlrocks.OPT_DUPLICATE_KEYS_ERROR | yamlrocks.OPT_REJECT_COMPLEX_KEYS

type FieldPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML file: the path shown to people, its bytes, and its mapping."""

    path: str
    content: bytes
    data: Mapping[str, Any]

    @cached_property
    def _tree(self) -> Any:
        return yamlrocks.loads(self.content, option=yamlrocks.OPT_ROUND_TRIP)

    @cached_property
    def _lines(self) -> list[str]:
        return self.content.decode("utf-8").splitlines()

    def fault(self, field: FieldPath, message: str) -> Fault:
        """A fault of this file at `field`, with the line it stands on."""
        return Fault(self.path, self.line(field), ".".join(map(str, field)), message)

    def line(self, field: FieldPath) -> int:
        """The line of `field`, or of the nearest field around it that is there."""
        for length in range(len(field), 0, -1):
            node = self._tree.locate(list(field[:length]))
            if node is not None:
                return int(node.line) if node.value is not None else self._line_of_key(field[:length])
        return 1

    def _line_of_key(self, field: FieldPath) -> int:
        """The line of a key with nothing behind it: such a value stands nowhere itself."""
        start = self.line(field[:-1]) if len(field) > 1 else 1
        key = re.compile(rf"(^|[\s{{,'\"]){re.escape(str(field[-1]))}['\"]?\s*:")
        found = (number for number, line in enumerate(self._lines[start - 1 :], start) if key.search(line))
        return next(found, start)


def parse(path: str, content: bytes) -> Document:
    """Read YAML 1.2: `no` stays text, keys stand once, nothing is executed, size and depth are bounded."""
    if len(content) > MAX_BYTES:
        raise FaultyFilesError([Fault(path, 0, "", f"must be at most {MAX_BYTES:,} bytes, got {len(content):,}.")])
    try:
        documents = yamlrocks.loads_all(content.decode("utf-8"), option=_STRICT)
    except UnicodeDecodeError as error:
        message = f"must be UTF-8 text, got the byte {content[error.start]:#04x} at offset {error.start}."
        raise FaultyFilesError([Fault(path, 0, "", message)]) from None
    except yamlrocks.YAMLRocksError as error:
        line = getattr(error, "line", None) or 0
        raise FaultyFilesError([Fault(path, line, "", f"is not readable YAML: {error}.")]) from None
    if len(documents) > 1:
        raise FaultyFilesError([Fault(path, 0, "", f"must be one YAML document, got {len(documents)} parted by ---.")])
    data = documents[0] if documents else None
    if not isinstance(data, dict) or not data:
        raise FaultyFilesError([Fault(path, 1, "", "must be a mapping of fields, like `title: ...`.")])
    if _too_deep(data):
        raise FaultyFilesError([Fault(path, 0, "", f"must be nested at most {MAX_DEPTH} deep.")])
    document = Document(path, content, {str(key): value for key, value in data.items()})
    for field in _keys_twice(data):
        raise FaultyFilesError([document.fault(field, "must name each key once, got it as a number and as text.")])
    return document


def _too_deep(data: Any) -> bool:
    """Whether anything is nested deeper than any record is."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)


def _keys_twice(data: Any, at: FieldPath = ()) -> Iterator[FieldPath]:
    """Keys that differ as YAML but not as names, such as 1 and "1"."""
    if isinstance(data, dict):
        names = Counter(map(str, data))
        yield from ((*at, key) for key in data if isinstance(key, str) and names[key] > 1)
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _keys_twice(value, (*at, key))


def read[R: BaseModel](document: Document, kind: type[R], at: FieldPath = (), **given: str) -> R:
    """The record at `at` in the document; `given` are fields the file name supplies, not the text."""
    data: Any = document.data
    for step in at:
        data = data[step]
    if isinstance(data, dict):
        faults = [
            document.fault((*at, name), f"comes from the file name ({value}). Remove it.")
            for name, value in given.items()
            if name in data
        ]
        if faults:
            raise FaultyFilesError(faults)
        data = {**given, **data}
    try:
        return kind.model_validate_json(_to_json(data))
    except ValidationError as error:
        raise FaultyFilesError(_translate(document, kind, at, details) for details in error.errors()) from None


def _to_json(data: Any) -> str:
    """JSON is the strict form: a list may be a tuple and text a date, but text is never a number."""
    return json.dumps(data, ensure_ascii=False, default=str)


def _translate(document: Document, kind: type[BaseModel], at: FieldPath, details: ErrorDetails) -> Fault:
    """A validator's complaint in the words of this house."""
    location = _existing(document.data, at + tuple(details["loc"]), details["type"])
    found, context = details["input"], details.get("ctx", {})
    match details["type"]:
        case "missing":
            message = "is missing. Add it."
        case "extra_forbidden":
            known = _fields_beside(kind, tuple(details["loc"]))
            message = f"is not a field here. {nearest(str(details['loc'][-1]), known)}"
        case "literal_error":
            message = f"must be {context['expected']}, got {_shown(found)}."
        case "value_error" | "assertion_error":
            message = str(context.get("error", details["msg"]))
        case "model_type" | "model_attributes_type" | "dict_type":
            message = f"must be a mapping of fields, got {_shown(found)}."
        case "tuple_type" | "list_type":
            message = f"must be a list, got {_shown(found)}."
        case _:
            message = f"{details['msg'].replace('Input should', 'must').replace('String should', 'must')}, got {_shown(found)}."
    return document.fault(location, message)


def _existing(data: Any, location: FieldPath, kind: str) -> FieldPath:
    """`location` without the parts a validator added that are no field of the file."""
    path: list[str | int] = []
    for step in location:
        if _holds(data, step):
            path.append(step)
            data = data[step]
    return (*path, location[-1]) if kind == "missing" and location[-1:] != tuple(path[-1:]) else tuple(path)


def _holds(data: Any, step: str | int) -> bool:
    """Whether a mapping has this key, or a list this place."""
    if isinstance(data, Mapping):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)


def _fields_beside(kind: type[BaseModel], location: FieldPath) -> list[str]:
    """Names of the fields allowed where `location` stands."""
    model: Any = kind
    for step in location[:-1]:
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            break
        if isinstance(step, str) and step in model.model_fields:
            model = _record_in(model.model_fields[step].annotation)
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _record_in(annotation: Any) -> Any:
    """The record type inside an annotation like `tuple[Driver, ...]` or `Outlook | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _record_in(argument)
        if found is not None:
            return found
    return None


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
