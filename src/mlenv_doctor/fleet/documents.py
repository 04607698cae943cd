"""Read what tells of one node: the answer of a node, a snapshot, or a saved report, plain or gzipped."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from ..documents.saved import is_report, report_of
from ..documents.snapshot import KIND as SNAPSHOT
from ..errors import BadInput
from ..examine.registry import Plugin
from ..foreign.clean import Cleaner
from ..foreign.text import line
from .node import KIND, Node, of_document, of_report
from .snapshots import Judge

LARGEST = 50 << 20  # bytes, unpacked
GZIP = b"\x1f\x8b"
LONGEST_WHY = 200  # characters


class Silent(BadInput):
    """A node that says why it has no answer."""


class Reader:
    """Turns documents into nodes. The plug-ins are only needed where a snapshot has to be judged."""

    def __init__(self, plugins: Callable[[], Iterable[Plugin]]) -> None:
        self._find = plugins

    @cached_property
    def _plugins(self) -> tuple[Plugin, ...]:
        return tuple(self._find())

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self._plugins)

    def node(self, data: bytes) -> Node:
        """The node that a document tells of. Raises Silent, and BadInput where it tells nothing that this version reads."""
        if data[:2] == GZIP:
            data = unzipped(data)
        if b'"kind": "%b"' % SNAPSHOT.encode() in data[:2000]:
            return self._judge.node(data)
        return self._of(parsed(data), data)

    def _of(self, document: Any, data: bytes) -> Node:
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind == KIND and "silent" in document:
            raise Silent(clean(document["silent"]))
        if kind == KIND:
            return of_document(document)
        if kind == SNAPSHOT:
            return self._judge.node(data)
        if is_report(document):
            _ = self._plugins  # the figures of a report are told by the facts of every family
            document = Cleaner().data(document)
            return of_report(report_of(document, "it"), document)
        raise BadInput("this is not a snapshot, a report or an answer of mlenv-doctor")


def parsed(data: bytes) -> Any:
    """The plain data of a JSON text. Raises BadInput."""
    if not data.strip():
        raise BadInput("it is empty")
    try:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        return json.loads(data.decode(encoding))
    except (ValueError, RecursionError):
        raise BadInput("this is not JSON") from None


def unzipped(data: bytes) -> bytes:
    """What a gzip file holds. Raises BadInput where it is damaged, or holds more than any document of ours."""
    packer = zlib.decompressobj(wbits=31)
    try:
        plain = packer.decompress(data, LARGEST)
    except zlib.error:
        raise BadInput("this gzip file is damaged") from None
    if packer.unconsumed_tail:
        raise BadInput(f"it has more than {LARGEST >> 20} MB unpacked")
    if not packer.eof:
        raise BadInput("this gzip file is cut off")
    return plain


def clean(why: object) -> str:
    """What a node, or a program that speaks for it, says: one short line without secrets."""
    return line(" ".join(Cleaner()(str(why)[:20_000], 2000).split()), LONGEST_WHY) or "no reason given"
