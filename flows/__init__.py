"""How runs are started: the command line, direct runs and Prefect. Everything here is thin."""
