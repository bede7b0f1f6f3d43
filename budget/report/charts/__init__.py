"""Charts, one function each: a small frame in, an Altair chart out."""
