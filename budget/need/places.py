"""Places of an ICB as sets of practices, as a user writes them in YAML."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from budget.kernel.errors import ConfigurationError, faults
from budget.kernel.yaml import read_yaml


class Places(BaseModel):
    """Places of an ICB as sets of practices.

    Attributes:
        icb: code of the ICB that every place is compared with.
        places: practice codes by place. A practice may be in several places, since places may overlap.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    icb: StrictStr = Field(min_length=1)
    places: dict[StrictStr, tuple[StrictStr, ...]] = Field(min_length=1)

    @classmethod
    def read(cls, path: Path) -> Places:
        """Read ``icb: QXX`` and ``places: {Name: [practice, …], …}``.

        Raises:
            ConfigurationError: the file is missing, or written otherwise.
        """
        try:
            return cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise ConfigurationError("\n  ".join([f"{path}: the places cannot be read.", *faults(error)])) from None
