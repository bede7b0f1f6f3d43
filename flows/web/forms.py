"""What a browser sends: fields of a form, and at most one file, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

_MOST_BYTES = 10_000_000
_MOST_FIELDS = 5_000


@dataclass(frozen=True)
class Form:
    """A form as it was sent.

    Attributes:
        fields: text by name; of a name that is there twice, the last.
        file: contents of the file; None where none was chosen.
        filename: its name as the browser gives it, for messages alone.
    """

    fields: Mapping[str, str]
    file: bytes | None = None
    filename: str = ""

    def text(self, name: str) -> str:
        """A field without the blanks around it; empty where it was not sent."""
        return self.fields[name].strip() if name in self.fields else ""


async def read_form(request: Request) -> Form:
    """Read a form.

    Raises:
        HTTPException: it is too large, or no form.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HTTPException(413, "What was sent is too large; a workbook of assumptions has less than 10 MB.")
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return Form(_fields(bytes(body)))
    if kind.startswith("multipart/form-data"):
        return _parts(kind, bytes(body))
    raise HTTPException(415, "This is not a form.")


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"))
    except ValueError:
        raise HTTPException(400, "The form cannot be read.") from None


def _parts(kind: str, body: bytes) -> Form:
    # text before the first part is ours, so that the message begins with its headers
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    fields: dict[str, str] = {}
    file, filename = None, ""
    for part in message.iter_parts() if message.is_multipart() else ():
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        if not isinstance(content, bytes) or not isinstance(name, str):
            raise HTTPException(400, "The form cannot be read.")
        chosen = part.get_filename()
        if chosen:
            file, filename = content, chosen
        elif chosen is None:
            fields[name] = content.decode("utf-8", "replace")
    return Form(fields, file, filename)
