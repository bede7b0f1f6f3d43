"""One run a locality at a time, by a concurrency limit of the Prefect server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LEASE = 60.0
"""Seconds until a run that was killed makes room for the next; a run that goes on renews its lease."""


def limit_of(locality: str) -> str:
    """The name of a locality's limit; of one that is named by its file, that of the file or its folder."""
    path = Path(locality)
    name = path.parent.name if path.name == "run.yaml" else path.stem
    return f"capitation-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}"


@contextmanager
def one_at_a_time(locality: str) -> Iterator[None]:
    """Wait until no other deployed run of the locality goes on, and keep others waiting meanwhile."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
    from prefect.concurrency.sync import concurrency
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

    name = limit_of(locality)
    with get_client(sync_client=True) as client:
        try:
            client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            with suppress(ObjectAlreadyExists):  # another run of the locality was faster
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
    with concurrency(name, occupy=1, lease_duration=_LEASE, strict=True):
        yield
