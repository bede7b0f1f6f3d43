"""Deployments and notifications, handed to a Prefect server; doing it again replaces what is there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from budget.kernel.errors import CapitationError, ConfigurationError
from budget.kernel.yaml import read_yaml
from flows.server import configured_url, quiet_settings

_AUTOMATIONS = Path(__file__).parent.parent / "config" / "prefect" / "automations.yaml"
_POOL = "capitation"
_BLOCK = "capitation-notify"


@dataclass(frozen=True)
class Deployed:
    """What the server holds now.

    Attributes:
        pool: the work pool that a worker serves.
        deployments: their names.
        automations: names of the notifications; none where nobody is told.
    """

    pool: str
    deployments: tuple[str, ...]
    automations: tuple[str, ...]


def deploy(file: Path, notify: str | None) -> Deployed:
    """Make the work pool, the deployments and, where there is somebody to tell, the notifications.

    Args:
        file: the ``prefect.yaml``.
        notify: address that a notification is posted to; whoever was told before is told still when not given.

    Raises:
        ConfigurationError: no server is configured, or there is no such file.
        CapitationError: Prefect refuses the file.
    """
    if configured_url() is None:
        raise ConfigurationError("No Prefect server is configured: set PREFECT_API_URL (`capitation server` says it).")
    if not file.is_file():
        raise ConfigurationError(f"{file}: there is no such file.")
    os.environ.update(quiet_settings())
    _make_pool()
    _prefect("deploy", "--all", "--prefect-file", str(file))
    if notify:
        _make_automations(notify)
    names = tuple(str(one["name"]) for one in read_yaml(file)["deployments"])
    return Deployed(_POOL, names, tuple(one["name"] for one in _written()) if notify else ())


def _make_pool() -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=_POOL, type=ProcessWorker.type, base_job_template=template))
        except ObjectAlreadyExists:
            return


def _prefect(*words: str) -> None:
    """Run Prefect's own command without questions."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CapitationError(f"prefect {words[0]} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")


def _make_automations(notify: str) -> None:
    """Post what ``config/prefect/automations.yaml`` says to an address."""
    from prefect.blocks.webhook import Webhook
    from prefect.client.orchestration import get_client
    from prefect.events.schemas.automations import AutomationCore
    from pydantic import SecretStr

    block: Any = Webhook(method="POST", url=SecretStr(notify)).save(_BLOCK, overwrite=True)
    with get_client(sync_client=True) as client:
        for said in _written():
            for former in client.read_automations_by_name(said["name"]):
                client.delete_automation(former.id)
            client.create_automation(AutomationCore.model_validate(_automation(said, block)))


def _written() -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = read_yaml(_AUTOMATIONS)
    return written


def _automation(said: Mapping[str, Any], block: UUID) -> dict[str, Any]:
    """An automation as Prefect takes it: the text of the file becomes a message that is posted."""
    # the text is a template of its own, whose outcome is quoted as JSON
    payload = '{"text": {% filter tojson %}' + said["text"] + "{% endfilter %}}"
    action = {"type": "call-webhook", "block_document_id": block, "payload": payload}
    return {name: value for name, value in said.items() if name != "text"} | {"actions": [action]}
