"""The kinds of single change that may flip a belief, each weighed on the draws of a run."""
