"""The gates: expectation suites, the evidence they judge, their thresholds and their report.

A gate asks one SELECT a table for one row of counts, shares and amounts, and lets Great Expectations judge
that row. No row of a person ever enters Great Expectations.
"""
