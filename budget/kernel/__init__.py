"""What every other room stands on: financial years, pence, checks, errors, hashes."""
