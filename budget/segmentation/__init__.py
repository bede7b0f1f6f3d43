"""Segmentation: schemes are data, compiled to SQL; every person is in exactly one segment."""
