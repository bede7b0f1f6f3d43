"""Need: what share of need each place has, by published weights, a model on cells, or segment cost."""
