"""What happened in the year, as a locality hands it over: read strictly, asked about, counted."""
