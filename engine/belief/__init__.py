"""From a project to a posterior: evidence as arrays, one likelihood, two engines."""
