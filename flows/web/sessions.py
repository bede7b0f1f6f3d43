"""Who is at the page: a cookie that cannot be guessed, and on this side of it what they have typed.

Nobody's drafts are seen with another cookie, and nothing is changed without the word that stands in one's own forms.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from fastapi import HTTPException, Request
from fastapi.responses import Response

from budget.assumptions.sheet import Key

_COOKIE = "capitation_desk"
_MOST_SESSIONS = 500


@dataclass
class Sitting:
    """What one session has typed over one run.

    Attributes:
        typed: text by name, year, line and place.
        year: the year that is looked at; the first budget year where it is empty.
        saved: name of the scenario that was saved last.
        version: how often it was changed.
        tab: the tab that changed it last; each page that is loaded is one.
    """

    typed: dict[Key, str] = field(default_factory=dict)
    year: str = ""
    saved: str = ""
    version: int = 0
    tab: str = ""

    def changed_by(self, tab: str) -> None:
        """Note a change."""
        self.version, self.tab, self.saved = self.version + 1, tab, ""

    def is_news_to(self, tab: str, seen: str) -> bool:
        """Whether another tab has changed it since this one saw a version."""
        return self.tab not in ("", tab) and seen != str(self.version)


@dataclass
class Session:
    """One browser.

    Attributes:
        id: what its cookie holds.
        word: what its forms hold.
        sittings: by run.
        jobs: reruns that it started.
    """

    id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    word: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    sittings: dict[str, Sitting] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)

    def at(self, run_id: str) -> Sitting:
        """What it has typed over a run."""
        return self.sittings.setdefault(run_id, Sitting())


class Sessions:
    """Every session, the one that was quiet longest first; of too many, that one is forgotten."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def of(self, request: Request) -> Session:
        """The session of a visitor; a new one where there is none."""
        with self._lock:
            known = self._by_id.get(request.cookies.get(_COOKIE, ""))
            session = known or Session()
            self._by_id[session.id] = session
            self._by_id.move_to_end(session.id)
            while len(self._by_id) > _MOST_SESSIONS:
                self._by_id.popitem(last=False)
            return session

    def asking(self, request: Request, fields: Mapping[str, str]) -> Session:
        """The session that sent a form.

        Raises:
            HTTPException: there is no such session, or the form is not one of its own.
        """
        with self._lock:
            session = self._by_id.get(request.cookies.get(_COOKIE, ""))
        word = fields.get("word", "")
        if session is None or not hmac.compare_digest(word.encode("utf-8", "replace"), session.word.encode()):
            raise HTTPException(403, "This form is no longer known here. Load the page again; the draft starts anew.")
        return session

    @staticmethod
    def keep(session: Session, response: Response, request: Request) -> None:
        """Give the visitor the cookie: no script reads it, no other site sends it."""
        secure = request.url.scheme == "https"
        response.set_cookie(_COOKIE, session.id, httponly=True, samesite="strict", secure=secure)
