"""Capitated, integrated health budgets: the domain, free of Prefect and Great Expectations."""

__version__ = "0.1.0"
