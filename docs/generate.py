"""Write the pages, and the parts of pages, that say what the code and its settings say.

    python docs/generate.py           write them
    python docs/generate.py --check   say whether they are current; exit status 1 where they are not

``data-dictionary.md``, ``parameters.md`` and ``config/assumptions/schema.json`` are written whole. In ``method.md``
only what stands between a ``generated`` mark and its ``end`` is replaced; so in ``guides/contracts.md``.
What is written, and by what, is in ``parts``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from parts.pages import pages


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` say which are not current."""
    stale = {
        path: text for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if "--check" in arguments:
            sys.stderr.write(f"{path.name} is not current: run python docs/generate.py\n")
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
