"""The finance page: a run's assumptions at hand, what a change would do, scenarios and reruns."""
