"""Who may look at the page of runs: whoever sits at this machine, or whoever holds the token."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

_COOKIE = "capitation_token"
_ASKED_AS = "token"

Next = Callable[[Request], Awaitable[Response]]


def is_local(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(32)


def ask_for(token: str) -> Callable[[Request, Next], Awaitable[Response]]:
    """A guard that lets only those pass who bring the token.

    The first visit brings it in the address; it then goes into a cookie that no script reads and no other site sends,
    and out of the address, so that it stands in no history.
    """

    async def guard(request: Request, call_next: Next) -> Response:
        asked = request.query_params.get(_ASKED_AS)
        if asked is not None and _same(asked, token):
            answer: Response = RedirectResponse(request.url.path, status_code=303)
            answer.set_cookie(_COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https")
            return answer
        if _same(request.cookies.get(_COOKIE, ""), token):
            return await call_next(request)
        return PlainTextResponse("This page asks for the token that `capitation serve` printed.", status_code=403)

    return guard


def _same(given: str, token: str) -> bool:
    """Compared in a time that does not tell how much of it was right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8"))
