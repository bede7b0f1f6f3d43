"""What the documentation says of the code and its settings, one module a subject; `docs/generate.py` writes it."""
