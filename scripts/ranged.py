"""Files on a server, of which only the parts that are read are asked for."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Mapping

BLOCK = 1 << 20  # bytes of one request


class Unreadable(Exception):
    """The index or a wheel of it cannot be read; the text says what and why."""


class Ranged:
    """A file on a server, of which only what is read is asked for."""

    def __init__(self, url: str) -> None:
        self.url, self.place, self.blocks = url, 0, dict[int, bytes]()
        with opened(url, {"Range": "bytes=0-0"}) as answer:
            size = re.fullmatch(r"bytes 0-0/(\d+)", answer.headers.get("Content-Range", ""))
        if not size:
            raise Unreadable(
                f"{url}: this server does not answer requests for a part of a file, and whole wheels are not downloaded"
            )
        self.size = int(size[1])

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = 0) -> int:
        place = offset + (0, self.place, self.size)[whence]
        if place < 0:
            raise OSError("before the beginning of the file")  # as any file does; zipfile counts on it
        self.place = place
        return place

    def read(self, size: int = -1) -> bytes:
        end = self.size if size < 0 else min(self.size, self.place + size)
        whole = b""
        while self.place < end:
            number, begin = divmod(self.place, BLOCK)
            part = self._block(number)[begin : begin + end - self.place]
            if not part:
                raise Unreadable(f"{self.url}: the server sent less than the file holds")
            whole, self.place = whole + part, self.place + len(part)
        return whole

    def _block(self, number: int) -> bytes:
        if number not in self.blocks:
            last = min(self.size, (number + 1) * BLOCK) - 1
            with opened(self.url, {"Range": f"bytes={number * BLOCK}-{last}"}) as answer:
                self.blocks = {number: answer.read(), **dict(list(self.blocks.items())[:8])}
        return self.blocks[number]


def opened(url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    """The answer of a server. Raises Unreadable."""
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers)), timeout=60)
        return answer
    except (urllib.error.URLError, ValueError, OSError) as why:
        raise Unreadable(f"{url}: {getattr(why, 'reason', why)}") from None
