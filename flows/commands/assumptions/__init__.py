"""``capitation assumptions``: one module an action, named after it with a ``_``, as some are words of Python."""
