"""What a simulation of payment assumes, as the method has it, without anything that is uncertain."""

from __future__ import annotations

SIMULATED: dict[str, object] = {
    "simulated_activity": [1.06, 0.93],
    "simulation_draws": 20,
    "simulation_seed": 1,
    "growth_nondemographic": 0,
    "list_churn": 0,
    "choice_lines": ["acute_elective"],
    "primary_care_lines": ["primary_medical_care"],
    "provider_fixed_cost_share": 0.4,
    "outcome_score": 0.8,
    "tolerance_band": 0.02,
    "tolerance_share": 0.5,
    "cost_volume_core": 0.8,
    "cost_volume_floor": 0.8,
    "cost_volume_ceiling": 1.05,
    "cost_volume_rate": 0.8,
    "cap_and_collar": 0.02,
    "marginal_rate": 0.7,
    "blended_share": 0.2,
    "aligned_share": 1,
    "quality_incentive_share": 0.01,
    "gain_share": 0.5,
    "loss_share": 0.5,
    "gainloss_deadband": 0.02,
    "gainloss_cap": 0.05,
    "gainloss_basis": "first_dollar",
}
"""Assumptions beside ``ips_share`` and ``risk_pool_share``."""
