"""The picture of a run: tables, stages and gates as a graph that can be walked with mouse or keyboard."""
